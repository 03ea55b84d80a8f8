"""Answers in which anything may be something else, or be missing: words for each of them, and never a traceback."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

import requests
import responses
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.base.terminal import Style
from exporter.doctor import alertmanager, exporters, prometheus
from exporter.doctor.diagnosis import Line, build_diagnosis, to_json
from exporter.doctor.labels import alert_labels
from exporter.doctor.render import render_text
from exporter.doctor.request_errors import QuestionError
from exporter.doctor.routing import AlertLabels
from exporter.doctor.server import MonitoringServer
from tests.doctor import test_alertmanager as am
from tests.doctor import test_prometheus as prom

_TEXTS = ("", "x", "\x1b[2J", "0001-01-01", "9999-99-99T00:00:00Z")
ODD: tuple[Any, ...] = (None, True, -1, 1e400, 10**30, *_TEXTS, [], {}, [None], [[]], {"a": 1})
Answer = Callable[[requests.PreparedRequest], tuple[int, dict[str, str], str]]
LINKS = {
    "prometheus": {"reachable", "targets", "series", "freshness", "labels", "rules", "alerts", "notifies"},
    "alertmanager": {"reachable", "cluster", "routes", "silences", "received", "delivery"},
}


def changed(value: Any, chance: float, random: Random) -> Any:
    """The same, with odd things in some places."""
    if random.random() < chance:
        return random.choice(ODD)
    match value:
        case dict():
            kept = {k: v for k, v in value.items() if random.random() > chance / 2}
            return {k: changed(v, chance, random) for k, v in kept.items()}
        case list():
            return [changed(each, chance, random) for each in value]
        case _:
            return value


def oddly(answer: Answer, random: Random) -> Answer:
    """It answers, with some odd things in it."""

    def odd(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        status, headers, body = answer(request)
        with suppress(ValueError):
            body = json.dumps(changed(json.loads(body), random.choice((0.01, 0.05, 0.2)), random))
        return status, headers, body

    return odd


def worlds() -> tuple[prom.World, am.World]:
    """Servers that have something to tell of everything."""
    told, heard = prom.World(), am.World()
    states: list[tuple[Mapping[str, str], float]] = [
        ({"resource": "templates", "state": "forbidden"}, 1.0),
        ({"resource": "pods", "state": "failed"}, 1.0),
    ]
    told.queries |= {"max by (cluster, resource, state)": states, "count by (cluster)": [({}, 2.0)]}
    told.documents["alerts"] = {"alerts": [{"labels": am.FIRED, "state": "firing"}]}
    told.documents["status/config"] = {"yaml": "global: {external_labels: {a: b}}"}
    heard.alerts = [am.held(am.FIRED, silencedBy=["x"])]
    heard.silences = [am.a_silence(("alertname", "BootSourceNotPolled"))]
    return told, heard


def diagnosis() -> list[Line]:
    """All that is said of the two."""
    server = MonitoringServer("Prometheus", prom.URL)
    fired: list[Mapping[str, str]] | None = None
    known: dict[str, AlertLabels] | None = None
    lines = [*exporters.check_exporters(server), *prometheus.check_prometheus(server)]
    with suppress(QuestionError):
        fired = prometheus.firing_alerts(server)
    with suppress(QuestionError):
        known = alert_labels(server)
    return [
        *lines,
        *alertmanager.check_alertmanager(MonitoringServer("Alertmanager", "http://localhost:9093"), fired, known),
    ]


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_is_answered(random: Random) -> None:
    told, heard = worlds()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.GET, re.compile("http://localhost:9090/.*"), oddly(told.answer, random))
        mock.add_callback(responses.GET, re.compile("http://localhost:9093/.*"), oddly(heard.answer, random))
        lines = diagnosis()
    for link, subjects in LINKS.items():
        found = {line.subject for line in lines if line.link == link}
        assert found <= subjects
        assert "reachable" in found
    printed = render_text(build_diagnosis(datetime.now(UTC), lines), Style())
    assert "\x1b" not in printed
    json.loads(to_json(build_diagnosis(datetime.now(UTC), lines)))
