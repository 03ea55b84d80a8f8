"""Severity by effect: critical is what keeps somebody from creating virtual machines, and nothing else."""

from __future__ import annotations

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.checks.policy import DEFAULT, Policy
from exporter.cluster.resources import VIRTUAL_MACHINES
from exporter.kube.contract import State
from exporter.report import Severity
from tests.worlds import NOW, Manifest, a_cron, a_data_source, a_machine, a_template, cluster

BROKEN = a_data_source(ready=False)
OWN_TEMPLATE = a_template(metadata={"labels": {"template.kubevirt.io/type": "vm"}})
OLD_CLONE = a_machine(status={"created": True, "ready": True, "printableStatus": "Running"})
ELSEWHERE = a_machine(source="rhel9")


def severities(*manifests: Manifest, policy: Policy = DEFAULT, state: State | None = None) -> dict[str, str]:
    """By check."""
    states = {VIRTUAL_MACHINES: state} if state else None
    report = evaluate_cluster(cluster(*manifests, states=states), NOW, policy=policy).report
    return {finding.check: finding.severity.value for finding in report.findings}


@pytest.mark.parametrize(
    ("others", "severity"),
    [
        pytest.param((), "critical", id="nobody uses any boot source yet"),
        pytest.param((a_template(), ELSEWHERE), "warning", id="only a delivered template names it"),
        pytest.param((ELSEWHERE,), "warning", id="a machine of another DataSource"),
        pytest.param((OWN_TEMPLATE,), "critical", id="a template of your own names it"),
        pytest.param((a_machine(),), "critical", id="a machine waits for it"),
        pytest.param((OLD_CLONE,), "critical", id="a machine was made from it"),
    ],
)
def test_a_data_source_that_cannot_be_cloned_is_critical_if_it_is_used(
    others: tuple[Manifest, ...], severity: str
) -> None:
    assert severities(BROKEN, *others)["data-source-not-ready"] == severity


def test_as_long_as_it_is_not_known_who_uses_it_it_counts_as_used() -> None:
    assert severities(BROKEN, state=State.FORBIDDEN)["data-source-not-ready"] == "critical"


def test_what_the_configuration_says_stays() -> None:
    policy = Policy(severities={"data-source-not-ready": Severity.CRITICAL})
    assert severities(BROKEN, policy=policy)["data-source-not-ready"] == "critical"


def test_a_machine_with_a_mistyped_name_is_no_emergency_of_the_cluster() -> None:
    waits = a_machine(source="fedroa", failure="DataSource fedroa not found")
    assert severities(a_cron(), a_data_source(), waits)["machine-source-missing"] == "warning"


@pytest.mark.parametrize("users", [(), (OLD_CLONE,)], ids=["nobody uses any yet", "used"])
def test_without_a_default_class_the_whole_cluster_counts(users: tuple[Manifest, ...]) -> None:
    assert severities(a_cron(), BROKEN, *users)["no-default-storage-class"] == "critical"
