"""What `serve` keeps running: evaluation, access control, the exporter as a whole."""
