"""HTTP: a small bounded server, the routes, the page for people and the documents for programs.

What belongs here: the protocol, who may ask what, how answers are laid out. What does not: facts and judgements.
"""
