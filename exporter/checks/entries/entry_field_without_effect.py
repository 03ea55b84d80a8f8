"""A boot source with a field that has no effect, or another one than it seems."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Verdict, check
from exporter.checks.shared.admission import fail_hazard, find_hazards
from exporter.checks.shared.entries import written_entries
from exporter.joins.proposed_crons import Proposal, boot_source_specs, crons_by_name
from exporter.report import Severity


@check(
    id="entry-field-without-effect",
    severity=Severity.INFO,
    over=boot_source_specs,
    optional=(written_entries, crons_by_name),
    summary="A field of a boot source has no effect",
    meaning=(
        "CDI admits the field and does not act on it: a retentionPolicy other than None counts as All, whatever it says; "
        "with pullMethod node, secretRef and certConfigMap are not used, since nodes pull with what the nodes have; and "
        "older versions of CDI drop fields that they do not know yet."
    ),
    impact="Nothing fails. A setting has another value than its author expects.",
    diagnosis="The finding names the field and what becomes of it.",
    mitigation="Correct or remove the field in HyperConverged, or where the DataImportCron was written.",
    alert_for=timedelta(hours=1),
)
def entry_field_without_effect(copies: tuple[Proposal, ...], ctx: Context) -> Verdict:
    """Judge each copy of an entry; what is wrong in one is not repeated for those that are made of it."""
    found = [(judged, hazard) for judged, hazard in find_hazards(copies, ctx) if hazard.silent]
    return [fail_hazard(judged, hazard, "has a field without effect", ctx) for judged, hazard in found]
