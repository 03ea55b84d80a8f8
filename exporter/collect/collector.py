"""Reads every watched resource once, with `get` and `list` alone, and hands each object to a writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final

from exporter.base.clock import Clock
from exporter.cluster.resource import Resource, Scope
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, HYPERCONVERGEDS, WATCHED
from exporter.cluster.store import Store
from exporter.collect.redaction import redact
from exporter.kube.client import Client
from exporter.kube.contract import State
from exporter.kube.discovery import Target, served_version
from exporter.kube.errors import (
    ForbiddenError,
    GoneError,
    KubeError,
    NotFoundError,
    ThrottledError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)
from exporter.kube.list_stream import ListCutter
from exporter.watch.namespaces import boot_source_namespaces

Write = Callable[[Resource[Any], str, Iterable[dict[str, Any]]], None]
"""Writes a list of objects of a resource in a version; may raise what the iteration raises, and OSError."""

_PAGE: Final = "500"
_ATTEMPTS: Final = 3
_PASSING: Final = (GoneError, ThrottledError, UnavailableError)
"""Errors that are often temporary; the request is sent again."""
_PAUSE: Final = 2.0
"""Seconds before another attempt, if the server does not say."""
_LEADING: Final = (DATA_IMPORT_CRONS, DATA_SOURCES, HYPERCONVERGEDS)
"""The resources that name the namespaces of boot sources; they are read first."""


class UnreadableClusterError(Exception):
    """Nothing at all can be read from the cluster."""


class _LateError(Exception):
    """The timeout has passed."""


@dataclass(slots=True)
class Collector:
    """One collection of one cluster."""

    client: Client
    clock: Clock
    seconds: float
    """Timeout for the whole collection, in seconds; resources not read by then count as failed."""
    write: Write
    progress: Callable[[str], None]
    objects: int = 0
    states: dict[Resource[Any], tuple[State, str]] = field(default_factory=dict)
    _deadline: float = 0.0
    _store: Store = field(init=False)

    def collect(self, resources: Iterable[Resource[Any]]) -> None:
        """Read these resources. Raises UnreadableClusterError if none can be read, and what `write` raises."""
        self._deadline = self.clock.monotonic() + self.seconds
        self._store = Store(WATCHED, self.clock)
        wanted = tuple(resources)
        for resource in sorted(wanted, key=lambda r: (r not in _LEADING, r.scope is not Scope.CLUSTER)):
            self.states[resource] = self._read(resource)
        if self.states and not self._has_answers:
            raise UnreadableClusterError(next(iter(self.states.values()))[1])

    @property
    def _has_answers(self) -> bool:
        """Something could be read."""
        return any(state in (State.LIVE, State.NOT_SERVED) for state, _ in self.states.values())

    def _read(self, resource: Resource[Any]) -> tuple[State, str]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._list(resource)
            except _PASSING as error:
                if attempt == _ATTEMPTS:
                    return State.FAILED, str(error)
                left = self._deadline - self.clock.monotonic()
                self.clock.wait(Event(), max(0.0, min(error.retry_after or _PAUSE, left)))
            except (UnreachableError, UnauthorizedError) as error:
                if not self._has_answers:
                    # To ask for every other resource takes minutes and gives the same answer.
                    raise UnreadableClusterError(str(error)) from None
                return State.FAILED, str(error)
            except (KubeError, RecursionError, _LateError) as error:
                return _unread(error)
        raise AssertionError

    def _list(self, resource: Resource[Any]) -> tuple[State, str]:
        self.progress(f"{self.objects} objects, reading {resource}")
        version = served_version(self.client, _target(resource))
        if version is None:
            return State.NOT_SERVED, "the API server does not serve it"
        for namespace in sorted(self._namespaces(resource)):
            path = _target(resource, namespace).path(version)
            self.write(resource, version, self._redact_items(resource, version, path))
        if resource in _LEADING:
            self._store.settle(resource, State.LIVE)
        return State.LIVE, ""

    def _namespaces(self, resource: Resource[Any]) -> Iterable[str]:
        """The namespaces that an audit would read; all of them if the namespaces of boot sources are unknown."""
        everywhere = ("",)
        return everywhere if resource.scope is Scope.CLUSTER else self._where_boot_sources_are() or everywhere

    def _where_boot_sources_are(self) -> frozenset[str] | None:
        return boot_source_namespaces(self._store.freeze())

    def _redact_items(self, resource: Resource[Any], version: str, path: str) -> Iterator[dict[str, Any]]:
        group_version = f"{resource.group}/{version}" if resource.group else version
        selectors = _target(resource).selectors
        codec = resource.codec() if resource in _LEADING else None
        for item in self._items(path, selectors):
            self.objects += 1
            self.progress(f"{self.objects} objects, reading {resource}")
            # Items of a list state neither; as single objects they do.
            value = {"apiVersion": group_version, "kind": resource.kind, **item}
            if codec is not None:
                self._store.sink(resource).apply(codec.from_value(value))
            redact(value)
            yield value

    def _items(self, path: str, selectors: dict[str, str]) -> Iterator[dict[str, Any]]:
        """The objects, page by page."""
        token = ""
        while True:
            params = {**selectors, "limit": _PAGE, **({"continue": token} if token else {})}
            with self.client.stream(path, params, compressed=True) as stream:
                cutter = ListCutter(stream.chunks())
                for item in cutter:
                    if self.clock.monotonic() > self._deadline:
                        raise _LateError(f"not read within {self.seconds:.0f} s; see --timeout")
                    yield item
            token = str(cutter.metadata.get("continue") or "")
            if not token:
                return


def _unread(error: Exception) -> tuple[State, str]:
    match error:
        case ForbiddenError():
            return State.FORBIDDEN, str(error)
        case NotFoundError():
            return State.NOT_SERVED, "the API server does not serve it"
        case RecursionError():
            return State.FAILED, "an object is nested too deeply to be read"
    return State.FAILED, str(error)


def _target(resource: Resource[Any], namespace: str = "") -> Target:
    return Target(resource.group, resource.versions, resource.plural, namespace, resource.label_selector)
