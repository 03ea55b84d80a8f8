"""Site: what the routes show."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from exporter.base.clock import Clock
from exporter.history import History
from exporter.metrics.block import EvaluatedCluster
from exporter.metrics.exposition import Exposition
from exporter.output.outline import build_tree
from exporter.schedule.timetable import Timetable
from exporter.web.api.clusters import WatchedCluster
from exporter.web.foresights import Foresights
from exporter.web.report_cache import ReportCache
from exporter.web.server.http import Request, Response

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class CachedDocument:
    """A document, and what it was made of."""

    made_of: tuple[object, ...]
    plain: bytes
    zipped: bytes


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One cluster. Every callable is cheap and may be called from any thread."""

    name: str
    """"" for the only one."""
    server: str
    """The address of its API server."""
    judged: Callable[[], EvaluatedCluster]
    pending: Callable[[], Sequence[str]]
    """What of it has not settled once; empty once everything has."""
    facts: Callable[[], tuple[str, ...]]
    """Lines for people."""
    history: Callable[[], History | None] = lambda: None
    """What has happened to its boot sources since the exporter began."""

    def state(self) -> WatchedCluster:
        """How it is."""
        report = self.judged().report
        verdict, roots = (report.verdict, len(build_tree(report))) if report else (None, None)
        pending = tuple(self.pending())
        return WatchedCluster(name=self.name, server=self.server, verdict=verdict, roots=roots, pending=pending)


@dataclass(slots=True)
class Site:
    """What the routes show. Every callable is cheap and may be called from any thread."""

    exposition: Exposition
    clusters: Mapping[str, ClusterView]
    """By name."""
    alive: Callable[[], bool]
    """The evaluation loops turn, and no thread has ended. Never asks an API server."""
    pending: Callable[[], Sequence[str]]
    """Why we are not ready: resources that have not settled once, threads that have ended, or that we are stopping."""
    version: str
    clock: Clock
    console: str = ""
    """The address of the OpenShift console; "" if it is not known."""
    notices: Callable[[], Sequence[str]] = tuple
    """What people should know about the exporter itself."""
    timetable: Timetable = field(default_factory=Timetable)
    joined: ReportCache = field(default_factory=ReportCache)
    """What all pages of a cluster need."""
    foresights: Foresights = field(default_factory=Foresights)
    """What the page of switches has foreseen."""
    _kept: dict[tuple[str, str], CachedDocument] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def document(
        self, request: Request, made_of: tuple[object, ...], make: Callable[[], bytes], type_: str, cluster: str = ""
    ) -> Response:
        """A document that is made only when what it is made of has changed."""
        with self._lock:
            kept = self._kept.get((request.path, cluster))
            # The objects are kept and compared by identity: comparing two reports would cost more than writing one.
            if kept is None or not _is_same(kept.made_of, made_of):
                plain = make()
                kept = CachedDocument(made_of, plain, gzip.compress(plain, 1, mtime=0))
                self._kept[request.path, cluster] = kept
        headers = (("Vary", "Accept-Encoding"),)
        if request.accepts_gzip:
            return Response(200, kept.zipped, type_, (*headers, ("Content-Encoding", "gzip")))
        return Response(200, kept.plain, type_, headers)

    def choose(self, request: Request) -> ClusterView | Response:
        """The cluster that ?cluster= names, or the only one; a refusal if that is none."""
        name = request.query.get("cluster", "")
        if not name and len(self.clusters) == 1:
            return next(iter(self.clusters.values()))
        if name in self.clusters:
            return self.clusters[name]
        told = f"no cluster {name!r} is watched" if name else "several clusters are watched: choose one with ?cluster="
        said = {"error": told, "clusters": list(filter(None, self.clusters))}
        return Response(404 if name else 400, json.dumps(said).encode() + b"\n", JSON)


def _is_same(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    return len(some) == len(others) and all(
        a is b or (isinstance(a, str) and a == b) for a, b in zip(some, others, strict=True)
    )
