"""The DataImportCrons that each copy of an entry leads to: in HyperConverged's spec, in its status, and in SSP.

What these copies hold is what somebody may have to correct, so each says where it stands. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, SSPS
from exporter.cluster.snapshot import View, joint
from exporter.joins.acting_hco import acting_hyperconvergeds
from exporter.joins.propagation import expected_ssp_entries, reconcile
from exporter.joins.ssp_crons import ExpectedCron, entry_of, plan, ssp_inputs, ssp_inputs_of
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.model.hco import HyperConverged
from exporter.model.raw import Raw


class ProposalPlace(StrEnum):
    """Where the copy stands, the one to edit first."""

    SPEC = "spec"
    STATUS = "status"
    SSP = "ssp"
    CRON = "cron"
    """In the DataImportCron itself, which was made by hand or for an entry that is gone."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One copy of an entry that is in effect, and the DataImportCrons that it leads to."""

    name: str
    place: ProposalPlace
    about: Ref
    """The object that holds it."""
    field: str
    """The path to the entry in that object; "" for a DataImportCron itself."""
    written: Raw
    expected: tuple[ExpectedCron, ...]
    """Empty for a DataImportCron itself."""
    since: datetime | None

    def path(self, field: str) -> str:
        """The path to a field of the entry."""
        return f"{self.field}.{field}" if self.field else field


Copies = Mapping[Ref, tuple[Proposal, ...]]
"""The copies of each boot source by its name, the one to edit first."""


@joint(acting_hyperconvergeds, SSPS)
def proposed_crons(view: View) -> Copies:
    """The copies of all entries in HyperConverged and SSP. Entries that are off have none.

    What goes to the golden image namespace has no namespace here: which one that is, no rule of admission asks.
    """
    copies: dict[str, list[Proposal]] = {}
    for key, hco in acting_hyperconvergeds(view).items():
        for proposal in _hco_proposals(key, hco):
            copies.setdefault(proposal.name, []).append(proposal)
    for key, ssp in view[SSPS]:
        at, about = "spec.commonTemplates.dataImportCronTemplates", SSPS.ref(*key)
        crons = plan(ssp.spec.common_templates.data_import_cron_templates, ssp_inputs(ssp, "", frozenset()))
        for name, found in _by_entry(crons).items():
            proposal = _proposal(name, ProposalPlace.SSP, about, f"{at}[name={name}]", found, ssp.metadata.spec_edited)
            copies.setdefault(name, []).append(proposal)
    return {Ref("DataImportCronTemplate", "", name): tuple(found) for name, found in copies.items()}


@joint(proposed_crons, DATA_IMPORT_CRONS)
def boot_source_specs(view: View) -> Copies:
    """The same, and the DataImportCrons that no entry stands for."""
    copies = dict(proposed_crons(view))
    names = {ref.name for ref in copies}
    for key, cron in view[DATA_IMPORT_CRONS]:
        if not entry_of(key.name, names):
            about, since = DATA_IMPORT_CRONS.ref(*key), cron.metadata.creation_timestamp
            manifest = {"metadata": {"name": key.name, "namespace": key.namespace}, "spec": cron.written}
            copies[about] = (Proposal(key.name, ProposalPlace.CRON, about, "", manifest, (), since),)
    return copies


@joint(DATA_IMPORT_CRONS)
def crons_by_name(view: View) -> Mapping[str, tuple[DataImportCron, ...]]:
    """The DataImportCrons that exist, by name; two namespaces may have one of the same name."""
    found: dict[str, list[DataImportCron]] = {}
    for key, cron in view[DATA_IMPORT_CRONS]:
        found.setdefault(key.name, []).append(cron)
    return {name: tuple(crons) for name, crons in found.items()}


def _hco_proposals(key: Key, hco: HyperConverged) -> Iterator[Proposal]:
    """Of HyperConverged's spec what the administrator wrote, of its status what HCO brings along."""
    layout, about, since = ssp_inputs_of(hco, ""), HYPERCONVERGEDS.ref(*key), hco.metadata.spec_edited
    own = {entry.name for entry in hco.entries}
    for name, crons in _by_entry(plan(expected_ssp_entries(reconcile(hco)), layout)).items():
        if name in own:
            yield _proposal(name, ProposalPlace.SPEC, about, f"{hco.layout.entries}[name={name}]", crons, since)
    for name, crons in _by_entry(plan(expected_ssp_entries(hco), layout)).items():
        if name not in own:
            at = f"status.dataImportCronTemplates[name={name}]"
            yield _proposal(name, ProposalPlace.STATUS, about, at, crons, since)


def _proposal(
    name: str, place: ProposalPlace, about: Ref, field: str, crons: tuple[ExpectedCron, ...], since: datetime | None
) -> Proposal:
    return Proposal(name, place, about, field, crons[0].entry.written, crons, since)


def _by_entry(expected: Iterable[ExpectedCron]) -> Mapping[str, tuple[ExpectedCron, ...]]:
    """The DataImportCrons of each entry, without those that lose their DataSource to another entry."""
    found: dict[str, tuple[ExpectedCron, ...]] = {}
    for item in expected:
        if not item.collapsed_into:
            found[item.entry.name] = (*found.get(item.entry.name, ()), item)
    return found
