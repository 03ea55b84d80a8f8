"""What the addresses of pages lead to. Loaded with the first page that somebody opens: Prometheus needs none of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from exporter.boot_sources.builder import build_boot_sources
from exporter.checks import CHECKS
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.platform import platform_of
from exporter.kube.contract import Key
from exporter.output.html.document import Page, Place, content_security_policy, render
from exporter.web.pages.boot_source import ClusterFacts, boot_source_page
from exporter.web.pages.check import check_page, checks_page
from exporter.web.pages.choice import RowChoice
from exporter.web.pages.coverage import coverage_page
from exporter.web.pages.finding import finding_page, gone_page
from exporter.web.pages.front import front_page
from exporter.web.pages.missing import choose_page, missing_page
from exporter.web.pages.overview import clusters_page
from exporter.web.pages.problems import FindingChoice, problems_page
from exporter.web.pages.state import PageState, join_report
from exporter.web.pages.what_if import PATH as WHAT_IF
from exporter.web.pages.what_if import SwitchChoice, what_if_page
from exporter.web.server.http import Request, Response
from exporter.web.site import ClusterView, Site
from exporter.whatif import Foresight, foresee
from exporter.whatif.changes import Change, ChangeError

_TYPE: Final = "text/html; charset=utf-8"


_EXACT: Final[Mapping[str, Callable[[PageState, Request], Page]]] = {
    "/": lambda state, request: front_page(state, RowChoice.of(request.query)),
    "/findings/": lambda state, request: problems_page(state, FindingChoice.of(request.query)),
    "/checks/": lambda state, _: checks_page(state),
    "/coverage": lambda state, _: coverage_page(state),
}


def answer_page(site: Site, request: Request) -> Response:
    """The page at the address of the request."""
    one = next((answer for path, answer in _BELOW.items() if request.path.startswith(path)), None)
    if one is not None and request.path not in _EXACT:
        return one(site, request)
    name = request.query.get("cluster", "")
    if not name and len(site.clusters) > 1:
        return _of_all(site, request)
    views = _views(site, request)
    if not views:
        return _respond(request, missing_page(f"No cluster {name} is watched", site.version), 404)
    if request.path == WHAT_IF:
        return _respond(request, _what_if(site, views[0], request))
    return _respond(request, _EXACT[request.path](_state(site, views[0]), request))


def _what_if(site: Site, view: ClusterView, request: Request) -> Page:
    """What the switches of the address lead to, if any is turned. It is foreseen at most every few seconds."""
    state, cluster, choice = _state(site, view), view.judged().cluster, SwitchChoice.of(request.query)
    changes = choice.changes(cluster)
    if changes is None:
        return what_if_page(state, cluster, SwitchChoice(), None, "The address names what this cluster does not have.")
    if not changes or state.report is None:
        waits = "The cluster has not been read yet." if state.report is None else ""
        return what_if_page(state, cluster, choice, None, waits)
    seconds, asked = site.clock.monotonic(), (view.name, choice)
    answer = site.foresights.get(asked, cluster, seconds, lambda: _foresee(cluster, changes, site.clock.now()))
    if answer is None:
        return what_if_page(state, cluster, choice, None, "Too much is asked for at once; try again in some seconds.")
    return (
        what_if_page(state, cluster, choice, None, answer)
        if isinstance(answer, str)
        else what_if_page(state, cluster, choice, answer)
    )


def _foresee(cluster: ClusterSnapshot, changes: Sequence[Change], at: datetime) -> Foresight | str:
    """What is foreseen, or why a change cannot be asked of this cluster."""
    try:
        return foresee(cluster, changes, at)
    except ChangeError as error:
        return str(error)


def _of_all(site: Site, request: Request) -> Response:
    clusters = [view.state() for view in site.clusters.values()]
    if request.path == "/":
        return _respond(request, clusters_page(clusters, site.version, site.notices()))
    return _respond(request, choose_page(clusters, request.path, site.version))


def _views(site: Site, request: Request) -> list[ClusterView]:
    """The cluster that the request names, or all of them."""
    name = request.query.get("cluster", "")
    return [view for view in site.clusters.values() if name in ("", view.name)]


def _state(site: Site, view: ClusterView) -> PageState:
    evaluated, now = view.judged(), site.clock.now()
    report, minute = evaluated.report, f"{now:%Y-%m-%dT%H:%M}"
    joined = (
        site.joined.get(view.name, report, minute, lambda: join_report(evaluated, report, now, site.timetable))
        if report
        else None
    )
    return PageState(
        place=Place(view.name, console=site.console),
        version=site.version,
        now=now,
        report=report,
        joined=joined,
        pending=tuple(view.pending()),
        facts=(*view.facts(), f"API server {view.server}"),
        notices=tuple(site.notices()),
    )


def _check(site: Site, request: Request) -> Response:
    id_ = request.path.removeprefix("/checks/")
    check = next((check for check in CHECKS if check.id == id_), None)
    states = [_state(site, view) for view in _views(site, request)]
    if check is None or not states:
        return _respond(request, missing_page("There is no such check", site.version), 404)
    return _respond(request, check_page(check, states))


def _finding(site: Site, request: Request) -> Response:
    """Which cluster has it shows by its fingerprint, so that a link from an alert needs nothing else."""
    states = [_state(site, view) for view in _views(site, request)]
    fingerprint = request.path.removeprefix("/findings/")
    for state in states:
        finding = state.finding(fingerprint)
        if finding is not None and state.report is not None:
            return _respond(request, finding_page(state, state.report, finding))
    if not states:
        return _respond(request, missing_page("No such cluster is watched", site.version), 404)
    return _respond(request, gone_page(states[0]), 404)


def _boot_source(site: Site, request: Request) -> Response:
    """In the first cluster that has it, if the request names none."""
    views = _views(site, request)
    namespace, _, name = request.path.removeprefix("/boot-sources/").partition("/")
    for view in views:
        evaluated, now = view.judged(), site.clock.now()
        if evaluated.report is None:
            continue
        found = build_boot_sources(evaluated.cluster, evaluated.report, now, site.timetable, Key(namespace, name))
        if found.boot_sources:
            hco = next((HYPERCONVERGEDS.ref(*key) for key, _ in evaluated.cluster[HYPERCONVERGEDS]), None)
            client, state = platform_of(evaluated.cluster).client, _state(site, view)
            facts = ClusterFacts(client, hco, view.history())
            page = boot_source_page(state, evaluated.report, found.boot_sources, facts)
            return _respond(request, page)
    return _respond(request, missing_page("There is no such boot source", site.version), 404)


_BELOW: Final[Mapping[str, Callable[[Site, Request], Response]]] = {
    "/boot-sources/": _boot_source,
    "/checks/": _check,
    "/findings/": _finding,
}


def _respond(request: Request, page: Page, status: int = 200) -> Response:
    body = render(page).encode("utf-8", "replace")
    headers: tuple[tuple[str, str], ...] = (
        ("Vary", "Accept-Encoding"),
        ("Content-Security-Policy", content_security_policy()),
    )
    if request.accepts_gzip:
        return Response(status, gzip.compress(body, 1, mtime=0), _TYPE, (*headers, ("Content-Encoding", "gzip")))
    return Response(status, body, _TYPE, headers)
