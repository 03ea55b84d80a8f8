"""Options, the configuration file, and how a change of the file is noticed.

What belongs here: text to values, with the line of every mistake. What does not: what the values mean.
"""
