"""Workers: a small pool of threads that work out answers.

Not the standard library's pool: that one joins its threads when the interpreter exits, so that a request that does not
end would keep the program from ending; it keeps a task whose thread could not be started; and it does not tell whether
its threads live.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from queue import SimpleQueue
from threading import Thread

from exporter.base.isolate import Crash
from exporter.web.server.connection import ClientConnection
from exporter.web.server.failures import Failures, Part
from exporter.web.server.http import Request, Response, refuse

_Task = tuple[ClientConnection, Request] | None
"""None ends the thread that takes it."""


class Workers:
    """Each connection that is handed in comes back with its answer, some of which is sent already."""

    def __init__(
        self,
        name: str,
        handle: Callable[[Request], Response],
        size: int,
        refused: Callable[[int], None],
        wake: Callable[[], None],
        failures: Failures,
    ) -> None:
        """`refused` is told of a 500 that `handle` did not give; `wake` is called when a connection comes back."""
        self._name = name
        self._handle = handle
        self._size = size
        self._refused = refused
        self._wake = wake
        self._failures = failures
        self._threads: list[Thread] = []
        self._tasks: SimpleQueue[_Task] = SimpleQueue()
        self._returned: deque[ClientConnection] = deque()
        self._busy = 0
        self._ending = False

    @property
    def full(self) -> bool:
        """As many requests are worked on as there may be threads."""
        return self._busy >= self._size

    def alive(self) -> bool:
        """No thread has ended by itself."""
        return all(thread.is_alive() for thread in self._threads)

    def begin(self, connection: ClientConnection, request: Request) -> None:
        """Work on this request; the connection belongs to the worker until it comes back.

        Raises RuntimeError if the system has no thread for it, not even one.
        """
        if self._busy >= len(self._threads) and len(self._threads) < self._size:
            self._hire()
        self._busy += 1
        self._tasks.put((connection, request))

    def take_finished(self) -> Iterator[ClientConnection]:
        """The connections that have come back."""
        while self._returned:
            self._busy -= 1
            yield self._returned.popleft()

    def last_answers(self) -> None:
        """From now on connections are closed after their answer."""
        self._ending = True

    def stop(self) -> None:
        """Let each thread end after its request; do not wait."""
        for _ in self._threads:
            self._tasks.put(None)

    def _hire(self) -> None:
        thread = Thread(target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # The limit of processes is reached: with fewer threads the answers take longer, and that is all.
            if not self._threads:
                raise
            return
        self._threads.append(thread)

    def _run(self) -> None:
        while task := self._tasks.get():
            connection, request = task
            crash = self._failures.isolate(Part.CONNECTION, partial(self._work, connection, request))
            if isinstance(crash, Crash):
                connection.give_up()
            # Whatever happened: a connection that did not come back would keep its place here for good.
            self._returned.append(connection)
            self._wake()

    def _work(self, connection: ClientConnection, request: Request) -> None:
        """Work out the answer and send what the client takes at once."""
        crash = self._failures.isolate(Part.REQUEST, partial(self._answer, connection, request), path=request.path)
        if isinstance(crash, Crash):
            self._refused(500)
            response = refuse(500, "this is a bug of the exporter; its log says more")
            connection.answer(response, body=request.method != "HEAD", keep_alive=False)
        if not connection.send():
            connection.give_up()

    def _answer(self, connection: ClientConnection, request: Request) -> None:
        response = self._handle(request)
        keep_alive = request.keep_alive and not self._ending
        connection.answer(response, body=request.method != "HEAD", keep_alive=keep_alive)
