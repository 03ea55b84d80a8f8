"""One boot source: an entry of HyperConverged or SSP, or a DataImportCron, as admission and CDI take it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from exporter.joins.admission import (
    REMOVE,
    AdmissionRule,
    FieldChange,
    Hazard,
    Path,
    Refusal,
    RefusedBy,
    admit,
    apply_changes,
)
from exporter.lint.releases import cdi_minor_of
from exporter.lint.rule import Problem, Tree, per_release, remedy_of
from exporter.lint.rules.fields import unknown_field
from exporter.lint.rules.metadata import OF_METADATA
from exporter.lint.rules.retention import retention_problems
from exporter.lint.rules.schedules import schedule_problems
from exporter.lint.source import Manifest
from exporter.model.hco_layout import Release

HAZARD_RULES: Final = {
    AdmissionRule.CRON_JOB: "schedule-refused-by-cronjob",
    AdmissionRule.NEVER_FIRES: "schedule-never-fires",
    AdmissionRule.KEEPS_NONE: "imports-to-keep-zero",
    AdmissionRule.DIGEST: "image-pinned-by-digest",
}
"""Checks of their own for what is admitted and fails; the others are one check."""
_SAFE: Final = frozenset(
    {
        AdmissionRule.NO_QUANTITY,
        AdmissionRule.URL,
        AdmissionRule.REGISTRY,
        AdmissionRule.PULL_METHOD,
        AdmissionRule.ACCESS_MODES,
        AdmissionRule.GARBAGE_COLLECT,
        AdmissionRule.IMPORTS_TO_KEEP,
        AdmissionRule.ARCHITECTURE,
        AdmissionRule.CREDENTIALS,
        AdmissionRule.CRON_JOB,
        AdmissionRule.REFERENCE,
        AdmissionRule.KEEPS_NONE,
    }
)
"""What can be meant in one way only, and costs nothing that works: the same in the spelling that is understood."""


def cron_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """DataImportCrons that are written by hand."""
    for manifest in tree.of("DataImportCron"):
        subject = f"DataImportCron {manifest.name or 'without a name'}"
        for problem in source_problems(manifest.value, subject, tree, tree.target.releases, entry=False):
            yield manifest, problem


def source_problems(
    value: dict[str, Any], subject: str, tree: Tree, releases: tuple[Release, ...], *, entry: bool
) -> Iterator[Problem]:
    """What is wrong with one boot source, on these releases."""
    written: dict[str, Any] = {key: value[key] for key in ("metadata", "spec") if key in value}

    def judge(release: Release) -> Iterator[Problem]:
        return _admission_problems(written, subject, cdi_minor_of(release), entry=entry)

    # Each rule of admission holds from some version on, or up to one: where the ends agree, so does what is between.
    oldest, newest = list(judge(releases[0])), list(judge(releases[-1]))
    same = {(p.rule, p.path) for p in oldest} == {(p.rule, p.path) for p in newest}
    yield from newest if same else per_release(tree.target, releases, judge)
    yield from schedule_problems(value, subject)
    yield from retention_problems(value, subject)


def _admission_problems(written: dict[str, Any], subject: str, minor: int, *, entry: bool) -> Iterator[Problem]:
    verdict = admit(written, minor)
    for refusal in verdict.refusals:
        if refusal.path[0] != "metadata" or refusal.rule not in OF_METADATA:
            yield _refused(written, refusal, subject, minor, entry=entry)
    for hazard in verdict.hazards:
        yield _hazard(written, hazard, subject, minor)
    for path in verdict.unknown_fields:
        yield unknown_field(path, subject, "CDI")


def _refused(written: dict[str, Any], refusal: Refusal, subject: str, minor: int, *, entry: bool) -> Problem:
    rule = "entry-refused-by-cdi"
    if refusal.rule is AdmissionRule.SOURCE_MISSING and entry:
        rule = "entry-without-source"
    elif refusal.rule is AdmissionRule.SCHEDULE and refusal.observed != "empty":
        rule = "invalid-schedule"
    who = "The API server" if refusal.by is RefusedBy.SCHEMA else "CDI"
    if rule == "entry-without-source":
        text = f"{subject} has no source, which blocks other boot sources too: an entry replaces the whole spec"
    else:
        text = f"{who} refuses {subject} because {refusal.reason}"
    return Problem(
        rule=rule,
        path=refusal.path,
        summary=text,
        remedy=remedy_of(refusal.change, refusal.field, refusal.expected),
        edits=_safe_edit(written, refusal.rule, refusal.change, minor),
    )


def _hazard(written: dict[str, Any], hazard: Hazard, subject: str, minor: int) -> Problem:
    rule = HAZARD_RULES.get(hazard.rule, "entry-field-without-effect" if hazard.silent else "entry-will-fail")
    text = f"{subject}: {hazard.consequence}"
    if hazard.rule is AdmissionRule.CRON_JOB:
        text = f"{subject} is never polled, as Kubernetes refuses the CronJob of its poller: {hazard.consequence}"
    elif hazard.rule is AdmissionRule.NEVER_FIRES:
        text = f"The schedule of {subject} never comes due: {hazard.consequence}"
    return Problem(
        rule=rule,
        path=hazard.path,
        summary=text,
        remedy=remedy_of(hazard.change, hazard.field, hazard.expected),
        edits=_safe_edit(written, hazard.rule, hazard.change, minor),
    )


def _safe_edit(
    written: dict[str, Any], rule: AdmissionRule, change: FieldChange | None, minor: int
) -> tuple[FieldChange, ...]:
    """The change, if it is safe and the problem is gone with it, and no other comes."""
    safe = rule in _SAFE or (rule is AdmissionRule.VOLUME_MODE and change is not None and change.value is not REMOVE)
    if change is None or not safe:
        return ()
    before = {r.key for r in admit(written, minor).refusals}
    after = admit(apply_changes(written, [change]), minor)
    keys = {r.key for r in after.refusals}
    left = {(h.rule, h.path) for h in after.hazards}
    key: tuple[AdmissionRule, Path] = (rule, change.path)
    return (change,) if keys <= before and key not in keys and key not in left else ()
