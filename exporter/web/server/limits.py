"""What one client, and all of them, may ask of the server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Times are in seconds."""

    header_bytes: int = 8192
    header_seconds: float = 5.0
    """For the whole head of a request, from its first byte; of the first request from the connection on, so that a TLS
    handshake counts as well."""
    idle_seconds: float = 60.0
    """Between two requests on a connection."""
    write_seconds: float = 30.0
    """For the client to take an answer."""
    in_flight: int = 40
    """Requests worked on at once; one more waits for its turn. Urgent ones are not counted."""
    queue_seconds: float = 1.0
    """For a request to be begun; then it gets 503. Without a queue fifty clients that ask at the same instant would not
    all be answered, although each answer takes a millisecond."""
    connections: int = 600
    """Open connections; one more costs the one that has waited longest."""
