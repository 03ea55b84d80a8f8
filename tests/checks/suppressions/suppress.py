"""A small chain of checks that always fail, and suppressions of what they find."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from exporter.checks.check import Cause, Check, Context, Failed, Threshold, Verdict, check
from exporter.checks.ids import CheckId
from exporter.checks.policy import ObjectPattern, Policy, SuppressionRule
from exporter.checks.suppressions import SUPPRESSIONS
from exporter.cluster.resource import Resource
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, STORAGE_CLASSES
from exporter.kube.contract import State
from exporter.model.wire import SUPPRESS
from exporter.report import Report, Severity
from tests.worlds import Manifest, a_cron, a_data_source, a_storage_class, evaluate_manifests

TEXTS = dict.fromkeys(("summary", "meaning", "impact", "diagnosis", "mitigation"), "text")
GRACE = Threshold("grace", timedelta(), "how long it may fail")


def failing(id_: str, over: Resource[Any], severity: Severity, *causes: str) -> Check:
    """A check that fails for every row, because of all findings of its causes."""

    def judge(_: object, ctx: Context) -> Verdict:
        return Failed(
            summary=f"{id_} fails",
            causes=tuple(Cause(cast("CheckId", cause)) for cause in causes),
            grace=ctx.limit(GRACE),
        )

    declared: Any = cast("Any", check)(
        id=id_, severity=severity, over=over, alert_for=timedelta(hours=1), thresholds=(GRACE,), **TEXTS
    )(judge)
    return cast("Check", declared)


def chain(root: Severity = Severity.WARNING, symptom: Severity = Severity.WARNING) -> tuple[Check, ...]:
    """No default class > cron fails > DataSource fails, and the checks that watch over suppressions."""
    return (
        failing("no-class", STORAGE_CLASSES, root),
        failing("cron-fails", DATA_IMPORT_CRONS, symptom, "no-class"),
        failing("source-fails", DATA_SOURCES, symptom, "cron-fails"),
        *SUPPRESSIONS,
    )


def annotate(manifest: Manifest, text: str) -> Manifest:
    """The object with the suppression annotation."""
    manifest["metadata"].setdefault("annotations", {})[SUPPRESS] = text
    return manifest


WORLD = (a_storage_class(), a_cron(), a_data_source())


def a_rule(*checks: str, **fields: Any) -> SuppressionRule:
    selector = ObjectPattern(**{key: fields.pop(key) for key in ("kind", "namespace", "name") if key in fields})
    return SuppressionRule(
        checks=checks or ("no-class",), selector=selector, **{"reason": "known", "owner": "me", **fields}
    )


def a_policy(*rules: SuppressionRule, **fields: Any) -> Policy:
    return Policy(rules=rules, **fields)


def evaluate_policy(
    *manifests: Manifest,
    policy: Policy,
    checks: tuple[Check, ...] = chain(),
    states: Mapping[Resource[Any], State] | None = None,
    **options: Any,
) -> Report:
    """The report on the world, or on these objects instead."""
    return evaluate_manifests(checks, *(manifests or WORLD), policy=policy, states=states, **options).report


def quiet(report: Report) -> dict[str, str]:
    """Check and source of the findings that are muted."""
    return {f.check: f.suppressed.source for f in report.findings if f.suppressed}


def loud(report: Report) -> list[str]:
    """Checks of the findings that count."""
    return [f.check for f in report.findings if f.suppressed is None]
