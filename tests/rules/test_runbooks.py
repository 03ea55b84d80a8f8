"""Every alert has a runbook that somebody can follow at night."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.rules import ALERTS
from exporter.rules.alert import Alert
from exporter.rules.boot_sources import GATE
from tests.worlds import an_hco, cluster, merge
from tools.generate.runbooks import runbook_page

each_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda a: a.name)


def headings(text: str, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", text, re.MULTILINE)


@each_alert
def test_it_has_the_four_parts_in_their_order(alert: Alert) -> None:
    assert headings(runbook_page(alert), 2) == ["Meaning", "Impact", "Diagnosis", "Mitigation"]


@each_alert
def test_every_instance_finds_its_place_by_its_link(alert: Alert) -> None:
    assert sorted(headings(runbook_page(alert), 3)) == sorted(check.id for check in (*alert.checks, *alert.also))


@each_alert
def test_every_block_of_commands_is_fenced_as_bash_and_can_be_read_by_a_shell(alert: Alert) -> None:
    text = runbook_page(alert)
    assert "```bash\n" in text
    assert set(re.findall(r"^```(\w+)$", text, re.MULTILINE)) == {"bash"}
    for block in re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        assert all(shlex.split(line, comments=True) is not None for line in block.splitlines())


@each_alert
def test_logs_are_read_in_one_namespace(alert: Alert) -> None:
    """`logs` knows no -A."""
    commands = re.findall(r"oc logs [^`\n]+", alert.description + runbook_page(alert))
    assert [words for words in map(str.split, commands) if "-n" not in words or "-A" in words] == []


@each_alert
def test_it_names_the_alerts_of_the_platform_or_says_why_there_are_none(alert: Alert) -> None:
    assert bool(alert.relations) != bool(alert.unrelated)
    assert all(f"`{relation.platform}`: " in runbook_page(alert) for relation in alert.relations)


@pytest.mark.parametrize(
    ("number", "api", "version"), [(0, "v1", "1.18.0"), (1, "v1beta1", "1.17.0"), (2, "v1beta1", "1.14.0")]
)
def test_the_gate_is_opened_where_each_version_looks_for_it(number: int, api: str, version: str) -> None:
    commands = [line for line in GATE.splitlines() if line.startswith("oc patch")]
    patch = json.loads(shlex.split(commands[number])[-1])
    closed = {"apiVersion": f"hco.kubevirt.io/{api}", "spec": {"workloadSources": None}}
    patched = merge(merge(an_hco(version=version), closed), patch)
    (hco,) = cluster(patched)[HYPERCONVERGEDS].rows.values()
    assert flat(patch) == [(str(hco.gate.path), True)]
    assert hco.gate.dead == {}


def flat(value: object, path: str = "") -> list[tuple[str, object]]:
    """The leaves of nested objects by their paths."""
    if not isinstance(value, dict):
        return [(path, value)]
    return [leaf for key, inner in value.items() for leaf in flat(inner, f"{path}.{key}" if path else key)]
