"""A boot source that CDI admits, and that fails later."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import Context, Verdict, check
from exporter.checks.shared.admission import fail_hazard, find_hazards
from exporter.checks.shared.entries import written_entries
from exporter.joins.admission import AdmissionRule
from exporter.joins.proposed_crons import Proposal, boot_source_specs, crons_by_name
from exporter.report import Severity

_TOLD_ELSEWHERE: Final = {
    AdmissionRule.CRON_JOB: "schedule-refused-by-cronjob",
    AdmissionRule.NEVER_FIRES: "schedule-never-fires",
    AdmissionRule.KEEPS_NONE: "imports-to-keep-zero",
    AdmissionRule.DIGEST: "image-pinned-by-digest",
}
"""Checks that report a hazard once the DataImportCron exists, which takes seconds."""


@check(
    id="entry-will-fail",
    severity=Severity.WARNING,
    over=boot_source_specs,
    optional=(written_entries, crons_by_name),
    summary="A boot source is admitted, but cannot work as it is written",
    meaning=(
        "CDI admits more than works: a managedDataSource that is not a valid name, an architecture that does not exist, "
        "a URL that names no image, an oci-archive, an empty storageClassName, an unknown volumeMode."
    ),
    impact=(
        "The boot source is never imported, and often nothing says why: the DataImportCron stays without conditions, or "
        "its DataVolume waits."
    ),
    diagnosis="The finding names the field and what becomes of it.",
    mitigation=(
        "Change the field as the finding says. For a source of HyperConverged edit its entry; any other DataImportCron "
        "must be deleted and created again, because CDI does not let its spec change."
    ),
    alert_for=timedelta(minutes=30),
    scenarios=("F31",),
)
def entry_will_fail(copies: tuple[Proposal, ...], ctx: Context) -> Verdict:
    """Judge each copy of an entry; what is wrong in one is not repeated for those that are made of it."""
    found = [(judged, h) for judged, h in find_hazards(copies, ctx) if not h.silent and h.rule not in _TOLD_ELSEWHERE]
    return [fail_hazard(judged, hazard, "will fail", ctx) for judged, hazard in found]
