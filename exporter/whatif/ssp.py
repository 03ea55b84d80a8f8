"""SSP in small: from the entries of its spec to DataImportCrons, and to the DataSources that it keeps itself.

Source of the rules: SSP internal/operands/data-sources/reconcile.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from exporter.base.excerpts import list_some
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, NAMESPACES, PERSISTENT_VOLUME_CLAIMS, SSPS
from exporter.cluster.snapshot import UndecodableError
from exporter.joins.admission import admit, cron_manifests
from exporter.joins.drift import differences
from exporter.joins.platform import cdi_minor, image_namespace
from exporter.joins.ssp_crons import ExpectedCron, expected_crons
from exporter.kube.contract import Key
from exporter.model.cdi import (
    CLEANUP_LABEL,
    CRON_LABEL,
    PRIMARY_RESOURCE,
    PRIMARY_RESOURCE_TYPE,
    SSP_TYPE,
    DataImportCron,
    DataImportCronSpec,
    DataSource,
    DataSourceSource,
    Pointer,
    owned_by_ssp,
)
from exporter.model.hco import ARCHITECTURES
from exporter.model.wire import Metadata, copy_with
from exporter.whatif.deletion import delete_cron
from exporter.whatif.document import Action, Actor, FieldValue
from exporter.whatif.draft import Draft
from exporter.whatif.health import report_health
from exporter.whatif.rules import Rule
from exporter.whatif.sources import settle_source

_STOPPED: Final = "in which order SSP comes to it: another DataImportCron is refused, and SSP stops there"


@dataclass(slots=True)
class _Round:
    """One reconcile of SSP."""

    draft: Draft
    wanted: Mapping[Key, ExpectedCron]
    owner: str
    refused: dict[Key, str]
    """Why a DataImportCron cannot be created, by its key."""

    def depends(self, key: Key) -> str:
        """A refusal makes it uncertain whether the others are reached."""
        return _STOPPED if self.refused and key not in self.refused else ""


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
        _reconcile(_Round(draft, wanted, f"{key.namespace}/{key.name}", refused), expected)
        report_health(draft, key, refused)


def _reconcile(work: _Round, expected: Mapping[Key, ExpectedCron]) -> None:
    draft = work.draft
    _log_left_out(draft, expected)
    for key, cron in sorted(draft.rows(DATA_IMPORT_CRONS).items()):
        item = work.wanted.get(key)
        if item is None and owned_by_ssp(cron.metadata):
            _delete(work, key, cron, expected.get(key))
        elif item is not None and _differs(draft, key, item):
            _replace(work, key, cron, item)
    for key, item in sorted(work.wanted.items()):
        if draft.get(DATA_IMPORT_CRONS, key) is None:
            _create(work, key, item)
        else:
            _update_metadata(draft, key, item)
    _keep_data_sources(work)


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


def _delete(work: _Round, key: Key, cron: DataImportCron, item: ExpectedCron | None) -> None:
    ref, opted_out = DATA_IMPORT_CRONS.ref(*key), item is not None and item.opted_out
    why = f", since PersistentVolumeClaim {cron.spec.managed_data_source} stands for it" if opted_out else ""
    rule = Rule.SSP_OPT_OUT if opted_out else Rule.SSP_LISTS
    depends = work.depends(key)
    work.draft.log(Actor.SSP, Action.DELETE, ref, f"SSP deletes {ref}{why}", rule, depends=depends)
    delete_cron(work.draft, key, cron, depends=depends)


def _replace(work: _Round, key: Key, cron: DataImportCron, item: ExpectedCron) -> None:
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


def _create(work: _Round, key: Key, item: ExpectedCron) -> None:
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


def _refuse(work: _Round, key: Key) -> None:
    draft, ref = work.draft, DATA_IMPORT_CRONS.ref(*key)
    summary = f"{ref} is refused: {work.refused[key]}; SSP and HCO report Degraded"
    draft.log(Actor.API_SERVER, Action.REFUSE, ref, summary, Rule.CRON_REFUSED)


def _new_cron(work: _Round, key: Key, item: ExpectedCron) -> DataImportCron:
    notes = {k: v for k, v in item.entry.metadata.annotations.items() if k != ARCHITECTURES}
    owned = {PRIMARY_RESOURCE: work.owner, PRIMARY_RESOURCE_TYPE: SSP_TYPE}
    labels = dict(item.entry.metadata.labels)
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


# -- DataSources --------------------------------------------------------------------------------------------


def _keep_data_sources(work: _Round) -> None:
    """SSP's own DataSources exist in the golden image namespace alone: labelled for a cron, or pointing at a claim."""
    draft = work.draft
    images = draft.view().join(image_namespace)
    crons = {e.managed: e.key.name for e in work.wanted.values() if e.key.namespace == images}
    kept = {
        key
        for key, row in draft.cluster[DATA_SOURCES].rows.items()
        if key.namespace == images and owned_by_ssp(row.metadata)
    }
    asked = {key for key in draft.rows(DATA_SOURCES) if key in kept}
    for key in sorted(kept | asked):
        cron = crons.get(key.name, "")
        if cron:
            _label(work, key, cron)
        else:
            _reset(work, key)


def _label(work: _Round, key: Key, cron: str) -> None:
    draft, ref = work.draft, DATA_SOURCES.ref(*key)
    if Key(key.namespace, cron) in work.refused:
        return
    row = draft.get(DATA_SOURCES, key)
    if row is None:
        draft.put(DATA_SOURCES, key, settle_source(draft, _new_source(work, key, cron), DataSourceSource()))
        return
    if row.cron == cron:
        return
    meta = copy_with(row.metadata, labels={**row.metadata.labels, CRON_LABEL: cron})
    change = FieldValue(path=f"metadata.labels[{CRON_LABEL}]", before=row.cron, after=cron)
    summary = f"SSP labels {ref} for DataImportCron {cron}, which then keeps it up to date"
    draft.log(Actor.SSP, Action.CHANGE, ref, summary, Rule.SSP_LABELS, fields=[change], depends=work.depends(key))
    draft.put(DATA_SOURCES, key, copy_with(row, metadata=meta))


def _new_source(work: _Round, key: Key, cron: str = "") -> DataSource:
    """As SSP creates it again. What CDI had labelled by its image comes back with the image."""
    old = work.draft.cluster[DATA_SOURCES].rows.get(key)
    labels = {k: v for k, v in (old.metadata.labels if old else {}).items() if k not in (CRON_LABEL, CLEANUP_LABEL)}
    notes = {PRIMARY_RESOURCE: work.owner, PRIMARY_RESOURCE_TYPE: SSP_TYPE}
    meta = Metadata(
        name=key.name,
        namespace=key.namespace,
        creation_timestamp=work.draft.at,
        annotations=notes,
        labels={**labels, **({CRON_LABEL: cron} if cron else {})},
    )
    return DataSource(metadata=meta)


def _reset(work: _Round, key: Key) -> None:
    """Without a DataImportCron it points at a claim of its own name, which may come."""
    draft, ref = work.draft, DATA_SOURCES.ref(*key)
    row = draft.get(DATA_SOURCES, key)
    # SSP keeps pointers for multi-arch; what they point at is not a claim.
    if row is not None and row.spec.source.data_source is not None:
        return
    base = row or _new_source(work, key)
    labels = {k: v for k, v in base.metadata.labels.items() if k != CRON_LABEL}
    own = DataSourceSource(pvc=Pointer(namespace=key.namespace, name=key.name))
    new = settle_source(draft, copy_with(base, metadata=copy_with(base.metadata, labels=labels)), own)
    pointer = row.spec.source.pvc if row else None
    right = row is not None and not row.cron and pointer is not None and pointer.name == key.name
    draft.put(DATA_SOURCES, key, new)
    if right and row is not None and row.ready == new.ready:
        return
    claim = draft.get(PERSISTENT_VOLUME_CLAIMS, key) is not None
    found = "which exists" if claim else "which does not exist"
    before = _target(row) if row else ""
    old = draft.cluster[DATA_SOURCES].rows.get(key)
    fields = [
        FieldValue(path=f"metadata.labels[{CRON_LABEL}]", before=old.cron if old else "", after=""),
        FieldValue(path="spec.source.pvc.name", before=before or (_target(old) if old else ""), after=key.name),
        FieldValue(path="status.conditions[Ready].status", before="", after="True" if claim else "False"),
    ]
    summary = f"SSP points {ref} at PersistentVolumeClaim {key.name} again, {found}"
    draft.log(Actor.SSP, Action.RESET, ref, summary, Rule.SSP_RESETS, fields=fields, depends=work.depends(key))


def _target(source: DataSource) -> str:
    found = source.spec.source
    return next((p.name for p in (found.pvc, found.snapshot, found.data_source) if p is not None), "")
