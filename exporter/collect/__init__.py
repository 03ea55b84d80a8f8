"""Writes what an audit reads of a cluster into one file, without what is secret.

What belongs here: listing, removing sensitive fields, writing. What does not: reading such a file (`exporter/dump`).
"""
