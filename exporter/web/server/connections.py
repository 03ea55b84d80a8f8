"""Connections: those that are open, and what the selector waits for on their behalf."""

from __future__ import annotations

from selectors import BaseSelector

from exporter.web.server.connection import ClientConnection, Phase


class ClientConnections:
    """All open connections of a server. Used by its loop only."""

    def __init__(self, selector: BaseSelector) -> None:
        self._selector = selector
        self._open: set[ClientConnection] = set()

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, connection: object) -> bool:
        return connection in self._open

    def add(self, connection: ClientConnection) -> None:
        """One more."""
        self._open.add(connection)
        self.wait(connection)

    def wait(self, connection: ClientConnection) -> None:
        """Let the selector wait for what the connection needs to get further."""
        wanted = connection.channel.waits_for
        if not connection.awaited:
            self._selector.register(connection.channel.client, wanted, connection)
        elif connection.awaited != wanted:
            self._selector.modify(connection.channel.client, wanted, connection)
        connection.awaited = wanted

    def leave(self, connection: ClientConnection) -> None:
        """Do not wait for it for now: somebody else uses it."""
        if connection.awaited:
            self._selector.unregister(connection.channel.client)
            connection.awaited = 0

    def close(self, connection: ClientConnection) -> None:
        """One less."""
        self._open.discard(connection)
        try:
            self.leave(connection)
        finally:
            connection.close()

    def close_all(self, *phases: Phase) -> None:
        """Close those in one of these phases; without a phase, all."""
        for connection in [c for c in self._open if not phases or c.phase in phases]:
            self.close(connection)

    def evict(self) -> bool:
        """Close the connection that has waited longest; False if all are being worked on.

        Not the one whose patience ends first: that is the newest, as soon as idle connections hold all places.
        """
        waiting = self._waiting()
        if waiting:
            self.close(min(waiting, key=lambda c: c.since))
        return bool(waiting)

    def queued(self) -> list[ClientConnection]:
        """Those whose request waits for its turn, the first one first."""
        return sorted((c for c in self._open if c.phase is Phase.QUEUED), key=lambda c: c.since)

    def overdue(self, now: float) -> list[ClientConnection]:
        """Those whose patience has ended."""
        return [c for c in self._waiting() if c.deadline <= now]

    def first_deadline(self) -> float | None:
        """When the next one's patience will end."""
        return min((c.deadline for c in self._waiting()), default=None)

    def _waiting(self) -> list[ClientConnection]:
        return [c for c in self._open if c.phase is not Phase.HANDLING]
