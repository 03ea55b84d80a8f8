"""ROUTES: what is served, in one table, and who may ask for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from exporter.boot_sources import document as documents
from exporter.boot_sources.builder import build_boot_sources
from exporter.report import to_json as report_json
from exporter.web.api.clusters import Clusters, to_json
from exporter.web.server.http import METHODS, Request, Response, refuse
from exporter.web.site import JSON, ClusterView, Site


def _for_cluster(answer: Callable[[Site, ClusterView, Request], Response]) -> Callable[[Site, Request], Response]:
    """What is answered for one of several clusters."""

    def chosen(site: Site, request: Request) -> Response:
        view = site.choose(request)
        return view if isinstance(view, Response) else answer(site, view, request)

    return chosen


def _metrics(site: Site, request: Request) -> Response:
    scrape = site.exposition.scrape(request.header("accept"), gzip=request.accepts_gzip)
    encoding = (("Content-Encoding", "gzip"),) if scrape.gzipped else ()
    return Response(200, scrape.pieces, scrape.content_type, (("Vary", "Accept, Accept-Encoding"), *encoding))


@_for_cluster
def _findings(site: Site, view: ClusterView, request: Request) -> Response:
    report = view.judged().report
    if report is None:
        return _too_early(view)
    return site.document(request, (report,), lambda: report_json(report), JSON, view.name)


@_for_cluster
def _boot_sources(site: Site, view: ClusterView, request: Request) -> Response:
    judged, now = view.judged(), site.clock.now()
    if judged.report is None:
        return _too_early(view)
    # The minute is part of it, since what is known and when a schedule fires next changes with time.
    made_of = (judged.cluster, judged.report, f"{now:%Y-%m-%dT%H:%M}")
    return site.document(
        request,
        made_of,
        lambda: documents.to_json(build_boot_sources(judged.cluster, judged.report, now, site.timetable)),
        JSON,
        view.name,
    )


def _clusters(site: Site, request: Request) -> Response:
    reports, pending = _states(site)
    views = site.clusters.values()
    return site.document(
        request, (*reports, pending), lambda: to_json(Clusters(clusters=tuple(v.state() for v in views))), JSON
    )


def _states(site: Site) -> tuple[tuple[object, ...], str]:
    """What tells whether anything of any cluster has changed."""
    views = site.clusters.values()
    return tuple(v.judged().report for v in views), "\n".join(" ".join((v.name, *v.pending())) for v in views)


def _too_early(view: ClusterView) -> Response:
    """Nothing has been judged yet: no empty list, which would read as "nothing found"."""
    said = {"error": "the cluster has not been judged yet", "pending": list(view.pending())}
    return Response(503, json.dumps(said).encode() + b"\n", JSON, (("Retry-After", "5"),))


def _page(site: Site, request: Request) -> Response:
    # Loaded by the first request: Prometheus asks for no page, and what writes them takes half a MiB.
    from exporter.web.pages.dispatch import answer_page  # noqa: PLC0415

    return answer_page(site, request)


def _healthz(site: Site, request: Request) -> Response:
    del request
    if site.alive():
        return Response(200, b"ok\n")
    return refuse(503, "the evaluation loop does not turn, or a thread has ended; see /readyz and the log")


def _readyz(site: Site, request: Request) -> Response:
    del request
    pending = site.pending()
    if pending:
        return refuse(503, "waiting for: " + ", ".join(pending), ("Retry-After", "5"))
    return Response(200, b"ok\n")


@dataclass(frozen=True, slots=True)
class Route:
    """One path, or if it ends in a slash all that begin with it."""

    path: str
    answer: Callable[[Site, Request], Response]
    guarded: bool = True
    """Only for those who may look, where that is switched on. Probes are open."""
    methods: tuple[str, ...] = METHODS


CHECK_PAGES: Final = "/checks/"
"""All checks; followed by an id the page of one. Alerts link to it."""
FINDING_PAGES: Final = "/findings/"
"""All problems; followed by a fingerprint the page of one."""
BOOT_SOURCE_PAGES: Final = "/boot-sources/"
"""Followed by namespace and name."""
_WITH_PAGES_BELOW: Final = (CHECK_PAGES, FINDING_PAGES, BOOT_SOURCE_PAGES)
ROUTES: Final[tuple[Route, ...]] = (
    Route("/", _page),
    Route("/metrics", _metrics),
    Route("/api/v1/findings", _findings),
    Route("/api/v1/boot-sources", _boot_sources),
    Route("/api/v1/clusters", _clusters),
    Route(CHECK_PAGES, _page),
    Route(FINDING_PAGES, _page),
    Route(BOOT_SOURCE_PAGES, _page),
    Route("/coverage", _page),
    Route("/what-if", _page),
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
        route = self._route(request)
        response = self._answer(route, request)
        self._answered(route.path if route else "", response.status)
        return response

    def is_probe(self, request: Request) -> bool:
        """The kubelet asks, or someone in its way: a path that is open to everybody and cheap to answer."""
        route = self._route(request)
        return route is not None and not route.guarded

    def _route(self, request: Request) -> Route | None:
        """The route of this path, or that of the paths which begin like it."""
        for path in _WITH_PAGES_BELOW:
            if request.path.startswith(path):
                return self._routes[path]
        return self._routes.get(request.path)

    def _answer(self, route: Route | None, request: Request) -> Response:
        methods = route.methods if route else METHODS
        if request.method not in methods:
            return refuse(405, "only GET and HEAD are answered", ("Allow", ", ".join(methods)))
        if route is None:
            return refuse(404, "there is nothing here; see /")
        refused = self._guard(request) if route.guarded else None
        return refused or route.answer(self._site, request)
