"""Speaks to Kubernetes API servers: credentials, requests, list and watch.

What belongs here: HTTP, authentication, discovery, the list+watch protocol, backoff.
What does not: any knowledge of boot sources, of particular kinds, or of what rows are used for.
"""
