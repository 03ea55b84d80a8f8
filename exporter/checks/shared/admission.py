"""What admission says of the copies of an entry, what a refusal costs, and how an entry is corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from exporter.checks.check import Cause, Context, Failed
from exporter.checks.fixes import Fix
from exporter.checks.ids import CheckId
from exporter.checks.shared.entries import edit_entry, written_entries
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import (
    AdmissionRule,
    FieldChange,
    Hazard,
    Path,
    Refusal,
    Verdict,
    admit,
    apply_changes,
    cron_manifests,
    find_fix,
)
from exporter.joins.drift import differences
from exporter.joins.feeders import without_architecture
from exporter.joins.proposed_crons import Proposal, ProposalPlace, crons_by_name
from exporter.model.cdi import DataImportCron
from exporter.model.hco import BootSourceEntry
from exporter.model.raw import Raw

REFUSED: Final[tuple[CheckId, ...]] = ("entry-refused-by-cdi", "entry-without-source", "invalid-schedule")
"""The checks on entries of which no DataImportCron can be made; each names the entry as its part."""


@dataclass(frozen=True, slots=True)
class CheckedProposal:
    """One copy of an entry with what admission says of the DataImportCrons that it leads to."""

    proposal: Proposal
    manifests: tuple[Raw, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Each once, although there may be a DataImportCron per architecture."""
        return tuple({r.key: r for v in self.verdicts for r in v.refusals}.values())

    @property
    def version_dependent(self) -> tuple[Refusal, ...]:
        """What only some versions of CDI refuse, while this cluster's is not known."""
        return tuple({r.key: r for v in self.verdicts for r in v.disputed}.values())

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """What is admitted, and fails all the same; each once."""
        return tuple({(h.rule, h.path): h for v in self.verdicts for h in v.hazards}.values())


def check_proposal(proposal: Proposal, ctx: Context) -> CheckedProposal:
    """Ask admission about every DataImportCron that this copy leads to."""
    manifests = tuple(cron_manifests(proposal.expected)) or (proposal.written,)
    return CheckedProposal(proposal, manifests, tuple(admit(m, ctx.platform.cdi_minor) for m in manifests))


def existing_crons(proposal: Proposal, ctx: Context) -> Iterator[tuple[DataImportCron, bool]]:
    """The DataImportCrons of this entry that exist, and whether each has the spec that the entry asks for."""
    crons = ctx.consult(crons_by_name, {})
    for item in proposal.expected:
        for cron in crons.get(item.key.name, ()):
            if item.key.namespace in ("", cron.metadata.namespace):
                yield cron, not differences(item.spec, cron.spec)


def cost_of_refusal(proposal: Proposal, ctx: Context) -> str:
    """What is lost, or will be, because SSP deletes a DataImportCron before CDI refuses its replacement; "" if nothing."""
    for cron, same in existing_crons(proposal, ctx):
        if not same:
            lost = "and with it the working image" if cron.spec.retention_policy == "None" else "and the updates stop"
            return f"SSP deletes DataImportCron {cron.metadata.name} first, {lost}"
    return ""


def fix_refusal(judged: CheckedProposal, ctx: Context) -> Fix | None:
    """The smallest edit of the administrator's entry after which all its DataImportCrons are admitted."""
    changes: tuple[FieldChange, ...] = ()
    known = known_manifest(judged.proposal.name, ctx)
    for manifest in judged.manifests:
        changes = (*changes, *(find_fix(apply_changes(manifest, changes), ctx.platform.cdi_minor, known) or ()))
    return _edit(judged, changes, ctx)


def fix_hazard(judged: CheckedProposal, hazard: Hazard, ctx: Context) -> Fix | None:
    """The edit of the administrator's entry that takes a hazard away."""
    return _edit(judged, (hazard.change,), ctx) if hazard.change else None


def find_hazards(copies: Iterable[Proposal], ctx: Context) -> Iterator[tuple[CheckedProposal, Hazard]]:
    """What is admitted and goes wrong in these copies of an entry, each at the copy to edit first."""
    told: set[tuple[AdmissionRule, Path]] = set()
    for judged in (check_proposal(copy, ctx) for copy in copies):
        for hazard in judged.hazards:
            if (hazard.rule, hazard.path) not in told:
                yield judged, hazard
        told |= {(h.rule, h.path) for h in judged.hazards}


def fail_hazard(judged: CheckedProposal, hazard: Hazard, what: str, ctx: Context) -> Failed:
    """The finding on a hazard."""
    proposal = judged.proposal
    return Failed(
        summary=f"Boot source {proposal.name} {what}: {hazard.consequence}",
        field=proposal.path(hazard.field),
        observed=hazard.observed,
        expected=hazard.expected,
        since=proposal.since,
        fix=fix_hazard(judged, hazard, ctx),
        about=proposal.about,
        part=f"{proposal.name}/{hazard.field}",
    )


def spec_causes(cron: str) -> tuple[Cause, ...]:
    """What is wrong in the spec that a DataImportCron of this name was made of. The finding may be on its entry."""
    return tuple(Cause("entry-will-fail", part=name) for name in dict.fromkeys((cron, without_architecture(cron))))


def _edit(judged: CheckedProposal, changes: Sequence[FieldChange], ctx: Context) -> Fix | None:
    """A patch that makes these changes in the administrator's entry; None if there is none, or if it is refused then."""
    found = ctx.consult(written_entries, {}).get(judged.proposal.name)
    if judged.proposal.place is not ProposalPlace.SPEC or found is None or not changes:
        return None
    if not all(admit(apply_changes(m, changes), ctx.platform.cdi_minor).admitted for m in judged.manifests):
        return None
    operations = found.slot.operations(changes)
    return edit_entry(ctx, found.slot, *operations, hco=found.hco)


def known_manifest(name: str, ctx: Context) -> Raw | None:
    """The boot source of this name as it was admitted before: HCO's status shows it until HCO takes up the entry."""
    listed = ctx.once("listed entries", lambda: _listed_entries(ctx)).get(name, ())
    good = (e.written for e in listed if admit(e.written, ctx.platform.cdi_minor).admitted)
    made = ({"spec": cron.written} for cron in ctx.consult(crons_by_name, {}).get(name, ()))
    return next(chain(good, made), None)


def _listed_entries(ctx: Context) -> dict[str, list[BootSourceEntry]]:
    found: dict[str, list[BootSourceEntry]] = {}
    for _, hco in ctx[HYPERCONVERGEDS]:
        for entry in hco.status.data_import_cron_templates:
            found.setdefault(entry.name, []).append(entry)
    return found
