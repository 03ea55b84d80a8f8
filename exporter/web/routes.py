"""ROUTES: what is served, in one table, and who may ask for it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from exporter.clock import Clock
from exporter.metrics.block import Judged
from exporter.metrics.exposition import Exposition
from exporter.report import to_json as report_json
from exporter.timetable import Timetable
from exporter.web import boot_sources as documents
from exporter.web.http import METHODS, Request, Response, refusal
from exporter.web.joined import boot_sources
from exporter.web.page import POLICY, About, page

_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Kept:
    """A document, and what it was made of."""

    made_of: tuple[object, ...]
    plain: bytes
    zipped: bytes


@dataclass(slots=True)
class Site:
    """What the routes show. Every callable is cheap and may be called from any thread."""

    exposition: Exposition
    judged: Callable[[], Judged]
    alive: Callable[[], bool]
    """The evaluation loop turns. Never asks the API server."""
    pending: Callable[[], Sequence[str]]
    """Why we are not ready: resources that have not settled once, or that we are stopping; empty if we are."""
    about: Callable[[], About]
    clock: Clock
    notices: Callable[[], Sequence[str]] = tuple
    """What people should know about the exporter itself."""
    timetable: Timetable = field(default_factory=Timetable)
    _kept: dict[str, Kept] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def document(
        self, request: Request, made_of: tuple[object, ...], make: Callable[[], bytes], type_: str
    ) -> Response:
        """A document that is made only when what it is made of has changed."""
        with self._lock:
            kept = self._kept.get(request.path)
            # The objects are kept and compared by identity: comparing two reports would cost more than writing one.
            if kept is None or not _same(kept.made_of, made_of):
                plain = make()
                kept = Kept(made_of, plain, gzip.compress(plain, 1, mtime=0))
                self._kept[request.path] = kept
        headers = (("Vary", "Accept-Encoding"),)
        if request.accepts_gzip:
            return Response(200, kept.zipped, type_, (*headers, ("Content-Encoding", "gzip")))
        return Response(200, kept.plain, type_, headers)


def _same(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    return len(some) == len(others) and all(
        a is b or (isinstance(a, str) and a == b) for a, b in zip(some, others, strict=True)
    )


def _metrics(site: Site, request: Request) -> Response:
    scrape = site.exposition.scrape(request.header("accept"), gzip=request.accepts_gzip)
    encoding = (("Content-Encoding", "gzip"),) if scrape.gzipped else ()
    return Response(200, scrape.body, scrape.content_type, (("Vary", "Accept, Accept-Encoding"), *encoding))


def _findings(site: Site, request: Request) -> Response:
    report = site.judged().report
    if report is None:
        return _too_early(site)
    return site.document(request, (report,), lambda: report_json(report), _JSON)


def _boot_sources(site: Site, request: Request) -> Response:
    judged, now = site.judged(), site.clock.now()
    if judged.report is None:
        return _too_early(site)
    # The minute is part of it, since what is known and when a schedule fires next changes with time.
    made_of = (judged.cluster, judged.report, f"{now:%Y-%m-%dT%H:%M}")
    return site.document(
        request,
        made_of,
        lambda: documents.to_json(boot_sources(judged.cluster, judged.report, now, site.timetable)),
        _JSON,
    )


def _too_early(site: Site) -> Response:
    """Nothing has been judged yet: no empty list, which would read as "nothing found"."""
    said = {"error": "the cluster has not been judged yet", "pending": list(site.pending())}
    return Response(503, json.dumps(said).encode() + b"\n", _JSON, (("Retry-After", "5"),))


def _page(site: Site, request: Request) -> Response:
    report, pending, notices = site.judged().report, tuple(site.pending()), tuple(site.notices())
    answer = site.document(
        request,
        (report, "\n".join(pending), "\n".join(notices)),
        lambda: page(report, pending, site.about(), notices).encode("utf-8", "replace"),
        "text/html; charset=utf-8",
    )
    return Response(
        answer.status, answer.body, answer.content_type, (*answer.headers, ("Content-Security-Policy", POLICY))
    )


def _healthz(site: Site, request: Request) -> Response:
    del request
    if site.alive():
        return Response(200, b"ok\n")
    return refusal(503, "the evaluation loop does not turn")


def _readyz(site: Site, request: Request) -> Response:
    del request
    pending = site.pending()
    if pending:
        return refusal(503, "waiting for: " + ", ".join(pending), ("Retry-After", "5"))
    return Response(200, b"ok\n")


@dataclass(frozen=True, slots=True)
class Route:
    """One path."""

    path: str
    answer: Callable[[Site, Request], Response]
    guarded: bool = True
    """Only for those who may look, where that is switched on. Probes are open."""
    methods: tuple[str, ...] = METHODS


ROUTES: Final[tuple[Route, ...]] = (
    Route("/", _page),
    Route("/metrics", _metrics),
    Route("/api/v1/findings", _findings),
    Route("/api/v1/boot-sources", _boot_sources),
    Route("/healthz", _healthz, guarded=False),
    Route("/readyz", _readyz, guarded=False),
)


class Router:
    """Finds the route of a request. `guard` stands before all guarded routes; its answer, if any, is final."""

    def __init__(
        self,
        site: Site,
        answered: Callable[[str, int], None],
        guard: Callable[[Request], Response | None] = lambda _: None,
    ) -> None:
        self._site = site
        self._answered = answered
        self._guard = guard
        self._routes = {route.path: route for route in ROUTES}

    def __call__(self, request: Request) -> Response:
        """The answer; `answered` is told the route, "" if there is none, and the status."""
        route = self._routes.get(request.path)
        response = self._answer(route, request)
        self._answered(route.path if route else "", response.status)
        return response

    def _answer(self, route: Route | None, request: Request) -> Response:
        methods = route.methods if route else METHODS
        if request.method not in methods:
            return refusal(405, "only GET and HEAD are answered", ("Allow", ", ".join(methods)))
        if route is None:
            return refusal(404, "there is nothing here; see /")
        refused = self._guard(request) if route.guarded else None
        return refused or route.answer(self._site, request)
