"""A boot source that CDI admits, and that fails later or has a field without effect."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.shared.admission import Judged, improvement, judge_proposal
from exporter.checks.shared.entries import written
from exporter.joins.admission import Hazard, Rule
from exporter.joins.proposed_crons import Proposal, boot_source_specs, standing_crons
from exporter.report import Severity

_TOLD_ELSEWHERE: Final = {
    Rule.CRON_JOB: "schedule-refused-by-cronjob",
    Rule.NEVER_FIRES: "schedule-never-fires",
    Rule.KEEPS_NONE: "imports-to-keep-zero",
    Rule.DIGEST: "image-pinned-by-digest",
}
"""Checks that report a hazard once the DataImportCron exists, which takes seconds."""


@check(
    id="entry-will-fail",
    severity=Severity.WARNING,
    over=boot_source_specs,
    optional=(written, standing_crons),
    summary="A boot source is admitted, but cannot work as it is written",
    meaning=(
        "CDI admits more than works: a managedDataSource that is not a valid name, an architecture that does not exist, "
        "a URL that names no image, an oci-archive, an empty storageClassName, an unknown volumeMode. Other fields have no "
        "effect: a retentionPolicy other than None counts as All, and with pullMethod node secretRef and certConfigMap "
        "are not used."
    ),
    impact=(
        "The boot source is never imported, and often nothing says why: the DataImportCron stays without conditions, or "
        "its DataVolume waits. A field without effect leaves a setting at another value than its author expects."
    ),
    diagnosis="The finding names the field and what becomes of it.",
    mitigation=(
        "Change the field as the finding says. For a source of HyperConverged edit its entry; any other DataImportCron "
        "must be deleted and created again, because CDI does not let its spec change."
    ),
    alert_for=timedelta(minutes=30),
    scenarios=("F31", "F61"),
)
def entry_will_fail(copies: tuple[Proposal, ...], ctx: Context) -> Verdict:
    """Judge each copy of an entry; what is wrong in one is not repeated for those that are made of it."""
    found: list[Failed] = []
    told: set[tuple[object, ...]] = set()
    for judged in (judge_proposal(copy, ctx) for copy in copies):
        hazards = [h for h in judged.hazards if h.rule not in _TOLD_ELSEWHERE and (h.rule, h.path) not in told]
        told |= {(h.rule, h.path) for h in judged.hazards}
        found += [_failed(judged, hazard, ctx) for hazard in hazards]
    return found


def _failed(judged: Judged, hazard: Hazard, ctx: Context) -> Failed:
    proposal = judged.proposal
    return Failed(
        summary=f"Boot source {proposal.name} {'does not do what it says' if hazard.silent else 'will fail'}: "
        f"{hazard.consequence}",
        field=proposal.path(hazard.field),
        observed=hazard.observed,
        expected=hazard.expected,
        since=proposal.since,
        fix=improvement(judged, hazard, ctx),
        severity=Severity.INFO if hazard.silent else None,
        about=proposal.about,
        part=f"{proposal.name}/{hazard.field}",
    )
