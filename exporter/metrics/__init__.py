"""Metrics: families of facts declared once, rendered lazily, and what the exporter says of itself.

What belongs here: what is exposed and under which name, and how it becomes text. What does not: judgements (checks),
joins that anyone else needs (joints), HTTP.
"""
