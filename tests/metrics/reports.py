"""Reports with every field optional."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from exporter.report import CheckStatus, Finding, ObjectRef, Report, Severity
from tests.worlds import NOW


def a_finding(name: str = "fedora", *, kind: str = "DataImportCron", **changes: Any) -> Finding:
    base = Finding(
        fingerprint=name,
        check="polling-frozen",
        severity=Severity.WARNING,
        object=ObjectRef(kind=kind, namespace="images", name=name),
        field="",
        summary=f"{name} is not polled",
        observed="",
        expected="",
        since=NOW,
        caused_by=(),
        dependents={},
        fix=None,
        suppressed=None,
    )
    return replace(base, **changes)


def a_report(*findings: Finding, **changes: Any) -> Report:
    base = Report(
        at=NOW,
        verdict="fail" if findings else "pass",
        findings=findings,
        checks=(CheckStatus(check="polling-frozen", status="fail" if findings else "pass", blind_on=()),),
        resources=(),
    )
    return replace(base, **changes)
