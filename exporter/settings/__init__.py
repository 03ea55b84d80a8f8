"""The configuration file: how it is read, what it may say, and how a change of it is noticed.

What belongs here: text to values, with the line of every mistake. What does not: what the values mean.
"""
