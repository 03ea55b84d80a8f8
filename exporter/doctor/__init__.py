"""`doctor`: follows the chain from the cluster to the one who is notified, and says where it is broken.

What belongs here: questions to the API server, Prometheus and Alertmanager about ourselves, and what their answers
mean. What does not: judgements about boot sources.
"""
