"""What the tests of storage and imports assert of a finding, and how they ask for blindness and causes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exporter.checks.check import Check
from exporter.cluster.resource import Resource
from exporter.kube.contract import State
from exporter.report import Finding, FixKind
from tests.worlds import Manifest, evaluate_manifests, findings


def only_finding(check: Check, *manifests: Manifest, **options: Any) -> Finding:
    """The one finding of this check."""
    found = findings(check, *manifests, **options)
    assert len(found) == 1, [finding.summary for finding in found]
    return found[0]


def summarize(finding: Finding) -> tuple[str, str, str, str, str]:
    """Severity, object, field, observed and expected."""
    ref = finding.object
    return (finding.severity.value, f"{ref.kind} {ref.name}", finding.field, finding.observed, finding.expected)


def fix_command(finding: Finding) -> str:
    """The first command. What changes something says how to see that it worked."""
    assert finding.fix is not None
    assert finding.fix.verify or finding.fix.command.split()[1] in ("logs", "describe")
    return finding.fix.command


def costs_of(finding: Finding) -> list[tuple[str, str]]:
    """The commands that cost something, with what they cost."""
    return [(fix.command, fix.risk) for fix in finding.fixes if fix.kind is FixKind.COSTS]


def advice_of(finding: Finding) -> str:
    """What it advises where no command is right."""
    return " ".join(fix.note for fix in finding.fixes if fix.kind is FixKind.NONE)


def cause_ids(checks: tuple[Check, ...], check: Check, *manifests: Manifest, **options: Any) -> set[str]:
    """Ids of the checks whose findings explain those of `check`, all judged together."""
    report = evaluate_manifests((*checks, check), *manifests, **options).report
    by_mark = {f.fingerprint: f.check for f in report.findings}
    return {by_mark[mark] for f in report.findings if f.check == check.id for mark in f.caused_by}


def goes_blind(check: Check, resource: Resource[Any]) -> bool:
    """Without this resource the check says that it cannot judge."""
    told = evaluate_manifests(check, states={resource: State.FORBIDDEN}).report.checks[0]
    return told.status == "blind" and told.blind_on == (str(resource),)


def blind_rows(*checks: Check) -> pytest.MarkDecorator:
    """One row per check and resource that it reads."""
    rows = [(c, r) for c in checks for r in sorted(c.tables, key=str)]
    return pytest.mark.parametrize(
        ("check", "resource"), [pytest.param(c, r, id=f"{c.id} without {r}") for c, r in rows]
    )


def entry_patch(verb: str, path: str, value: object = None) -> str:
    """The command that changes the first entry of HyperConverged, provided that it is fedora-image-cron."""
    at = "/spec/workloadSources/dataImportCronTemplates/0"
    operations = [
        {"op": "test", "path": f"{at}/metadata/name", "value": "fedora-image-cron"},
        {"op": verb, "path": at + path, **({} if verb == "remove" else {"value": value})},
    ]
    patch = json.dumps(operations, separators=(",", ":"))
    return f"oc patch hyperconverged kubevirt-hyperconverged -n openshift-cnv --type json -p '{patch}'"
