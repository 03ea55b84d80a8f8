"""What is said of each state in which Alertmanager can be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest
import requests
import responses

from exporter.doctor import alertmanager
from exporter.doctor.diagnosis import Line
from exporter.doctor.server import Server
from exporter.rules import ALERTS

GOOD = """
route: {receiver: chat}
receivers:
- {name: chat, slack_configs: [{api_url: <secret>, channel: '#a'}]}
"""
OPENSHIFT = """
route:
  receiver: Default
  routes:
  - {receiver: Watchdog, matchers: ['alertname="Watchdog"']}
  - {receiver: Critical, matchers: ['severity="critical"']}
receivers: [{name: Default}, {name: Watchdog}, {name: Critical}]
"""
FIRED = {"alertname": "BootSourceNotPolled", "check": "polling-frozen", "severity": "warning"}


class World:
    """An Alertmanager that answers as it is told."""

    def __init__(self) -> None:
        self.config = GOOD
        self.cluster: Mapping[str, object] = {"status": "ready", "peers": [{}, {}]}
        self.alerts: object = []
        self.metrics = ""
        self.fired: list[Mapping[str, str]] | None = []
        self.status = 200
        self.version: object = {"version": "0.28.1"}
        self.loaded: Mapping[str, Mapping[str, str]] = {}

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if "/status" in str(request.url):
            document = {
                "cluster": self.cluster,
                "versionInfo": self.version,
                "config": {"original": self.config},
            }
            return self.status, {}, json.dumps(document)
        if "/alerts" in str(request.url):
            return 200, {}, json.dumps(self.alerts)
        return 200, {}, self.metrics

    def all(self) -> list[Line]:
        """All that is said."""
        with responses.RequestsMock() as mock:
            mock.add_callback(responses.GET, re.compile("http://localhost:9093/.*"), self.answer)
            return list(alertmanager.look(Server("Alertmanager", "http://localhost:9093"), self.fired, self.loaded))

    def lines(self, subject: str) -> list[tuple[str, str]]:
        """What is said of a subject."""
        return [(line.status, line.said) for line in self.all() if line.subject == subject]


@pytest.fixture
def world() -> World:
    return World()


def held(labels: Mapping[str, str], **status: object) -> dict[str, object]:
    return {"labels": labels, "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], **status}}


def test_all_is_well(world: World) -> None:
    assert [(line.subject, line.status) for line in world.all()] == [
        *(("reachable", "ok"), ("cluster", "ok"), ("routes", "ok"), ("received", "ok"), ("delivery", "ok"))
    ]
    assert world.lines("routes") == [("ok", f"all {len(ALERTS)} alerts would go to chat by slack")]
    assert world.lines("reachable") == [("ok", "it answers as version 0.28.1")]


def test_the_configuration_that_openshift_ships_reaches_nobody(world: World) -> None:
    world.config = OPENSHIFT
    said = world.lines("routes")
    assert {status for status, _ in said} == {"problem"}
    assert ("problem", "BootSourceMachineCreationBroken would reach nobody: receiver Critical sends nothing") in said


def test_a_route_of_our_own_in_it(world: World) -> None:
    world.config = """
route:
  receiver: Default
  routes:
  - {receiver: us, matchers: ['team="virtualization"'], mute_time_intervals: [nights]}
receivers: [{name: Default}, {name: us, webhook_configs: [{url: <secret>}]}]
"""
    reached, lost = world.lines("routes")
    assert reached[0] == "ok"
    assert reached[1].endswith("would go to us by webhook, but not at all times (nights)")
    assert lost[0] == "problem"
    assert "BootSourceExporterDown" in lost[1]


def test_an_alert_that_did_not_arrive(world: World) -> None:
    world.fired = [FIRED]
    assert world.lines("received") == [
        ("problem", "Prometheus fires BootSourceNotPolled, of which nothing has arrived here")
    ]


def test_external_labels_do_not_hide_an_alert(world: World) -> None:
    world.fired = [FIRED]
    world.alerts = [held(FIRED | {"prometheus": "openshift-monitoring/k8s"}), held({"alertname": "Other"})]
    assert world.lines("received") == [("ok", "it has all 1 alerts of ours that fire")]


def test_silenced_and_muted(world: World) -> None:
    world.fired = None
    world.alerts = [held(FIRED, silencedBy=["5f1"]), held(FIRED | {"check": "x"}, inhibitedBy=["77"])]
    assert world.lines("received") == [
        ("ok", "BootSourceNotPolled is silenced by 5f1"),
        ("ok", "BootSourceNotPolled is muted by another alert"),
        ("unknown", "which alerts should be here is not known"),
    ]


@pytest.mark.parametrize(
    ("failed", "expected"),
    [(0, "ok"), (3, "ok"), (40, "problem")],
)
def test_notifications_that_failed(world: World, failed: int, expected: str) -> None:
    world.metrics = (
        'alertmanager_notifications_total{integration="slack"} 40\n'
        f'alertmanager_notifications_failed_total{{integration="slack",reason="other"}} {failed}\n'
    )
    ((status, said),) = world.lines("delivery")
    assert status == expected
    assert ("of 40 notifications by slack have failed" in said) == bool(failed)


def test_a_cluster_that_does_not_settle(world: World) -> None:
    world.cluster = {"status": "settling", "peers": []}
    assert world.lines("cluster")[0][0] == "problem"


@pytest.mark.parametrize("config", ["", "route: 1", "{"])
def test_a_configuration_that_cannot_be_read_costs_the_routes_alone(world: World, config: str) -> None:
    world.config = config
    assert [line.subject for line in world.all() if line.status == "unknown"] == ["routes"]


@pytest.mark.parametrize("odd", [{}, [{}], [7], "text"], ids=repr)
def test_odd_alerts_are_unknown_and_cost_nothing_else(world: World, odd: object) -> None:
    world.alerts = odd
    assert world.lines("routes")[0][0] == "ok"
    assert world.lines("delivery")[0][0] == "ok"
    assert {status for status, _ in world.lines("received")} <= {"unknown", "ok"}


def test_metrics_that_are_none(world: World) -> None:
    world.metrics = "<html>log in</html>"
    assert world.lines("delivery")[0][0] == "unknown"


def test_no_alertmanager(world: World) -> None:
    world.status = 503
    (told,) = world.all()
    assert (told.subject, told.status) == ("reachable", "problem")


def test_something_else_that_answers() -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://localhost:9093/api/v2/status", json={"hello": "world"})
        (told,) = alertmanager.look(Server("Alertmanager", "http://localhost:9093"), [])
    assert (told.status, told.said) == ("problem", "what answers is no Alertmanager")


OPERATOR = """
route:
  receiver: Default
  routes:
  - {receiver: ops/bootsource/chat, matchers: ['namespace="ops"'], continue: true}
receivers: [{name: Default}, {name: ops/bootsource/chat, slack_configs: [{channel: '#a'}]}]
"""


def test_a_route_by_a_label_that_is_not_known_is_unknown_and_no_alarm(world: World) -> None:
    world.config = OPERATOR
    said = f"all {len(ALERTS)} alerts would reach ops/bootsource/chat only by labels that are not known before it fires"
    assert world.lines("routes") == [("unknown", said)]


@pytest.mark.parametrize(
    ("namespace", "expected"), [("ops", "ok"), ("other", "problem")], ids=["the route's", "another"]
)
def test_the_namespace_that_the_loaded_rules_set_decides(world: World, namespace: str, expected: str) -> None:
    world.config = OPERATOR
    world.loaded = {alert.name: {"namespace": namespace} for alert in ALERTS}
    assert [status for status, _ in world.lines("routes")] == [expected]


def test_a_version_that_is_odd_costs_nothing_else(world: World) -> None:
    world.version = "0.28.1"
    assert world.lines("reachable") == [("ok", "it answers")]
    assert world.lines("routes")[0][0] == "ok"
