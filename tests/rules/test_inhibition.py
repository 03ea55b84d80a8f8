"""What mutes what, on a running Alertmanager with the configuration that ships."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.rules.inhibition import Inhibition, Matcher, inhibitions
from tests.rig.monitoring import Alertmanager

FOLDER = Path(__file__).parents[2] / "rules" / "alertmanager"
ALL = list(inhibitions())
Labels = dict[str, str]
pytestmark = pytest.mark.monitoring


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[Alertmanager]:
    """One with the shipped configuration; nothing is delivered, since the addresses lead nowhere."""
    config = (FOLDER / "alertmanager.yaml").read_text().replace("bootsource.tmpl", str(FOLDER / "bootsource.tmpl"))
    with Alertmanager(tmp_path / "alertmanager", config) as running:
        yield running


def example(matchers: tuple[Matcher, ...]) -> Labels:
    """Labels that match; of a pattern its last alternative."""
    positive = {name: value.split("|")[-1].replace(".+", "X") for name, op, value in matchers if op in ("=", "=~")}
    refused = {name: value for name, op, value in matchers if op == "!="}
    assert not refused.items() & positive.items()
    return positive


def posted(alertmanager: Alertmanager, *alerts: Labels) -> None:
    body = json.dumps([{"labels": labels} for labels in alerts]).encode()
    request = urllib.request.Request(
        f"{alertmanager.url}/api/v2/alerts", body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def muted(alertmanager: Alertmanager, labels: Labels) -> bool:
    (found,) = [a for a in alertmanager.alerts() if a["labels"] == labels]
    return bool(found["status"]["inhibitedBy"])


def become_muted(alertmanager: Alertmanager, labels: Labels) -> None:
    """Wait until it is: Alertmanager looks at new alerts in a thread of its own."""
    deadline = time.monotonic() + 10
    while not muted(alertmanager, labels):
        assert time.monotonic() < deadline, f"{labels} is not muted"
        time.sleep(0.02)


@pytest.mark.parametrize("number", range(len(ALL)), ids=[f"{n}: {rule.why}" for n, rule in enumerate(ALL)])
def test_the_source_mutes_the_target_where_they_agree(alertmanager: Alertmanager, number: int) -> None:
    rule: Inhibition = ALL[number]
    same = {label: f"the-{label}" for label in rule.equal if label not in example(rule.target)}
    source, target = example(rule.source) | same, example(rule.target) | same
    assert source != target
    posted(alertmanager, target, source)
    become_muted(alertmanager, target)
    for label in same:
        elsewhere = target | {label: "another"}
        posted(alertmanager, elsewhere)
        assert not muted(alertmanager, elsewhere), f"it has another {label}"


def test_what_is_worse_or_about_something_else_is_sent(alertmanager: Alertmanager) -> None:
    """A warning of the platform says nothing about what is critical, nor an info about what is used."""
    theirs = [
        {"alertname": "CDINoDefaultStorageClass", "severity": "warning"},
        {"alertname": "CDIStorageProfilesIncomplete", "severity": "info"},
        {"alertname": "HCOGoldenImageWithNoSupportedArchitecture", "severity": "warning"},
        {"alertname": "BootSourceExporterDown", "severity": "warning"},
    ]
    ours = [
        {"alertname": "BootSourceMachineCreationBroken", "check": "no-default-storage-class", "severity": "critical"},
        {"alertname": "BootSourceStorageAmbiguous", "check": "incomplete-storage-profile", "severity": "warning"},
        {"alertname": "BootSourceConfigurationIneffective", "check": "unsupported-architecture", "severity": "warning"},
    ]
    known = {"alertname": "BootSourceOperatorStalled", "check": "ssp-status-stale", "severity": "warning"}
    posted(alertmanager, *theirs, *ours, known, {"alertname": "SSPDown", "severity": "critical"})
    become_muted(alertmanager, known)
    assert not any(muted(alertmanager, labels) for labels in ours)


@pytest.mark.parametrize("label", ["cluster", "managed_cluster"])
def test_a_cluster_inhibits_nothing_of_another_one(alertmanager: Alertmanager, label: str) -> None:
    """By external labels and of Red Hat ACM; with neither there is one cluster."""
    ours = {"alertname": "BootSourceOperatorStalled", "check": "ssp-status-stale", "severity": "warning"}
    theirs = {"alertname": "SSPDown", "severity": "critical"}
    posted(alertmanager, ours | {label: "one"}, ours | {label: "two"}, theirs | {label: "two"})
    become_muted(alertmanager, ours | {label: "two"})
    assert not muted(alertmanager, ours | {label: "one"})
