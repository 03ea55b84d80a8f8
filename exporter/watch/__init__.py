"""Watching a cluster: which resources, in which namespaces, by which connection."""
