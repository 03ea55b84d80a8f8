"""The doctor: what it says of every answer and every fault that Prometheus and Alertmanager can give."""
