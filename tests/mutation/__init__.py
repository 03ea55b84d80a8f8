"""Mutation testing of the checks: change a check in one place, and see whether its tests notice.

`python -m tests.mutation` tries all mutants and writes docs/mutation.md. The tools of the field do not fit: one leaves
out every function with a decorator, which all checks have; the others start an interpreter for each of thousands of
mutants, where a fork of one that has loaded everything else takes a fifth of the time.
"""
