"""The DataSources that SSP keeps itself: labelled for a DataImportCron, pointing at a claim, or at another DataSource.

Source of the rules: SSP internal/operands/data-sources/reconcile.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from exporter.cluster.resources import DATA_SOURCES, PERSISTENT_VOLUME_CLAIMS
from exporter.joins.feeders import without_architecture
from exporter.joins.platform import image_namespace
from exporter.joins.ssp_crons import ExpectedCron
from exporter.kube.contract import Key
from exporter.model.cdi import (
    CLEANUP_LABEL,
    CRON_LABEL,
    PRIMARY_RESOURCE,
    PRIMARY_RESOURCE_TYPE,
    SSP_TYPE,
    DataSource,
    DataSourceSource,
    Pointer,
    owned_by_ssp,
)
from exporter.model.ssp import SSP
from exporter.model.wire import Metadata, copy_with
from exporter.whatif.document import Action, Actor, FieldValue
from exporter.whatif.draft import Draft
from exporter.whatif.rules import Rule
from exporter.whatif.sources import settle_source, target_name

_STOPPED: Final = "in which order SSP comes to it: another DataImportCron is refused, and SSP stops there"
_AGAIN: Final = "whether CDI creates it again while its DataImportCron is deleted"


@dataclass(slots=True)
class SspRound:
    """One reconcile of SSP."""

    draft: Draft
    ssp: SSP
    wanted: Mapping[Key, ExpectedCron]
    owner: str
    refused: dict[Key, str]
    """Why a DataImportCron cannot be created, by its key."""

    def depends(self, key: Key) -> str:
        """A refusal makes it uncertain whether the others are reached."""
        return _STOPPED if self.refused and key not in self.refused else ""


def keep_data_sources(work: SspRound) -> None:
    """SSP's own DataSources, which exist in the golden image namespace alone."""
    draft = work.draft
    images = draft.view().join(image_namespace)
    crons = {e.managed: e.key.name for e in work.wanted.values() if e.key.namespace == images}
    before = draft.cluster[DATA_SOURCES].rows
    own = sorted(k for k, row in before.items() if k.namespace == images and owned_by_ssp(row.metadata))
    for key in own:
        target = _default_architecture(work, key.name, crons)
        if key.name in crons:
            _label(work, key, crons[key.name])
        elif target:
            _label(work, Key(images, target), crons[target])
            _point(work, key, target)
        elif _is_left(work, key, own):
            _delete(work, key)
        else:
            _reset(work, key)


def _default_architecture(work: SspRound, name: str, crons: Mapping[str, str]) -> str:
    """With multi-arch on, the DataSource of the default architecture to which this one points; "" if there is none.

    The default is the first of the control plane's and then of the workloads' architectures that has an image.
    """
    spec = work.ssp.spec
    if not spec.enable_multiple_architectures or spec.cluster is None:
        return ""
    known = (*spec.cluster.control_plane_architectures, *spec.cluster.workload_architectures)
    return next((f"{name}-{a}" for a in known if f"{name}-{a}" in crons), "")


def _is_left(work: SspRound, key: Key, own: list[Key]) -> bool:
    """A DataSource of one architecture, after multi-arch was switched off."""
    stem = without_architecture(key.name)
    return stem != key.name and Key(key.namespace, stem) in own and not work.ssp.spec.enable_multiple_architectures


def _delete(work: SspRound, key: Key) -> None:
    draft, ref = work.draft, DATA_SOURCES.ref(*key)
    if draft.get(DATA_SOURCES, key) is not None:
        draft.drop(DATA_SOURCES, key)
        summary = f"SSP deletes {ref}, which no template uses any more"
        draft.log(Actor.SSP, Action.DELETE, ref, summary, Rule.SSP_RESETS, depends=_AGAIN)


def _point(work: SspRound, key: Key, target: str) -> None:
    """For templates that name no architecture."""
    draft, ref = work.draft, DATA_SOURCES.ref(*key)
    row = draft.get(DATA_SOURCES, key) or _new_source(work, key)
    pointer = DataSourceSource(data_source=Pointer(namespace=key.namespace, name=target))
    if row.spec.source == pointer and not row.cron:
        return
    labels = {k: v for k, v in row.metadata.labels.items() if k not in (CRON_LABEL, CLEANUP_LABEL)}
    fields = [FieldValue(path="spec.source.dataSource.name", before=target_name(row), after=target)]
    summary = f"SSP points {ref} at DataSource {target}, that of the default architecture"
    draft.log(Actor.SSP, Action.CHANGE, ref, summary, Rule.SSP_ARCHITECTURES, fields=fields, depends=work.depends(key))
    row = copy_with(row, metadata=copy_with(row.metadata, labels=labels))
    draft.put(DATA_SOURCES, key, settle_source(draft, row, pointer))


def _label(work: SspRound, key: Key, cron: str) -> None:
    draft, ref = work.draft, DATA_SOURCES.ref(*key)
    if Key(key.namespace, cron) in work.refused:
        return
    row = draft.get(DATA_SOURCES, key)
    if row is None:
        draft.put(DATA_SOURCES, key, settle_source(draft, _new_source(work, key, cron), DataSourceSource()))
        summary = f"SSP creates {ref}, labelled for DataImportCron {cron}"
        draft.log(Actor.SSP, Action.CREATE, ref, summary, Rule.SSP_LABELS, depends=work.depends(key))
        return
    if row.cron == cron:
        return
    meta = copy_with(row.metadata, labels={**row.metadata.labels, CRON_LABEL: cron})
    change = FieldValue(path=f"metadata.labels[{CRON_LABEL}]", before=row.cron, after=cron)
    summary = f"SSP labels {ref} for DataImportCron {cron}, which then keeps it up to date"
    draft.log(Actor.SSP, Action.CHANGE, ref, summary, Rule.SSP_LABELS, fields=[change], depends=work.depends(key))
    draft.put(DATA_SOURCES, key, copy_with(row, metadata=meta))


def _new_source(work: SspRound, key: Key, cron: str = "") -> DataSource:
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


def _reset(work: SspRound, key: Key) -> None:
    """Without a DataImportCron it points at a claim of its own name, which may come."""
    draft, ref = work.draft, DATA_SOURCES.ref(*key)
    row = draft.get(DATA_SOURCES, key)
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
    before = target_name(row) if row else ""
    old = draft.cluster[DATA_SOURCES].rows.get(key)
    fields = [
        FieldValue(path=f"metadata.labels[{CRON_LABEL}]", before=old.cron if old else "", after=""),
        FieldValue(path="spec.source.pvc.name", before=before or (target_name(old) if old else ""), after=key.name),
        FieldValue(path="status.conditions[Ready].status", before="", after="True" if claim else "False"),
    ]
    summary = f"SSP points {ref} at PersistentVolumeClaim {key.name} again, {found}"
    draft.log(Actor.SSP, Action.RESET, ref, summary, Rule.SSP_RESETS, fields=fields)
