"""Speaks to Kubernetes API servers: credentials, requests, list and watch.

What belongs here: HTTP, authentication, discovery, the list+watch protocol, backoff.
What does not: boot sources, particular kinds, or what rows are used for.
"""
