"""Watches, joins and judges KubeVirt boot sources; publishes metrics and findings."""
