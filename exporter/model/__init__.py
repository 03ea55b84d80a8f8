"""Narrow, frozen models of the Kubernetes objects we look at, one module per API group.

What belongs here: the fields that some check or family uses, how they are decoded, and what a field means in each API
version. What does not: joins, judgements, I/O. Everything else of an object is dropped while decoding.
"""
