"""What is said of each state in which Prometheus can be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import promql_parser
import pytest
import requests
import responses

from exporter.base.version import installed_version
from exporter.doctor import exporters, prometheus
from exporter.doctor.diagnosis import Line
from exporter.doctor.request_errors import QuestionError
from exporter.doctor.server import MonitoringServer
from exporter.rules import ALERTS, RECORDINGS
from exporter.rules.groups import build_groups

URL = "http://localhost:9090"
NOW = datetime(2011, 11, 25, 3, tzinfo=UTC)
"""The time of Prometheus, which is not that of this machine."""
RULES: dict[str, dict[str, Any]] = {
    rule.get("alert", rule.get("record")): rule for group in build_groups()["groups"] for rule in group["rules"]
}
NAMES = [*(a.name for a in ALERTS), *(r.name for r in RECORDINGS)]
ONE = {
    "job": "bootsource-exporter",
    "instance": "10.0.0.1:8080",
    "pod": "a",
    "namespace": "ops",
    "version": installed_version(),
}
TWO = ONE | {"instance": "10.0.0.2:8080", "pod": "b"}


def a_target(labels: Mapping[str, str], **more: object) -> dict[str, object]:
    return {"labels": labels, "health": "up", "lastError": "", **more}


def a_rule(name: str) -> dict[str, object]:
    """A rule of ours as Prometheus tells it."""
    rule = RULES.get(name, {"expr": "up"})
    labels = rule.get("labels", {})
    times = {"duration": seconds(rule.get("for")), "keepFiringFor": seconds(rule.get("keep_firing_for"))}
    printed = str(promql_parser.parse(rule["expr"]))
    return {"name": name, "health": "ok", "lastError": "", "query": printed, "labels": labels, **times}


def seconds(span: str | None) -> int:
    return int(span[:-1]) * {"s": 1, "m": 60, "h": 3600}[span[-1]] if span else 0


def a_group(*names: str, evaluated: datetime = NOW, **rule: object) -> dict[str, object]:
    last = evaluated.strftime("%Y-%m-%dT%H:%M:%S.%f123Z")
    rules = [{**a_rule(name), **rule} for name in names]
    return {"name": "bootsource", "interval": 30, "lastEvaluation": last, "rules": rules}


class World:
    """A Prometheus that answers as it is told."""

    def __init__(self) -> None:
        self.series = [ONE, TWO]
        self.queries: dict[str, list[tuple[Mapping[str, str], float]]] = {
            "time() -": [({}, 12.0)],
            "vector(time())": [({}, NOW.timestamp())],
        }
        self.documents: dict[str, object] = {
            "status/buildinfo": {"version": "3.7.0"},
            "targets": {"activeTargets": [a_target(ONE), a_target(TWO), a_target({"job": "node", "instance": "n"})]},
            "rules": {"groups": [a_group(*NAMES), a_group("Other")]},
            "alerts": {"alerts": []},
            "alertmanagers": {"activeAlertmanagers": [{"url": "http://am:9093/api/v2/alerts"}]},
        }

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(str(request.url))
        path = parts.path.removeprefix("/api/v1/")
        if path == "query":
            return 200, {}, _vector(self._found(parse_qs(parts.query)["query"][0]))
        document = self.documents.get(path)
        if document is None:
            return 404, {}, "404 page not found"
        return 200, {}, _json({"status": "success", "data": document})

    def _found(self, query: str) -> list[tuple[Mapping[str, str], float]]:
        if query == prometheus.SERIES:
            return [(labels, 1.0) for labels in self.series]
        return next((found for start, found in self.queries.items() if query.startswith(start)), [])

    def lines(self, subject: str) -> list[tuple[str, str]]:
        """What is said of a subject."""
        return [(line.status, line.said) for line in self.all() if line.subject == subject]

    def all(self) -> list[Line]:
        """All that is said."""
        with responses.RequestsMock() as mock:
            mock.add_callback(responses.GET, _ANY, self.answer, content_type="application/json")
            return list(prometheus.check_prometheus(MonitoringServer("Prometheus", URL)))

    def exporter(self) -> list[Line]:
        """What is said of the exporter that runs."""
        with responses.RequestsMock() as mock:
            mock.add_callback(responses.GET, _ANY, self.answer, content_type="application/json")
            return list(exporters.check_exporters(MonitoringServer("Prometheus", URL)))


_ANY = re.compile(r"http://localhost:9090/.*")
_json = json.dumps


def _vector(found: list[tuple[Mapping[str, str], float]]) -> str:
    result = [{"metric": dict(labels), "value": [1, str(value)]} for labels, value in found]
    return _json({"status": "success", "data": {"resultType": "vector", "result": result}})


@pytest.fixture
def world() -> World:
    return World()


def test_all_is_well(world: World) -> None:
    assert {line.status for line in world.all()} == {"ok"}
    assert [line.subject for line in world.all()] == [
        *("reachable", "targets", "targets", "series", "freshness", "labels", "rules", "alerts", "notifies")
    ]
    assert world.lines("series") == [("ok", "one set of series from each of 2 replicas")]
    assert world.lines("rules") == [("ok", f"all {len(NAMES)} are loaded, as they should be, and healthy")]


def test_nothing_is_scraped(world: World) -> None:
    world.series = []
    world.documents["targets"] = {"activeTargets": [a_target({"job": "node", "instance": "n"})]}
    assert world.lines("targets") == [("problem", "none of its 1 targets is bootsource-exporter")]
    assert world.lines("series")[0][0] == "problem"


def test_a_target_that_is_down_says_why(world: World) -> None:
    world.documents["targets"] = {
        "activeTargets": [a_target(ONE), a_target(TWO, health="down", lastError="connection refused")]
    }
    assert ("problem", "bootsource-exporter 10.0.0.2:8080 is down: connection refused") in world.lines("targets")


@pytest.mark.parametrize(
    ("why", "remedy"),
    [
        ('Get "http://10.0.0.2:8080/metrics": dial tcp 10.0.0.2:8080: connect: connection refused', "does it run"),
        ('Get "http://10.0.0.2:8080/metrics": context deadline exceeded', "NetworkPolicy"),
        ("server returned HTTP status 401 Unauthorized", "token"),
        ("server returned HTTP status 403 Forbidden", "that may get /metrics"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "CA and server name"),
        ("server returned HTTP status 404 Not Found", "port and path"),
    ],
    ids=["refused", "slow", "401", "403", "another CA", "404"],
)
def test_a_target_that_is_down_says_what_to_do(world: World, why: str, remedy: str) -> None:
    world.documents["targets"] = {"activeTargets": [a_target(TWO, health="down", lastError=why)]}
    (told,) = (line for line in world.all() if line.subject == "targets")
    assert told.status == "problem"
    assert remedy in told.remedy


def test_a_target_that_was_not_scraped_yet_is_no_problem(world: World) -> None:
    world.documents["targets"] = {"activeTargets": [a_target(ONE, health="unknown")]}
    assert world.lines("targets") == [("unknown", "bootsource-exporter 10.0.0.1:8080 is unknown: not scraped yet")]


def test_a_target_without_series_is_found_by_its_name(world: World) -> None:
    world.series = []
    said = [said for _, said in world.lines("targets")]
    assert said == ["bootsource-exporter 10.0.0.1:8080 is scraped", "bootsource-exporter 10.0.0.2:8080 is scraped"]


def test_a_replica_that_is_scraped_twice(world: World) -> None:
    world.series = [ONE, ONE | {"job": "again"}, TWO]
    ((status, said),) = world.lines("series")
    assert status == "problem"
    assert said.startswith("a is scraped 2 times: again 10.0.0.1:8080, bootsource-exporter 10.0.0.1:8080")


def test_replicas_of_two_versions(world: World) -> None:
    world.series = [ONE, TWO | {"version": "99.0.0"}]
    assert ("problem", f"replicas of different versions: {installed_version()}, 99.0.0") in world.lines("series")


def test_old_samples(world: World) -> None:
    world.queries["time() -"] = [({}, 250.0)]
    assert world.lines("freshness") == [("problem", "the newest sample is 250 s old")]


def test_labels_that_were_moved(world: World) -> None:
    world.queries['count({__name__=~"bootsource_.+",exported_cluster'] = [({}, 9.0)]
    ((status, said),) = world.lines("labels")
    assert status == "problem"
    assert said.startswith("our labels cluster have become exported_cluster")


def test_rules_that_are_not_loaded(world: World) -> None:
    world.documents["rules"] = {"groups": [a_group(*NAMES[2:])]}
    assert world.lines("rules") == [
        ("problem", f"2 of our {len(NAMES)} rules are not loaded: {', '.join(sorted(NAMES[:2]))}")
    ]
    world.documents["rules"] = {"groups": []}
    assert world.lines("rules")[0][1].endswith(", ...")


def test_rules_that_fail(world: World) -> None:
    broken = a_group(NAMES[0], health="err", lastError="many-to-many matching")
    world.documents["rules"] = {"groups": [a_group(*NAMES[1:]), broken]}
    assert world.lines("rules") == [("problem", f"rules fail: {NAMES[0]}: many-to-many matching")]


def test_rules_that_are_not_evaluated(world: World) -> None:
    late = NOW - timedelta(minutes=10)
    world.documents["rules"] = {"groups": [a_group(*NAMES, evaluated=late)]}
    assert world.lines("rules") == [("problem", "groups of rules have not been evaluated lately: bootsource")]


def test_rules_of_another_version(world: World) -> None:
    older = a_rule("BootSourceNotPolled") | {"duration": 60, "labels": {"severity": "critical"}}
    lesser = a_rule("BootSourceExporterDown") | {"query": "absent(bootsource_exporter_build)"}
    for rules in ([older, lesser], [lesser, older]):
        group = a_group(*NAMES)
        world.documents["rules"] = {"groups": [group, group | {"rules": rules}]}
        (told,) = (line for line in world.all() if line.subject == "rules")
        assert told.status == "problem"
        assert told.said == (
            "another version of the rule is loaded: BootSourceExporterDown (expr), "
            "BootSourceNotPolled (for, severity, team, operator_health_impact)"
        )
        assert "unless they were changed on purpose" in told.remedy


def test_rules_cannot_be_compared_with_those_of_an_exporter_of_another_version(world: World) -> None:
    world.series = [ONE | {"version": "99.0.0"}]
    world.documents["rules"] = {"groups": [a_group(*NAMES[1:]), a_group(NAMES[0], query="up")]}
    assert [status for status, _ in world.lines("rules")] == ["unknown"]
    world.documents["rules"] = {"groups": [a_group(*NAMES[1:])]}
    (told,) = (line for line in world.all() if line.subject == "rules")
    assert (told.status, told.remedy) == (
        "unknown",
        f"ask with the version that runs (99.0.0); this is {installed_version()}",
    )


def test_rules_in_which_openshift_has_enforced_the_namespace(world: World) -> None:
    def enforced(name: str) -> dict[str, Any]:
        rule = a_rule(name)
        query = re.sub(r"([\w:]*bootsource_[\w:]+)(\{\}|\{)?", _with_namespace, str(rule["query"]))
        return rule | {"query": query, "labels": {**RULES[name].get("labels", {}), "namespace": "ops"}}

    group = a_group() | {"rules": [enforced(name) for name in NAMES]}
    world.documents["rules"] = {"groups": [group]}
    assert 'absent(bootsource_exporter_build_info{namespace="ops"})' in json.dumps(group).replace("\\", "")
    assert world.lines("rules")[0][0] == "ok"


def _with_namespace(selector: re.Match[str]) -> str:
    return f'{selector[1]}{{namespace="ops"' + ("," if selector[2] == "{" else "}")


def test_rules_that_have_just_been_loaded(world: World) -> None:
    fresh = a_group(*NAMES, health="unknown") | {"lastEvaluation": "0001-01-01T00:00:00Z"}
    world.documents["rules"] = {"groups": [fresh]}
    assert world.lines("rules")[0][0] == "ok"


def test_what_fires(world: World) -> None:
    def an_alert(name: str, state: str) -> dict[str, object]:
        return {"labels": {"alertname": name}, "state": state}

    world.documents["alerts"] = {
        "alerts": [
            an_alert("BootSourceNotPolled", "firing"),
            an_alert("BootSourceNotPolled", "firing"),
            an_alert("BootSourceImportFailing", "pending"),
            an_alert("Watchdog", "firing"),
        ]
    }
    assert world.lines("alerts") == [
        ("ok", "firing: BootSourceNotPolled (2)"),
        ("ok", "pending: BootSourceImportFailing"),
    ]


def test_nobody_is_told(world: World) -> None:
    world.documents["alertmanagers"] = {"activeAlertmanagers": [], "droppedAlertmanagers": [{"url": "x"}]}
    ((status, said),) = world.lines("notifies")
    assert status == "problem"
    assert said == "it knows no Alertmanager (all that were discovered are dropped): nobody is told of any alert"


def test_a_thanos_querier_does_not_tell_some_things(world: World) -> None:
    for missing in ("status/buildinfo", "targets", "alertmanagers"):
        del world.documents[missing]
    assert world.lines("reachable") == [("ok", "it answers")]
    assert [line.subject for line in world.all() if line.status == "unknown"] == ["targets", "notifies"]
    assert not [line for line in world.all() if line.status == "problem"]


@pytest.mark.parametrize("path", ["targets", "rules", "alerts", "alertmanagers"])
@pytest.mark.parametrize("odd", [[], {}, "text", 7, {"groups": [{}]}, {"activeTargets": [{}]}], ids=repr)
def test_an_odd_answer_is_unknown_and_costs_nothing_else(world: World, path: str, odd: object) -> None:
    world.documents[path] = odd
    said = world.all()
    assert {line.subject for line in said} == {
        *("reachable", "targets", "series", "freshness", "labels", "rules", "alerts", "notifies")
    }


def test_no_prometheus_at_all() -> None:
    with responses.RequestsMock() as mock:
        mock.get(_ANY, status=502)
        (told,) = prometheus.check_prometheus(MonitoringServer("Prometheus", URL))
    assert (told.subject, told.status) == ("reachable", "problem")


def test_what_the_running_exporter_may_not_read(world: World) -> None:
    world.queries = {
        "max by (cluster, resource, state)": [
            ({"resource": "storageclasses", "state": "forbidden"}, 1.0),
            ({"resource": "templates", "state": "failed", "cluster": "lab"}, 1.0),
        ],
        "count by (cluster)": [({}, 12.0)],
        "max by (verdict)": [({"verdict": "unknown"}, 1.0)],
    }
    forbidden, failed, blind = world.exporter()
    assert forbidden.said == "it may not list or watch storageclasses"
    assert "  - storageclasses\n" in forbidden.manifest
    assert "kind: ServiceAccount\n  namespace: ops\n  name: bootsource-exporter\n" in forbidden.manifest
    assert failed.said == "templates in lab is failed"
    assert (blind.status, blind.said) == ("unknown", "12 checks are blind")


def test_a_running_exporter_that_sees_all(world: World) -> None:
    world.queries = {"max by (verdict)": [({"verdict": "pass"}, 1.0)]}
    (told,) = world.exporter()
    assert (told.status, told.said) == ("ok", "it sees all that the cluster serves")


def test_an_exporter_that_is_not_scraped_is_not_told_of(world: World) -> None:
    world.queries = {}
    assert world.exporter() == []


def test_a_copy_of_a_rule_that_is_well_does_not_hide_one_that_is_not(world: World) -> None:
    ill = a_group(NAMES[0], health="err", lastError="many-to-many matching")
    for loaded in ([ill, a_group(*NAMES)], [a_group(*NAMES), ill]):
        world.documents["rules"] = {"groups": loaded}
        assert world.lines("rules") == [("problem", f"rules fail: {NAMES[0]}: many-to-many matching")]


@pytest.mark.parametrize("odd", [{"alerts": [None]}, {"alerts": [{"labels": []}]}, [], "text"], ids=repr)
def test_odd_alerts_are_a_fault_not_a_crash(world: World, odd: object) -> None:
    world.documents["alerts"] = odd
    with responses.RequestsMock() as mock:
        mock.add_callback(responses.GET, _ANY, world.answer)
        with pytest.raises(QuestionError):
            prometheus.firing_alerts(MonitoringServer("Prometheus", URL))


def test_a_running_exporter_that_has_just_started(world: World) -> None:
    world.queries = {"max by (cluster, resource, state)": [({"resource": "templates", "state": "pending"}, 1.0)]}
    assert [(line.status, line.said) for line in world.exporter()] == [
        ("unknown", "templates is not read yet: it has just started, or waits")
    ]


def test_an_account_whose_namespace_is_not_known_is_to_be_filled_in(world: World) -> None:
    world.series = [{"job": "bootsource-exporter", "instance": "10.0.0.1:8080"}]
    world.queries = {"max by (cluster, resource, state)": [({"resource": "templates", "state": "forbidden"}, 1.0)]}
    (told,) = world.exporter()
    assert "in place of NAMESPACE" in told.remedy
    assert "namespace: NAMESPACE\n" in told.manifest


def test_a_running_exporter_of_which_parts_are_switched_off(world: World) -> None:
    off = ({"resource": "pods", "state": "disabled"}, 1.0)
    world.queries = {"max by (cluster, resource, state)": [off], "count by (cluster)": [({}, 3.0)]}
    assert [(line.subject, line.status) for line in world.exporter()] == [("pods", "ok"), ("checks", "ok")]
    failed = ({"resource": "templates", "state": "failed"}, 1.0)
    world.queries["max by (cluster, resource, state)"] = [off, failed]
    assert [line.status for line in world.exporter()] == ["ok", "problem", "unknown"]


def test_a_running_exporter_that_refuses_its_configuration(world: World) -> None:
    world.queries = {"min by (cluster)": [({}, 0.0)], "max by (verdict)": [({"verdict": "pass"}, 1.0)]}
    refused, _ = world.exporter()
    assert (refused.subject, refused.status) == ("configuration", "problem")
    assert "`oc logs -n ops " in refused.remedy


def test_what_the_running_exporter_says_may_be_unknown(world: World) -> None:
    with responses.RequestsMock() as mock:
        mock.get(_ANY, status=503)
        (told,) = exporters.check_exporters(MonitoringServer("Prometheus", URL))
    assert (told.link, told.status) == ("exporter", "unknown")
    assert "503" in told.said
