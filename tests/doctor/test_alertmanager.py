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
from exporter.doctor.labels import static_labels_of
from exporter.doctor.routing import AlertLabels
from exporter.doctor.server import MonitoringServer
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
        self.known: Mapping[str, AlertLabels] | None = None
        self.silences: object = []

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if "/status" in str(request.url):
            document = {
                "cluster": self.cluster,
                "versionInfo": self.version,
                "config": {"original": self.config},
            }
            return self.status, {}, json.dumps(document)
        if "/silences" in str(request.url):
            return 200, {}, json.dumps(self.silences)
        if "/alerts" in str(request.url):
            return 200, {}, json.dumps(self.alerts)
        return 200, {}, self.metrics

    def all(self) -> list[Line]:
        """All that is said."""
        with responses.RequestsMock() as mock:
            mock.add_callback(responses.GET, re.compile("http://localhost:9093/.*"), self.answer)
            return list(
                alertmanager.check_alertmanager(
                    MonitoringServer("Alertmanager", "http://localhost:9093"), self.fired, self.known
                )
            )

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
        *(("reachable", "ok"), ("cluster", "ok"), ("routes", "ok"), ("silences", "ok")),
        *(("received", "ok"), ("delivery", "ok")),
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
    assert world.lines("received") == [("ok", "it has all alerts of ours that fire (1)")]


def test_labels_that_are_taken_away_on_the_way_do_not_hide_an_alert(world: World) -> None:
    world.fired = [FIRED | {"prometheus_replica": "prometheus-k8s-0"}]
    world.alerts = [held(FIRED)]
    assert world.lines("received")[0][0] == "ok"
    world.alerts = [held(FIRED | {"check": "digest-unknown"})]
    assert world.lines("received")[0][0] == "problem"


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


@pytest.mark.parametrize(
    ("cluster", "said"),
    [({"status": "ready", "peers": [{}]}, "ready, 1 member"), ({"status": "disabled"}, "it stands alone")],
)
def test_a_cluster_that_has_settled(world: World, cluster: dict[str, object], said: str) -> None:
    world.cluster = cluster
    assert world.lines("cluster") == [("ok", said)]


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
        (told,) = alertmanager.check_alertmanager(MonitoringServer("Alertmanager", "http://localhost:9093"), [], None)
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
    ((status, said),) = world.lines("routes")
    assert status == "unknown"
    assert said.startswith(f"whether all {len(ALERTS)} alerts would reach ops/bootsource/chat depends on ")
    assert said.endswith('namespace="ops", which cannot be told')
    assert [line.remedy.partition(",")[0] for line in world.all() if line.status == "unknown"] == [
        "name Prometheus with --prometheus"
    ]


def labelled(**more: str) -> dict[str, AlertLabels]:
    """What Prometheus knows: these labels are set by our rules as well."""
    return {a.name: AlertLabels(static_labels_of(a) | more, frozenset(a.labels)) for a in ALERTS}


@pytest.mark.parametrize(
    ("namespace", "expected"), [("ops", "ok"), ("other", "problem")], ids=["the route's", "another"]
)
def test_the_namespace_that_the_loaded_rules_set_decides(world: World, namespace: str, expected: str) -> None:
    world.config = OPERATOR
    world.known = labelled(namespace=namespace)
    assert [status for status, _ in world.lines("routes")] == [expected]


def test_an_expression_that_cannot_be_judged_costs_one_route_and_none_of_the_others(world: World) -> None:
    world.config = """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['severity="critical"']}
  - {receiver: chat, matchers: ['team=~"[[:alpha:]]+"']}
receivers: [{name: nobody}, {name: chat, slack_configs: [{channel: '#a'}]}]
"""
    statuses = dict(world.lines("routes"))
    assert statuses["ok"] == "BootSourceMachineCreationBroken would go to chat by slack"
    assert 'depends on team=~"[[:alpha:]]+"' in statuses["unknown"]


def test_whichever_way_it_goes_somebody_hears_of_it(world: World) -> None:
    world.config = """
route:
  receiver: chat
  routes:
  - {receiver: mail, matchers: ['object_namespace="lab"']}
receivers: [{name: mail, email_configs: [{to: a@b.example}]}, {name: chat, slack_configs: [{channel: '#a'}]}]
"""
    assert world.lines("routes") == [("ok", f"all {len(ALERTS)} alerts would go to mail by email; chat by slack")]


def a_silence(*matchers: tuple[str, str], state: str = "active", regex: bool = False, **more: object) -> object:
    told = [{"name": name, "value": value, "isRegex": regex, "isEqual": True} for name, value in matchers]
    times = {"startsAt": "2026-11-25T03:00:00Z", "endsAt": "2026-11-25T09:00:00Z"}
    who = {"createdBy": "ops", "comment": "storage is being moved"}
    return {"id": "5f1", "status": {"state": state}, "matchers": told, **times, **who, **more}


def test_a_silence_of_an_alert_that_does_not_fire_yet(world: World) -> None:
    world.silences = [a_silence(("alertname", "BootSourceNotPolled"))]
    (told,) = (line for line in world.all() if line.subject == "silences")
    assert told.status == "problem"
    assert told.said.startswith("nobody is told of BootSourceNotPolled, by silence 5f1 of ops (storage is being moved)")
    assert told.said.endswith('until 2026-11-25T09:00:00Z: alertname="BootSourceNotPolled"')
    assert "`amtool silence expire --alertmanager.url=http://localhost:9093 5f1`" in told.remedy


@pytest.mark.parametrize(
    "matchers",
    [(("severity", "critical|warning"),), (("alertname", "BootSource.*"), ("no_such_label", "|x"))],
    ids=["by severity", "by name"],
)
def test_a_silence_of_all_of_ours(world: World, matchers: tuple[tuple[str, str], ...]) -> None:
    world.known = labelled()
    world.silences = [a_silence(*matchers, regex=True)]
    ((status, said),) = world.lines("silences")
    assert (status, said.partition(",")[0]) == ("problem", f"nobody is told of all {len(ALERTS)} alerts")


@pytest.mark.parametrize(
    ("silence", "said"),
    [
        (a_silence(("alertname", "Watchdog")), "none covers an alert of ours"),
        (a_silence(("alertname", "BootSourceNotPolled"), state="expired"), "none covers an alert of ours"),
        (a_silence(("namespace", "other")), "none covers an alert of ours"),
        (
            a_silence(("alertname", "BootSourceNotPolled"), state="pending"),
            "nobody will be told of BootSourceNotPolled",
        ),
        (
            a_silence(("alertname", "BootSourceNotPolled"), ("object", "fedora")),
            "some of BootSourceNotPolled may be silenced by silence 5f1",
        ),
    ],
    ids=["others", "expired", "of whatever is in a namespace", "to come", "one object"],
)
def test_a_silence_that_breaks_nothing(world: World, silence: object, said: str) -> None:
    world.silences = [silence]
    ((status, found),) = world.lines("silences")
    assert status == "ok"
    assert found.startswith(said)


@pytest.mark.parametrize("odd", [{"a": 1}, [7], [{}], [{"status": {"state": "active"}, "matchers": [1]}], 5], ids=repr)
def test_odd_silences_are_unknown_and_cost_nothing_else(world: World, odd: object) -> None:
    world.silences = odd
    assert [status for status, _ in world.lines("silences")] == ["unknown"]
    assert world.lines("delivery")[0][0] == "ok"


def test_a_version_that_is_odd_costs_nothing_else(world: World) -> None:
    world.version = "0.28.1"
    assert world.lines("reachable") == [("ok", "it answers")]
    assert world.lines("routes")[0][0] == "ok"
