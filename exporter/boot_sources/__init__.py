"""Boot sources as readers see them: one document with everything that is joined, and one row each.

What belongs here: which objects make up a boot source, its state in words. What does not: HTTP, layout.
"""
