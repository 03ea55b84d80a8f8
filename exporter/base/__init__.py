"""What every part may use and that has never heard of a cluster: clock, log, terminal, durations."""
