"""CHECKS: every judgement that we make, in the order of the causal chain. One module per check, named like it.

What belongs here: pure functions from a subject and its surroundings to a verdict, and what people need to know about
it. What does not: I/O, clocks, logging, anything that a second check could share (that is a joint).
"""
