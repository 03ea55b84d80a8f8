"""ROUTES: what is served, in one table, and who may ask for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from exporter.boot_sources import document as documents
from exporter.boot_sources.builder import build_boot_sources
from exporter.checks import CHECKS
from exporter.report import to_json as report_json
from exporter.web.api.clusters import Clusters, to_json
from exporter.web.pages.check import check_page
from exporter.web.pages.overview import render_overview
from exporter.web.pages.page import POLICY, PageContext, render_page
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
    if len(site.clusters) > 1 and not request.query.get("cluster"):
        reports, pending = _states(site)
        notices = tuple(site.notices())
        return _cached_page(
            site,
            request,
            (*reports, pending, "\n".join(notices)),
            lambda: render_overview((v.state() for v in site.clusters.values()), site.version, notices),
        )
    view = site.choose(request)
    return view if isinstance(view, Response) else _page_of(site, view, request)


def _page_of(site: Site, view: ClusterView, request: Request) -> Response:
    report, pending = view.judged().report, tuple(view.pending())
    about, notices = (
        PageContext(site.version, (f"API server {view.server}", *view.facts()), view.name),
        tuple(site.notices()),
    )
    made_of = (report, "\n".join(pending), "\n".join(notices))
    return _cached_page(site, request, made_of, lambda: render_page(report, pending, about, notices), view.name)


def _check(site: Site, request: Request) -> Response:
    check = next((check for check in CHECKS if check.id == request.path.removeprefix(CHECK_PAGES)), None)
    if check is None:
        return refuse(404, "no check has this id; all of them are on the pages of the documentation")
    views = [view for name, view in site.clusters.items() if request.query.get("cluster", name) == name]
    if not views:
        return refuse(404, "no cluster of this name is watched")
    reports = tuple(view.judged().report for view in views)
    states = [(view.name, report) for view, report in zip(views, reports, strict=True)]
    name = views[0].name if len(views) == 1 else ""
    return _cached_page(site, request, reports, lambda: check_page(check, states, site.version), name)


def _finding(site: Site, request: Request) -> Response:
    """Leads to the finding among those of its check. Which cluster has it shows by its fingerprint alone if it must."""
    fingerprint = request.path.removeprefix(FINDING_PAGES)
    for name, view in site.clusters.items():
        report = view.judged().report if request.query.get("cluster", name) == name else None
        found = next((f for f in report.findings if f.fingerprint == fingerprint), None) if report else None
        if found is not None:
            of_cluster = f"?cluster={quote(name, safe='')}" if name else ""
            where = f"{CHECK_PAGES}{found.check}{of_cluster}#{fingerprint}"
            return Response(302, b"", "text/plain", (("Location", where),))
    return refuse(404, "there is no such finding now: it is fixed, or what it is about is not known at present")


def _cached_page(
    site: Site, request: Request, made_of: tuple[object, ...], make: Callable[[], str], cluster: str = ""
) -> Response:
    answer = site.document(
        request, made_of, lambda: make().encode("utf-8", "replace"), "text/html; charset=utf-8", cluster
    )
    return Response(
        answer.status, answer.body, answer.content_type, (*answer.headers, ("Content-Security-Policy", POLICY))
    )


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
"""Followed by the id of a check. Alerts link to it."""
FINDING_PAGES: Final = "/findings/"
"""Followed by a fingerprint."""
ROUTES: Final[tuple[Route, ...]] = (
    Route("/", _page),
    Route("/metrics", _metrics),
    Route("/api/v1/findings", _findings),
    Route("/api/v1/boot-sources", _boot_sources),
    Route("/api/v1/clusters", _clusters),
    Route(CHECK_PAGES, _check),
    Route(FINDING_PAGES, _finding),
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
        for path in (CHECK_PAGES, FINDING_PAGES):
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
