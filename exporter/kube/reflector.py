"""Reflector: keeps one table like one resource of the API server, for as long as the program runs.

A straight loop: resolve the served version, list, watch until the watch ends, again. Everything that goes wrong becomes
a state and a wait; the rows that were there stay until a new list is complete.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Final, Generic, TypeVar

from urllib3.exceptions import ReadTimeoutError

from exporter.clock import Clock
from exporter.kube.backoff import LIVED, Backoff
from exporter.kube.client import Client, Stream
from exporter.kube.contract import Codec, Sink, State
from exporter.kube.discovery import Target, served_version
from exporter.kube.errors import (
    REASONS,
    ForbiddenError,
    GoneError,
    InvalidError,
    KubeError,
    NotFoundError,
    ProtocolError,
    StatusError,
    UnavailableError,
    UnreachableError,
)
from exporter.kube.events import Bookmark, Kind, kind_of
from exporter.kube.listing import Listed, list_paged, list_unpaged

T = TypeVar("T")
log = logging.getLogger(__name__)

_FIRST_EVENTS: Final = 15.0
"""Seconds of silence after which a server that does not know WatchList gives itself away."""
_WATCH: Final = (240, 300)
"""Seconds that a watch lasts: jittered, so that not all end at once."""
_SLACK: Final = 15.0
"""Seconds that a read waits beyond the end of the watch, so that a half-open connection is noticed."""
_DIED_AT_ONCE: Final = 5.0


class _WatchListUnknownError(Exception):
    """The server does not do WatchList."""


@dataclass(slots=True)
class ReflectorStats:
    """What a reflector has done. Written by its thread only; anybody may read."""

    requests: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("ok", "configuration", *REASONS), 0))
    """Lists and watches by outcome."""
    lists: int = 0
    """Complete lists, the first one included."""
    watches: int = 0
    events: int = 0
    listing: int = 0
    """Objects received by the list that is running."""


class Reflector(Generic[T]):
    """Lists and watches one target and tells a sink. `run` belongs into a thread of its own."""

    def __init__(
        self,
        client: Client,
        target: Target,
        codec: Codec[T],
        sink: Sink[T],
        clock: Clock,
        random: Random | None = None,
    ) -> None:
        self.target = target
        self.stats = ReflectorStats()
        self._client = client
        self._codec = codec
        self._sink = sink
        self._clock = clock
        self._random = random or Random()  # noqa: S311  (jitter, not secrets)
        self._backoff = Backoff(self._random)
        self._stop = Event()
        self._stream: Stream | None = None
        self._version: str | None = None
        self._resource_version = ""
        self._synced = False
        self._watch_list = True
        self._paged = False
        self._said = ""
        self._live_since: float | None = None

    def stop(self) -> None:
        """End `run`, also while it waits for the server."""
        self._stop.set()
        if (stream := self._stream) is not None:
            stream.abort()

    def run(self) -> None:
        """Keep the table like the server until `stop`."""
        while not self._stop.is_set():
            wait = self._attempt()
            if wait > 0:
                self._clock.wait(self._stop, wait)

    def _attempt(self) -> float:
        """List and watch once; returns how many seconds to wait before the next time."""
        self._live_since = None
        try:
            if not self._resolve():
                return self._backoff.slow()
            if not self._resource_version and self._watch_list:
                self._list_and_watch()
            else:
                if not self._resource_version:
                    self._list()
                self._watch()
        except _WatchListUnknownError:
            self._watch_list = False
            return 0.0
        except KubeError as error:
            lived = self._lived()
            return 0.0 if self._stop.is_set() else self._failed(error, lived)
        return self._backoff.next() if self._lived() < _DIED_AT_ONCE else 0.0

    def _lived(self) -> float:
        """For how many seconds the watch that has just ended was alive."""
        seconds = 0.0 if self._live_since is None else self._clock.monotonic() - self._live_since
        self._backoff.lived(seconds)
        return seconds

    def _resolve(self) -> bool:
        """Find the served version; a change of version needs a new list. False if none is served."""
        version = served_version(self._client, self.target)
        if version != self._version:
            self._version, self._resource_version = version, ""
        if version is None:
            self._settle(State.NOT_SERVED, "the API server does not serve it")
        return version is not None

    def _failed(self, error: KubeError, lived: float) -> float:
        """Take note of an error; returns how many seconds to wait."""
        self.stats.requests[error.reason] += 1
        match error:
            case GoneError():
                # The rows stay until the new list is complete.
                self._resource_version = ""
                return 0.0 if lived > LIVED else self._backoff.next()
            case ForbiddenError():
                self._settle(State.FORBIDDEN, str(error))
                return self._backoff.slow()
            case NotFoundError():
                self._settle(State.NOT_SERVED, str(error))
                return self._backoff.slow()
            case ProtocolError() | InvalidError() if not self._resource_version:
                self._paged = True
        self._say(State.STALE if self._synced else State.FAILED, str(error))
        return self._backoff.next(error.retry_after if isinstance(error, StatusError) else None)

    def _settle(self, state: State, detail: str) -> None:
        """A state without rows: what comes back later must be listed anew."""
        self._resource_version, self._synced = "", False
        self._say(state, detail)

    def _say(self, state: State, detail: str = "") -> None:
        """Tell the sink; log a change once, however often it is repeated."""
        self._sink.state(state, detail)
        text = f"{state} {detail}"
        if text != self._said:
            self._said = text
            level = logging.INFO if state in (State.LIVE, State.NOT_SERVED) else logging.WARNING
            fields = {"resource": self.target.plural, "namespace": self.target.namespace, "state": str(state)}
            log.log(level, "watch state changed", extra={**fields, "detail": detail})

    @property
    def _path(self) -> str:
        return self.target.path(self._version or "")

    @property
    def _selector(self) -> dict[str, str]:
        return {"labelSelector": self.target.label_selector} if self.target.label_selector else {}

    def _list(self) -> None:
        """A complete list, cut into its items."""
        self.stats.listing = 0
        how = list_paged if self._paged else list_unpaged
        self._take(how(self._client, self._path, self._selector, self._codec, self._progressed))

    def _progressed(self) -> None:
        self.stats.listing += 1
        if self._stop.is_set():
            raise UnreachableError("stopped")

    def _take(self, listed: Listed[T]) -> None:
        self._sink.replace(listed.rows, listed.rejected)
        self._resource_version = listed.resource_version
        self._synced = True
        self.stats.lists += 1
        self.stats.requests["ok"] += 1
        self._live()

    def _live(self) -> None:
        self._live_since = self._clock.monotonic()
        self._say(State.LIVE)

    def _params(self) -> tuple[dict[str, str], float]:
        """Parameters of a watch, and for how long it may be silent."""
        seconds = self._random.randint(*_WATCH)
        params = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(seconds)}
        return {**self._selector, **params}, seconds + _SLACK

    def _list_and_watch(self) -> None:
        """WatchList: the first events are the list, and the same connection goes on as the watch."""
        self.stats.listing = 0
        params, silence = self._params()
        params |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        try:
            with self._client.stream(self._path, params, read_timeout=_FIRST_EVENTS) as stream:
                lines = self._lines(stream)
                self._take(self._initial(lines))
                stream.expect_bytes_within(silence)
                self.stats.watches += 1
                self._follow(lines)
        except InvalidError as error:
            raise _WatchListUnknownError from error
        finally:
            self._stream = None

    def _initial(self, lines: Iterator[bytes]) -> Listed[T]:
        """The list that a WatchList begins with.

        A server that refuses says so in the first event of a 200. One that does not know WatchList sends what it likes
        and never marks the end: it gives itself away by ending, or by silence.
        """
        listed: Listed[T] = Listed()
        try:
            for line in lines:
                kind = kind_of(line)
                if isinstance(kind, Bookmark):
                    if kind.ends_list:
                        listed.resource_version = kind.resource_version
                        return listed
                    continue
                item = self._codec.from_event(line)
                listed.discard(item.key)
                if kind is Kind.APPLIED:
                    listed.add(item)
                self._progressed()
        except UnavailableError as error:
            raise _WatchListUnknownError from error
        except UnreachableError as error:
            if self._stop.is_set() or not isinstance(error.__cause__, ReadTimeoutError):
                raise
            raise _WatchListUnknownError from error
        raise _WatchListUnknownError

    def _watch(self) -> None:
        """Follow the changes since the last known version until the server ends the watch."""
        params, silence = self._params()
        params["resourceVersion"] = self._resource_version
        try:
            with self._client.stream(self._path, params, read_timeout=silence) as stream:
                lines = self._lines(stream)
                self.stats.watches += 1
                self.stats.requests["ok"] += 1
                self._live()
                self._follow(lines)
        finally:
            self._stream = None

    def _lines(self, stream: Stream) -> Iterator[bytes]:
        """The lines of a stream that `stop` can end."""
        self._stream = stream
        if self._stop.is_set():
            raise UnreachableError("stopped")
        for line in stream.lines():
            self._sink.alive()
            yield line

    def _follow(self, lines: Iterator[bytes]) -> None:
        """Tell the sink every change, and remember how far we are."""
        for line in lines:
            kind = kind_of(line)
            if isinstance(kind, Bookmark):
                self._resource_version = kind.resource_version or self._resource_version
                continue
            item = self._codec.from_event(line)
            self._resource_version = item.resource_version or self._resource_version
            self.stats.events += 1
            if kind is Kind.DELETED:
                self._sink.remove(item.key)
            else:
                self._sink.apply(item)
