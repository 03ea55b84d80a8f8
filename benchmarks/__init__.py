"""Benchmarks of the whole program against real servers, side by side with kube-state-metrics."""
