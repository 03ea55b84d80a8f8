"""Dispatcher: which threads work on a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exporter.web.server.connection import ClientConnection
from exporter.web.server.failures import Failures
from exporter.web.server.http import Request, Response
from exporter.web.server.workers import Workers


class Dispatcher:
    """Two pools: urgent requests have a thread of their own, so that no number of other requests holds them up."""

    def __init__(
        self,
        handle: Callable[[Request], Response],
        urgent: Callable[[Request], bool],
        in_flight: int,
        *,
        refused: Callable[[int], None],
        wake: Callable[[], None],
        failures: Failures,
    ) -> None:
        """`refused` is told of a 500 that `handle` did not give; `wake` is called when a connection comes back."""
        self._urgent = urgent
        self._workers = Workers("http", handle, in_flight, refused, wake, failures)
        self._urgent_worker = Workers("probes", handle, 1, refused, wake, failures)
        self._pools = (self._urgent_worker, self._workers)

    @property
    def full(self) -> bool:
        """Only urgent requests can be begun now."""
        return self._workers.full

    def begin(self, connection: ClientConnection, request: Request) -> bool:
        """Work on this request; False if as many as may be are worked on already.

        The connection belongs to the worker until it comes back. Raises RuntimeError if there is no thread at all.
        """
        urgent = self._urgent(request)
        if not urgent and self.full:
            return False
        (self._urgent_worker if urgent else self._workers).begin(connection, request)
        return True

    def take_finished(self) -> Iterator[ClientConnection]:
        """The connections that have come back."""
        for pool in self._pools:
            yield from pool.take_finished()

    def alive(self) -> bool:
        """No thread has ended by itself."""
        return all(pool.alive() for pool in self._pools)

    def last_answers(self) -> None:
        """From now on connections are closed after their answer."""
        for pool in self._pools:
            pool.last_answers()

    def stop(self) -> None:
        """Let each thread end after its request; do not wait."""
        for pool in self._pools:
            pool.stop()
