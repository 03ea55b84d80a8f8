"""What every other package may use, and that knows nothing of clusters: clock, logs, terminal, durations."""
