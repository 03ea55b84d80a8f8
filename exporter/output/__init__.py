"""Renders a report: for a terminal, for a page, for CI systems, for programs.

What belongs here: layout, escaping. What does not: judgements, or facts that the report does not hold.
"""
