"""Reflector: keeps one table equal to one resource of the API server while the program runs.

One loop: find the served version, list, watch until the watch ends, repeat. Every error becomes a state and a wait; the
old rows stay until a new list is complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from random import Random
from threading import Event
from typing import Final, Generic, TypeVar

from exporter.base.clock import Clock
from exporter.base.isolate import Crash, run_isolated
from exporter.kube.backoff import LIVED, Backoff, Timing
from exporter.kube.client import Client
from exporter.kube.contract import Codec, Sink, State
from exporter.kube.discovery import Target, served_version
from exporter.kube.errors import (
    ForbiddenError,
    GoneError,
    InvalidError,
    KubeError,
    NotFoundError,
    ProtocolError,
    StatusError,
    ThrottledError,
    TimedOutError,
    UnreachableError,
)
from exporter.kube.events import Bookmark, EventType, decode, event_type, expect_forward
from exporter.kube.lists import ListMethod, ListResult, first_events, list_paged, list_unpaged
from exporter.kube.stats import CRASHED, ReflectorStats
from exporter.kube.stream import Stream
from exporter.kube.table_state import TableState

T = TypeVar("T")


_SILENT_WATCHES: Final = 3
"""After how many watches in a row that were silent from their start the table is listed again: the server may have
been set back and not have reached the version of the watch yet."""


class Reflector(Generic[T]):
    """Lists and watches one target and writes to a sink. `run` needs its own thread and never raises."""

    def __init__(
        self,
        client: Client,
        target: Target,
        codec: Codec[T],
        sink: Sink[T],
        clock: Clock,
        random: Random | None = None,
        *,
        stop: Event | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.target = target
        self.stats = ReflectorStats()
        self._client = client.branch()
        self._codec = codec
        self._sink = sink
        self._clock = clock
        self._random = random or Random()  # noqa: S311  (jitter, not secrets)
        self._backoff = Backoff(self._random)
        self._stop = stop or Event()
        self._timing = timing or Timing()
        self._standing = TableState(target, sink, clock, self._timing)
        self._way = ListMethod.WATCH_LIST
        self._version: str | None = None
        self._resource_version = ""
        self._live_since: float | None = None
        self._bookmarked = False
        self._followed = False
        self._silent_watches = 0
        self._relist_at = inf

    def stop(self) -> None:
        """End `run`, even while it waits for the server. Sets the event, which other reflectors may share."""
        self._stop.set()
        self._client.close()

    def run(self) -> None:
        """Keep the table up to date until `stop`, or until the event is set and the client is closed."""
        try:
            while not self._stop.is_set():
                # Isolated: if an unexpected answer ended this thread, the rows would become old without any sign of it.
                ended = run_isolated(self._attempt)
                wait = self._note_crash(ended) if isinstance(ended, Crash) else ended
                if wait > 0:
                    self._clock.wait(self._stop, wait)
        finally:
            self._client.close()
            if not self._stop.is_set():
                self._standing.note_failure("the thread of this watch has ended; restart the exporter")

    def _attempt(self) -> float:
        """List if needed, then watch; returns the seconds to wait before the next attempt. Raises KubeError."""
        self._live_since = None
        try:
            version = served_version(self._client, self.target)
            if version is None:
                return self._not_served("the API server does not serve it")
            if version != self._version:
                # The resourceVersion of one API version need not be valid in another: list again.
                self._version, self._resource_version = version, ""
            if self._clock.monotonic() >= self._relist_at:
                self._resource_version = ""
            if self._resource_version or not self._watch_list():
                if not self._resource_version:
                    self._list()
                self._watch()
        except KubeError as error:
            return 0.0 if self._stop.is_set() else self._note_error(error)
        return 0.0 if self._lifetime() >= LIVED else self._backoff.next()

    def _not_served(self, detail: str) -> float:
        """Record that the resource is not served; returns the seconds to wait."""
        if self._standing.tolerate_missing(detail):
            return self._backoff.next()
        return self._note_state(State.NOT_SERVED, detail)

    def _note_state(self, state: State, detail: str) -> float:
        """Record a state without rows; returns the seconds to wait."""
        self._resource_version = ""
        self._standing.settle(state, detail)
        return self._backoff.slow()

    def _lifetime(self) -> float:
        """Seconds for which the watch that has just ended was alive."""
        seconds = 0.0 if self._live_since is None else self._clock.monotonic() - self._live_since
        self._backoff.note_lifetime(seconds)
        return seconds

    def _note_error(self, error: KubeError) -> float:
        """Record an error; returns the seconds to wait."""
        self.stats.requests[error.reason] += 1
        self._lifetime()
        match error:
            case ForbiddenError():
                return self._note_state(State.FORBIDDEN, str(error))
            case NotFoundError():
                return self._not_served(str(error))
            case GoneError() | InvalidError():
                # The server cannot continue from this version: list again. The rows stay until that list is complete.
                self._resource_version = ""
            case ThrottledError() if self._standing.tolerate_throttling():
                self._standing.set_state(State.PENDING, str(error))
                return self._backoff.next(error.retry_after)
            case TimedOutError() if self._live_since is not None and self._bookmarked:
                self._fell_silent()
        # A single broken watch or an expired version is routine. Only one that fails again at once is a failure.
        if self._backoff.failures or not (self._live_since is not None or isinstance(error, GoneError)):
            self._standing.note_failure(str(error))
        return self._backoff.next(error.retry_after if isinstance(error, StatusError) else None)

    def _fell_silent(self) -> None:
        """Record that a server which sends bookmarks was silent for longer than the timeout."""
        if self._followed:
            self._silent_watches = 0
            self._standing.note_failure("the watch fell silent; the connection may be half open")
            return
        self._silent_watches += 1
        if self._silent_watches >= _SILENT_WATCHES:
            # The server may have been set back: until it reaches this version again it sends nothing. List again.
            self._silent_watches, self._resource_version = 0, ""

    def _note_crash(self, crash: Crash) -> float:
        """Record an unexpected error; returns the seconds to wait."""
        if self._stop.is_set():
            return 0.0
        self.stats.requests[CRASHED] += 1
        self._lifetime()
        # The crash may have lost an event. The rows stay as stale ones until a new list is complete.
        self._resource_version = ""
        self._standing.note_crash(crash)
        return self._backoff.next()

    @property
    def _path(self) -> str:
        return self.target.path(self._version or "")

    def _note_progress(self) -> None:
        self.stats.listing += 1
        if self._stop.is_set():
            raise UnreachableError("stopped")

    def _take(self, listed: ListResult[T]) -> None:
        self._sink.replace(listed.rows, listed.rejected)
        self._resource_version = listed.resource_version
        size = len(listed.rows) + len(listed.rejected)
        self._relist_at = self._clock.monotonic() + max(self._timing.relist, size * self._timing.relist_object)
        self._standing.listed = True
        self.stats.lists += 1
        self.stats.requests["ok"] += 1

    def _live(self) -> None:
        self.stats.watches += 1
        self._live_since = self._clock.monotonic()
        self._followed = False
        self._sink.alive()
        self._standing.live()

    def _list(self) -> None:
        """List the resource by the cheapest method that the server supports. Raises KubeError."""
        self.stats.listing = 0
        read = list_paged if self._way is ListMethod.PAGES else list_unpaged
        try:
            self._take(read(self._client, self._path, self.target.selectors, self._codec, self._note_progress))
        except (ProtocolError, InvalidError):
            self._way = ListMethod.PAGES
            raise
        except UnreachableError:
            if self.stats.listing:
                # The list broke off: a proxy may limit the size of answers, so try pages next.
                self._way = ListMethod.PAGES
            raise

    def _watch_params(self) -> tuple[dict[str, str], float]:
        """Query parameters of a watch, and the seconds for which it may be silent."""
        seconds = self._random.randint(*self._timing.watch)
        params = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(seconds)}
        patience = seconds + self._timing.slack
        return {**self.target.selectors, **params}, min(patience, self._timing.silent) if self._bookmarked else patience

    def _watch_list(self) -> bool:
        """List and watch with one request; False if the server does not support WatchList. Raises KubeError."""
        if self._way is not ListMethod.WATCH_LIST:
            return False
        self.stats.listing = 0
        params, _ = self._watch_params()
        params |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        patience = self._timing.first_events
        try:
            with self._client.stream(self._path, params, read_timeout=patience) as stream:
                lines = stream.lines(self._sink.alive)
                listed = first_events(lines, self._codec, self._note_progress, self._clock.monotonic, patience)
                if listed is not None:
                    self._take(listed)
                    self._live()
                    self._expect_bookmarks(stream)
                    self._follow(stream, lines)
                    return True
        except InvalidError:
            if self._resource_version:
                raise
        if not self._stop.is_set():
            self._way = ListMethod.WHOLE
        return False

    def _watch(self) -> None:
        """Apply the changes since the last known version until the server ends the watch. Raises KubeError."""
        params, silence = self._watch_params()
        params["resourceVersion"] = self._resource_version
        with self._client.stream(self._path, params, read_timeout=silence) as stream:
            self.stats.requests["ok"] += 1
            self._live()
            self._follow(stream, stream.lines(self._sink.alive))
        if not self._followed and self._bookmarked and self._lifetime() >= self._timing.watch[0] / 2:
            # A server with bookmarks is silent for so long only if it was set back and has not reached this version.
            self._resource_version = ""

    def _expect_bookmarks(self, stream: Stream) -> None:
        """Shorten the read timeout of the watch: a server that sends bookmarks is never silent for long."""
        self._bookmarked = True
        stream.expect_bytes_within(min(self._timing.silent, self._timing.watch[1] + self._timing.slack))

    def _follow(self, stream: Stream, lines: Iterator[bytes]) -> None:
        """Pass every change to the sink and remember its version.

        Raises GoneError if the server goes back behind a version that it has sent before.
        """
        for line in lines:
            self._followed = True
            kind = event_type(line)
            if isinstance(kind, Bookmark):
                expect_forward(self._resource_version, kind.resource_version)
                self._resource_version = kind.resource_version
                if not self._bookmarked:
                    self._expect_bookmarks(stream)
                continue
            item = decode(self._codec, line)
            if kind is not EventType.DELETED:
                expect_forward(self._resource_version, item.resource_version)
            self.stats.events += 1
            if kind is EventType.DELETED:
                self._sink.remove(item.key)
            else:
                self._sink.apply(item)
            self._resource_version = item.resource_version or self._resource_version
            if self._stop.is_set():
                break
