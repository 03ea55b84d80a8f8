"""SSP in small: from the entries of its spec to DataImportCrons, and to the DataSources that it keeps itself.

Source of the rules: SSP internal/operands/data-sources/reconcile.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from exporter.base.excerpts import list_some
from exporter.cluster.resources import DATA_IMPORT_CRONS, NAMESPACES, SSPS
from exporter.cluster.snapshot import UndecodableError
from exporter.joins.admission import admit, cron_manifests
from exporter.joins.drift import differences
from exporter.joins.platform import cdi_minor
from exporter.joins.ssp_crons import ExpectedCron, expected_crons
from exporter.kube.contract import Key
from exporter.model.cdi import (
    PRIMARY_RESOURCE,
    PRIMARY_RESOURCE_TYPE,
    SSP_TYPE,
    DataImportCron,
    DataImportCronSpec,
    owned_by_ssp,
)
from exporter.model.hco import ARCHITECTURES
from exporter.model.wire import Metadata, copy_with
from exporter.whatif.deletion import delete_cron
from exporter.whatif.document import Action, Actor, FieldValue
from exporter.whatif.draft import Draft
from exporter.whatif.health import report_health
from exporter.whatif.rules import Rule
from exporter.whatif.ssp_sources import SspRound, keep_data_sources

_ARCHITECTURE: Final = "template.kubevirt.io/architecture"
_SOURCE_NAME: Final = "cdi.kubevirt.io/storage.import.datasource-name"
"""Labels of a DataImportCron for one architecture: which, and the DataSource of the entry."""


def ssp_reconciles(draft: Draft) -> None:
    """Create, replace and delete DataImportCrons, and keep SSP's DataSources."""
    for key, ssp in sorted(draft.rows(SSPS).items()):
        ref = SSPS.ref(*key)
        if ssp.paused:
            summary = "SSP is paused: no DataImportCron and no DataSource changes until it is resumed"
            draft.log(Actor.SSP, Action.KEEP, ref, summary, Rule.SSP_PAUSED)
            return
        try:
            expected = draft.view().join(expected_crons)
        except UndecodableError as error:
            draft.unknown.append(f"what SSP makes of its entries: {error}")
            return
        wanted = {k: e for k, e in expected.items() if e.deployed}
        refused = {k: why for k, e in wanted.items() if _differs(draft, k, e) and (why := _refusal(draft, e))}
        _reconcile(SspRound(draft, ssp, wanted, f"{key.namespace}/{key.name}", refused), expected)
        report_health(draft, key, refused)


def _reconcile(work: SspRound, expected: Mapping[Key, ExpectedCron]) -> None:
    draft = work.draft
    _log_left_out(draft, expected)
    for key, cron in sorted(draft.rows(DATA_IMPORT_CRONS).items()):
        item = work.wanted.get(key)
        if item is None and owned_by_ssp(cron.metadata):
            if work.refused:
                _keep_cron(work, key)
            else:
                _delete(work, key, cron, expected.get(key))
        elif item is not None and _differs(draft, key, item):
            _replace(work, key, cron, item)
    for key, item in sorted(work.wanted.items()):
        if draft.get(DATA_IMPORT_CRONS, key) is None:
            _create(work, key, item)
        else:
            _update_metadata(draft, key, item)
    keep_data_sources(work)


def _differs(draft: Draft, key: Key, item: ExpectedCron) -> bool:
    cron = draft.get(DATA_IMPORT_CRONS, key)
    return cron is None or bool(differences(item.spec, cron.spec, only_set=True))


def _refusal(draft: Draft, item: ExpectedCron) -> str:
    """Why the DataImportCron cannot be created; "" if it can."""
    namespace = item.key.namespace
    if draft.is_known(NAMESPACES) and draft.rows(NAMESPACES) and draft.get(NAMESPACES, Key("", namespace)) is None:
        return f"namespace {namespace} does not exist"
    (manifest,) = cron_manifests([item])
    verdict = admit(manifest, draft.view().join(cdi_minor))
    return "; ".join(refusal.reason for refusal in verdict.refusals)


def _log_left_out(draft: Draft, expected: Mapping[Key, ExpectedCron]) -> None:
    """Entries that lose their DataSource to another, where that is new."""
    for key, item in sorted(expected.items()):
        was = draft.get(DATA_IMPORT_CRONS, key)
        if item.collapsed_into and was is not None:
            ref = DATA_IMPORT_CRONS.ref(*key)
            summary = f"entry {item.collapsed_into} takes DataSource {item.managed} from {ref}"
            draft.log(Actor.SSP, Action.KEEP, ref, summary, Rule.SSP_COLLAPSES)


def _delete(work: SspRound, key: Key, cron: DataImportCron, item: ExpectedCron | None) -> None:
    ref, opted_out = DATA_IMPORT_CRONS.ref(*key), item is not None and item.opted_out
    why = f", since PersistentVolumeClaim {cron.spec.managed_data_source} stands for it" if opted_out else ""
    rule = Rule.SSP_OPT_OUT if opted_out else Rule.SSP_LISTS
    depends = work.depends(key)
    work.draft.log(Actor.SSP, Action.DELETE, ref, f"SSP deletes {ref}{why}", rule, depends=depends)
    delete_cron(work.draft, key, cron, depends=depends)


def _keep_cron(work: SspRound, key: Key) -> None:
    """SSP deletes what no entry stands for last, and a refusal ends its reconcile before that."""
    ref = DATA_IMPORT_CRONS.ref(*key)
    summary = f"SSP does not come to delete {ref}, for which no entry stands any more"
    work.draft.log(Actor.SSP, Action.KEEP, ref, summary, Rule.SSP_STOPS)


def _replace(work: SspRound, key: Key, cron: DataImportCron, item: ExpectedCron) -> None:
    """Deleting comes first, so that a refusal leaves the cluster without the DataImportCron."""
    draft, ref, depends = work.draft, DATA_IMPORT_CRONS.ref(*key), work.depends(key)
    changed = differences(item.spec, cron.spec, only_set=True)
    fields = [FieldValue(path=f"spec.{d.path}", before=d.observed, after=d.expected) for d in changed]
    names = list_some(d.path.removeprefix("template.spec.") for d in changed)
    action = Action.DELETE if key in work.refused else Action.REPLACE
    summary = f"SSP deletes {ref} and creates it again with another {names}"
    if key in work.refused:
        summary = f"SSP deletes {ref}, whose {names} changed"
    draft.log(Actor.SSP, action, ref, summary, Rule.SSP_REPLACES, depends=depends, fields=fields)
    delete_cron(draft, key, cron, depends=depends)
    if key in work.refused:
        _refuse(work, key)
    else:
        draft.put(DATA_IMPORT_CRONS, key, _new_cron(work, key, item))


def _create(work: SspRound, key: Key, item: ExpectedCron) -> None:
    if key in work.refused:
        _refuse(work, key)
        return
    ref = DATA_IMPORT_CRONS.ref(*key)
    found = differences(item.spec, DataImportCronSpec())
    fields = [FieldValue(path=f"spec.{d.path}", before="", after=d.expected) for d in found]
    depends = work.depends(key) or _guess(work.draft, item)
    work.draft.log(Actor.SSP, Action.CREATE, ref, f"SSP creates {ref}", Rule.SSP_LISTS, depends=depends, fields=fields)
    work.draft.put(DATA_IMPORT_CRONS, key, _new_cron(work, key, item))


def _guess(draft: Draft, item: ExpectedCron) -> str:
    """What HCO's step says about an entry that no object lists holds for its DataImportCron too."""
    name = item.entry.name
    for step in draft.steps:
        if step.actor is Actor.HCO and any(f"[name={name}]" in f.path for f in step.fields):
            return step.depends_on
    return ""


def _refuse(work: SspRound, key: Key) -> None:
    draft, ref = work.draft, DATA_IMPORT_CRONS.ref(*key)
    summary = f"{ref} is refused: {work.refused[key]}; SSP and HCO report Degraded"
    draft.log(Actor.API_SERVER, Action.REFUSE, ref, summary, Rule.CRON_REFUSED)


def _new_cron(work: SspRound, key: Key, item: ExpectedCron) -> DataImportCron:
    notes = {k: v for k, v in item.entry.metadata.annotations.items() if k != ARCHITECTURES}
    owned = {PRIMARY_RESOURCE: work.owner, PRIMARY_RESOURCE_TYPE: SSP_TYPE}
    labels = dict(item.entry.metadata.labels)
    if item.architecture and item.entry.spec is not None:
        labels |= {_ARCHITECTURE: item.architecture, _SOURCE_NAME: item.entry.spec.managed_data_source}
    (manifest,) = cron_manifests([item])
    written = manifest.get("spec")
    meta = Metadata(
        name=key.name,
        namespace=key.namespace,
        uid=f"new-{key.name}",
        creation_timestamp=work.draft.at,
        annotations={**notes, **owned},
        labels=labels,
    )
    row = DataImportCron(metadata=meta, spec=item.spec)
    return copy_with(row, written=written if isinstance(written, dict) else {})


def _update_metadata(draft: Draft, key: Key, item: ExpectedCron) -> None:
    """SSP merges annotations and labels, and removes none."""
    cron = draft.get(DATA_IMPORT_CRONS, key)
    if cron is None:
        return
    notes = {k: v for k, v in item.entry.metadata.annotations.items() if k != ARCHITECTURES}
    meta = cron.metadata
    merged = copy_with(
        meta, annotations={**meta.annotations, **notes}, labels={**meta.labels, **item.entry.metadata.labels}
    )
    if merged != meta:
        draft.put(DATA_IMPORT_CRONS, key, copy_with(cron, metadata=merged))
