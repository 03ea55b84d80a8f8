"""What is generated from the declarations: documentation, RBAC, schemas. `generate` writes it, `--check` compares.

What belongs here: turning declarations into text. What does not: facts. Whatever a page says is said by a declaration,
or it is a sentence about all of them.
"""
