"""An entry of which CDI, or the API server, refuses the DataImportCron."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.shared.admission import (
    CheckedProposal,
    check_proposal,
    cost_of_refusal,
    existing_crons,
    fix_refusal,
)
from exporter.checks.shared.entries import written_entries
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import AdmissionRule, Path, Refusal, RefusedBy
from exporter.joins.proposed_crons import Proposal, ProposalPlace, crons_by_name, proposed_crons
from exporter.joins.ssp_crons import crons_by_entry
from exporter.report import Severity


@check(
    id="entry-refused-by-cdi",
    severity=Severity.CRITICAL,
    over=proposed_crons,
    reads=(HYPERCONVERGEDS,),
    optional=(written_entries, crons_by_name, crons_by_entry),
    summary="CDI refuses the DataImportCron of an entry",
    meaning=(
        "HyperConverged and SSP accept many entries of which no DataImportCron can be made: without a size or with one "
        "below 1 MiB, with a source of another kind than a registry or a PersistentVolumeClaim, with a URL that begins "
        "otherwise than with docker:// or oci-archive://, with an ImageStream without pullMethod node, with storage and "
        "pvc at once, or with a name of more than 63 characters. CDI's webhook refuses these; what breaks the CRD's "
        "schema, the API server refuses. The finding says what is refused and why."
    ),
    impact=(
        "The boot source is never imported. SSP is degraded, and others may not be applied either. If the entry was "
        "edited, SSP deletes the DataImportCron that worked before CDI refuses the new one: where its retentionPolicy is "
        "None, the default since OpenShift Virtualization 4.22, the image is deleted with it."
    ),
    diagnosis="The finding names the field; `oc get ssp -A -o yaml` shows CDI's refusal.",
    mitigation=(
        "Change the field as the finding says, in HyperConverged: HCO reverts edits of SSP. Put an image that is in no "
        "registry into a container disk in a registry, or import it once into a PersistentVolumeClaim and use "
        "`source.pvc`."
    ),
    alert_for=timedelta(minutes=5),
    scenarios=("F69", "F31", "F07"),
)
def entry_refused_by_cdi(copies: tuple[Proposal, ...], ctx: Context) -> Verdict:
    """Judge each copy of an entry; what is wrong in one is not repeated for those that are made of it."""
    if _makes_no_cron(copies, ctx):
        return []
    found: list[Failed] = []
    unsure: list[Refusal] = []
    told: set[tuple[AdmissionRule, Path]] = set()
    for judged in (check_proposal(copy, ctx) for copy in copies):
        refusals = [r for r in judged.refusals if not _is_reported_elsewhere(r) and r.key not in told]
        told |= {r.key for r in judged.refusals}
        unsure += judged.version_dependent
        if refusals:
            found.append(_fail(judged, refusals, ctx))
    if unsure and not found:
        return Unknown(f"CDI's version is not known, and some versions refuse this: {unsure[0].reason}")
    return found


def _makes_no_cron(copies: tuple[Proposal, ...], ctx: Context) -> bool:
    """SSP does not make it: a PersistentVolumeClaim has the name of its DataSource."""
    made = ctx.consult(crons_by_entry, {}).get(copies[0].name, ())
    return bool(made) and not any(e.deployed for e in made)


def _is_reported_elsewhere(refusal: Refusal) -> bool:
    """An entry without a source stops HCO as well, and a schedule that cannot be parsed may stand in old crons too."""
    written_schedule = refusal.rule is AdmissionRule.SCHEDULE and refusal.observed != "empty"
    return refusal.rule is AdmissionRule.SOURCE_MISSING or written_schedule


def _fail(judged: CheckedProposal, refusals: list[Refusal], ctx: Context) -> Failed:
    """One finding per copy, about the first field that is refused; the fix corrects all of them at once."""
    proposal, first = judged.proposal, refusals[0]
    who = "The API server" if first.by is RefusedBy.SCHEMA else "CDI"
    more = "".join(f"; then because {r.reason}" for r in refusals[1:])
    cost = cost_of_refusal(proposal, ctx)
    same = [same for _, same in existing_crons(proposal, ctx)]
    return Failed(
        summary=f"{who} refuses boot source {proposal.name} because {first.reason}{more}{cost and f'. {cost}'}",
        field=proposal.path(first.field),
        observed=f"{first.observed}; the answer is: {first.says}" if first.says else first.observed,
        expected=first.expected,
        since=proposal.since,
        causes=_causes(proposal),
        fix=fix_refusal(judged, ctx),
        # While the DataImportCron of the entry as it was still exists, new VMs have its image.
        severity=Severity.WARNING if same and all(same) else None,
        about=proposal.about,
        part=proposal.name,
    )


def _causes(proposal: Proposal) -> tuple[Cause, ...]:
    """What HCO did not ask for was written into SSP by something else, or HCO has not reconciled."""
    if proposal.place is not ProposalPlace.SSP:
        return ()
    return (Cause("hyperconverged-tainted"), Cause("entry-not-propagated", proposal.about, proposal.name))
