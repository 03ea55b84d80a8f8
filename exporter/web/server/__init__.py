"""An HTTP server that knows nothing of boot sources: sockets, TLS, limits, requests and answers."""
