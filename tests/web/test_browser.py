"""The pages in a real Chromium: how they look at every width, and what people can do with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.report import FixText, Report, ResourceStatus, Severity
from exporter.web.routes import Router
from exporter.web.server.http import Request, Response
from tests.metrics.reports import a_finding, a_report
from tests.rig.npm import install, run
from tests.web.client import serving
from tests.web.test_routes import State
from tests.worlds import IMAGES, NOW, a_cron, a_data_source, a_snapshot, a_template, an_entry, an_hco, cluster

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]

HERE: Final = Path(__file__).parent / "browser"
COMMAND: Final = "oc patch storageclass fast \\\n  --type merge -p '{}'"
FIX: Final = FixText(command=COMMAND, verify="oc get storageclass", risk="")
BROKEN: Final = a_finding(
    "broken",
    check="registry-access-missing",
    severity=Severity.CRITICAL,
    fix=FIX,
    dependents={"DataSource": 12, "Template": 74},
    since=NOW - timedelta(days=3),
)
HOSTILE: Final = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}\u202e" + "W" * 200
LONGEST_PAGE: Final = 12_000
"""Pixels at 1280: what used to be 39 000."""


def joined(report: Report, frozen: ClusterSnapshot) -> Report:
    """The findings of the report, and what a cluster's own has besides."""
    found = evaluate_cluster(frozen, NOW).report
    return a_report(*report.findings, *found.findings, checks=found.checks, resources=found.resources)


def one() -> State:
    frozen = cluster(an_hco(commons=[an_entry()]), a_cron(), a_data_source(), a_snapshot(), a_template())
    return State(joined(a_report(BROKEN, a_finding("effect", caused_by=("broken",), fix=FIX)), frozen), frozen)


def sources(number: int) -> State:
    """As many boot sources, and a finding at each third."""
    frozen = cluster(*(a_data_source(f"source-{i:05}", cron="") for i in range(number)))
    findings = [
        a_finding(f"source-{i:05}", kind="DataSource", check=f"check-{i % 40}", severity=list(Severity)[i % 3], fix=FIX)
        for i in range(0, number, 3)
    ]
    return State(a_report(*findings), frozen)


def hostile() -> State:
    fix = FixText(command=HOSTILE, verify=HOSTILE, risk=HOSTILE, note=HOSTILE)
    finding = a_finding("odd", summary=HOSTILE, observed=HOSTILE, expected=HOSTILE, field=HOSTILE, fix=fix)
    resource = ResourceStatus(
        resource="nodes", state=HOSTILE, rows=1, rejected=1, detail=HOSTILE, rejections=(HOSTILE,)
    )
    state = State(a_report(finding, resources=(resource,)), cluster(a_data_source(HOSTILE, cron="")))
    state.pending = (HOSTILE,)
    return state


def changing(state: State, router: Callable[[Request], Response], request: Request) -> Response:
    """After a request to /change another problem is there, before the one that was."""
    if request.path == "/change" and state.report is not None:
        newer = a_finding("newer", check="cdi-degraded", severity=Severity.CRITICAL, summary="Newly broken", fix=FIX)
        state.report = a_report(newer, *state.report.findings, checks=state.report.checks)
        return Response(200, b"")
    return router(request)


WORLDS: Final[dict[str, Callable[[], State]]] = {
    "empty": lambda: State(a_report(), cluster()),
    "one": one,
    "many": lambda: sources(200),
    "most": lambda: sources(10_000),
    "hostile": hostile,
    "changing": one,
}
FEDORA: Final = f"/boot-sources/{IMAGES}/fedora"
LOOKS: Final = [
    ("empty", "/", 1280, "light"),
    *(("one", path, 320, "dark") for path in ("/", FEDORA, "/findings/broken", "/coverage")),
    *(
        ("one", path, 1280, "light")
        for path in (FEDORA, "/findings/", "/findings/broken", "/checks/no-default-storage-class")
    ),
    *(("many", "/", width, mode) for width, mode in ((320, "light"), (768, "dark"), (2560, "light"))),
    ("one", "/checks/", 768, "light"),
    ("most", "/", 1280, "dark"),
    ("most", "/findings/", 1280, "light"),
    *(("hostile", path, 320, "light") for path in ("/", "/findings/odd", "/coverage")),
]


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, Any]]:
    install(HERE)
    with ExitStack() as servers:
        bases = {}
        for name, make in WORLDS.items():
            state = make()
            router = Router(state.site, lambda _route, _code: None)
            server = servers.enter_context(serving(partial(changing, state, router)))
            bases[name] = f"http://127.0.0.1:{server.port}"
        looks = [{"world": w, "path": p, "width": width, "mode": mode} for w, p, width, mode in LOOKS]
        yield json.loads(run("node", "browser.mjs", json.dumps(bases), json.dumps(looks), folder=HERE))


def test_nothing_scrolls_sideways_and_no_page_is_endless(told: dict[str, Any]) -> None:
    for look in told["looks"]:
        assert look["scroll"] <= look["width"], look
        assert look["height"] < LONGEST_PAGE * (3 if look["width"] <= 768 else 1), look


def test_axe_finds_nothing(told: dict[str, Any]) -> None:
    found = {(look["world"], look["path"], look["width"]): look["violations"] for look in told["looks"]}
    assert {where: violations for where, violations in found.items() if violations} == {}


def test_no_page_has_errors_and_nothing_hostile_runs(told: dict[str, Any]) -> None:
    assert [look for look in told["looks"] if look["errors"]] == []


def test_rows_are_filtered_while_one_types_and_the_address_tells_it(told: dict[str, Any]) -> None:
    assert told["filter"] == {
        "address": "?q=source-0007",
        "focus": "filter-q",
        "kept": True,
        "rows": 10,
        "status": f"10 of 200 boot sources in namespace {IMAGES} shown",
        "reloaded": 10,
        "value": "source-0007",
    }


def test_heads_of_columns_sort_and_the_way_back_works(told: dict[str, Any]) -> None:
    assert told["sort"] == {"up": "source-00000", "down": "source-00199", "back": "source-00000"}


def test_a_button_copies_the_command(told: dict[str, Any]) -> None:
    assert told["copy"] == {"copied": COMMAND}


def test_an_update_keeps_scroll_focus_and_what_was_opened(told: dict[str, Any]) -> None:
    update = told["update"]
    assert update["after"]["focus"] == update["before"]["focus"]
    assert update["after"]["open"] is True
    assert update["before"]["top"] > 0
    assert "does not answer" in update["connection"]


def test_everything_can_be_read_without_scripts(told: dict[str, Any]) -> None:
    assert told["unscripted"] == {"rows": 10, "command": COMMAND, "buttons": 0}


def test_the_keyboard_skips_to_the_content(told: dict[str, Any]) -> None:
    assert told["keyboard"] == {"first": "Skip to content", "focus": "main"}


def test_on_paper_there_are_commands_and_no_controls(told: dict[str, Any]) -> None:
    assert told["print"] == {"navigation": False, "filters": False, "command": True}
