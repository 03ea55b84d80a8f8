"""Workers: a small pool of threads that work out answers."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from exporter.base.isolate import Crash, isolated
from exporter.web.server.connection import Connection
from exporter.web.server.http import Request, Response, refusal

log = logging.getLogger(__name__)


class Workers:
    """Each connection that is handed in comes back with its answer, some of which is sent already."""

    def __init__(
        self,
        handle: Callable[[Request], Response],
        size: int,
        refused: Callable[[int], None],
        wake: Callable[[], None],
    ) -> None:
        """`refused` is told of a 500 that `handle` did not give; `wake` is called when a connection comes back."""
        self._handle = handle
        self._size = size
        self._refused = refused
        self._wake = wake
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="http")
        self._returned: deque[Connection] = deque()
        self._busy = 0
        self._ending = False

    @property
    def full(self) -> bool:
        """There is nobody left for one more request."""
        return self._busy >= self._size

    def begin(self, connection: Connection, request: Request) -> None:
        """Work on this request; nobody else touches the connection until it comes back."""
        self._busy += 1
        self._pool.submit(self._work, connection, request)

    def finished(self) -> Iterator[Connection]:
        """The connections that have come back."""
        while self._returned:
            self._busy -= 1
            yield self._returned.popleft()

    def last_answers(self) -> None:
        """From now on connections are closed after their answer."""
        self._ending = True

    def stop(self) -> None:
        """Begin nothing any more; do not wait."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, connection: Connection, request: Request) -> None:
        """In a thread of the pool: work out the answer and send what the client takes at once."""
        crash = isolated(partial(self._answer, connection, request))
        if isinstance(crash, Crash):
            log.error("request failed: a defect of the exporter", extra={"path": request.path, "trace": crash.trace})
            self._refused(500)
            response = refusal(500, "this is a defect of the exporter; its log says more")
            connection.answer(response, body=request.method != "HEAD", keep_alive=False)
        if not connection.send():
            connection.unsent.clear()
            connection.keep_alive = False
        self._returned.append(connection)
        self._wake()

    def _answer(self, connection: Connection, request: Request) -> None:
        response = self._handle(request)
        keep_alive = request.keep_alive and not self._ending
        connection.answer(response, body=request.method != "HEAD", keep_alive=keep_alive)
