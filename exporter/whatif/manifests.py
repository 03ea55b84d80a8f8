"""Manifests of a file, applied to the draft as `kubectl apply --server-side` or a merge patch would apply them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    HYPERCONVERGEDS,
    PERSISTENT_VOLUME_CLAIMS,
    SSPS,
    STORAGE_CLASSES,
    TEMPLATES,
    VIRTUAL_MACHINE_TEMPLATES,
    VIRTUAL_MACHINES,
)
from exporter.joins.admission import admit
from exporter.joins.platform import cdi_minor
from exporter.kube.contract import Key
from exporter.model.cdi import CRON_LABEL, DataImportCron, DataSource, owned_by_ssp
from exporter.model.core import ClaimSpec, ClaimStatus, PersistentVolumeClaim
from exporter.model.data_volumes import SUCCEEDED, DetailedVolume
from exporter.model.raw import Raw, limit_object
from exporter.model.storage import KUBERNETES_DEFAULT, VIRT_DEFAULT, StorageClass
from exporter.model.wire import Metadata, copy_with
from exporter.whatif.changes import ChangeError, resource_of
from exporter.whatif.document import Action, Actor
from exporter.whatif.draft import Draft, changed_fields
from exporter.whatif.encoding import encode, flatten, merge, without_status
from exporter.whatif.hyperconverged import the_hyperconverged
from exporter.whatif.hyperconverged_manifest import apply_hyperconverged
from exporter.whatif.rules import Rule
from exporter.whatif.sources import is_usable, settle_source, target_name

_CLUSTER_SCOPED: Final = (
    "StorageClass",
    "StorageProfile",
    "VolumeSnapshotClass",
    "Namespace",
    "Node",
    "CDI",
    "CSIDriver",
)
_WHOLE: Final = (TEMPLATES, VIRTUAL_MACHINE_TEMPLATES, VIRTUAL_MACHINES)
"""Of these a row keeps so little that a patch cannot be applied: the manifest stands for the whole object."""


@dataclass(frozen=True, slots=True)
class ApplyManifest:
    """A manifest is applied."""

    manifest: Raw
    origin: str
    """The file, for people."""

    def __str__(self) -> str:
        """For people."""
        meta = self.manifest.get("metadata")
        name = meta.get("name", "") if isinstance(meta, dict) else ""
        return f"{self.manifest.get('kind', 'an object')} {name} of {self.origin} is applied"

    def apply(self, draft: Draft) -> None:
        """Merge it into what is there, or create it. Raises ChangeError."""
        resource = resource_of(str(self.manifest.get("kind") or ""))
        patch = limit_object(without_status(self.manifest))
        key = self._key(draft, resource, patch)
        if resource is HYPERCONVERGEDS:
            apply_hyperconverged(draft, key, patch)
        elif resource is SSPS:
            ref, summary = SSPS.ref(*key), "HCO writes SSP's spec, and reverts the edit"
            draft.log(Actor.HCO, Action.KEEP, ref, summary, Rule.PUT_BACK)
        elif resource is DATA_VOLUMES:
            _apply_volume(draft, key, patch)
        elif resource in _WHOLE:
            _apply_whole(draft, resource, key, patch)
        else:
            _apply(draft, resource, key, patch)

    def _key(self, draft: Draft, resource: Resource[Any], patch: Raw) -> Key:
        meta = patch.get("metadata")
        name = str(meta.get("name") or "") if isinstance(meta, dict) else ""
        namespace = str(meta.get("namespace") or "") if isinstance(meta, dict) else ""
        if resource.kind in _CLUSTER_SCOPED:
            namespace = ""
        elif not namespace and resource is HYPERCONVERGEDS:
            found = the_hyperconverged(draft)
            namespace = found[0].namespace if found else ""
        elif not namespace:
            raise ChangeError(f"{resource.kind} {name!r} of {self.origin} has no metadata.namespace")
        if not name:
            raise ChangeError(f"a {resource.kind} of {self.origin} has no metadata.name")
        return Key(namespace, name)


def _apply(draft: Draft, resource: Resource[Any], key: Key, patch: Raw) -> None:
    """Merge the patch into the object, decode the result, and let admission look at it."""
    old = draft.get(resource, key)
    before = encode(old) if old is not None else {}
    named = {"metadata": {"name": key.name, **({"namespace": key.namespace} if key.namespace else {})}}
    after = merge(merge(before, without_status(patch)), named)
    row = _decode(resource, after)
    if old is None:
        row = copy_with(
            row, metadata=copy_with(row.metadata, creation_timestamp=row.metadata.creation_timestamp or draft.at)
        )
    changed = changed_fields(flatten(before), flatten(encode(row)))
    fields = tuple(f for f in changed if f.path != "metadata.creationTimestamp")
    ref = resource.ref(*key)
    if not fields:
        return
    admission = _ADMISSION.get(resource.kind)
    refusal, rule = admission(draft, old, row) if admission else ("", Rule.ASKED)
    if refusal:
        draft.log(Actor.API_SERVER, Action.REFUSE, ref, f"{ref} is refused: {refusal}", rule, fields=fields)
        return
    action, verb = (Action.CREATE, "create") if old is None else (Action.EDIT, "edit")
    paths = ", ".join(f.path for f in fields[:5]) + (" and more" if len(fields) > 5 else "")
    summary = f"You {verb} {ref}" + (f": {paths}" if old is not None else "")
    draft.log(Actor.YOU, action, ref, summary, Rule.ASKED, fields=fields)
    finish: Callable[[Draft, Any, Any], Any] = _FINISH.get(resource.kind, lambda _draft, _old, new: new)
    draft.put(resource, key, finish(draft, old, row))


def _decode(resource: Resource[Any], manifest: Raw) -> Any:  # noqa: ANN401  (a row of the resource)
    item = resource.codec().from_value(dict(manifest))
    if item.row is None:
        why = f": {item.rejected.field}: {item.rejected.problem}" if item.rejected else ""
        raise ChangeError(f"{resource.kind} {item.key} cannot be read{why}")
    return item.row


# -- what is special about a kind ---------------------------------------------------------------------------


def _admit_cron(draft: Draft, old: DataImportCron | None, new: DataImportCron) -> tuple[str, Rule]:
    if old is not None:
        changed = old.spec != new.spec
        return ("the spec of a DataImportCron cannot be changed" if changed else ""), Rule.CRON_IMMUTABLE
    manifest = {"metadata": {"name": new.metadata.name}, "spec": new.written}
    verdict = admit(manifest, draft.view().join(cdi_minor))
    return "; ".join(r.reason for r in verdict.refusals), Rule.CRON_REFUSED


_ADMISSION: Final[dict[str, Callable[[Draft, Any, Any], tuple[str, Rule]]]] = {DATA_IMPORT_CRONS.kind: _admit_cron}


def _finish_cron(_: Draft, old: DataImportCron | None, new: DataImportCron) -> DataImportCron:
    if old is not None:
        return copy_with(new, status=old.status, written=old.written)
    meta = new.metadata
    return copy_with(new, metadata=copy_with(meta, uid=meta.uid or f"new-{meta.name}"))


def _finish_class(draft: Draft, old: StorageClass | None, new: StorageClass) -> StorageClass:
    was = old.metadata if old is not None else Metadata()
    since = dict(old.metadata.annotated) if old is not None else {}
    for annotation in (VIRT_DEFAULT, KUBERNETES_DEFAULT):
        if new.metadata.annotations.get(annotation) != was.annotations.get(annotation):
            since[annotation] = draft.at
    return copy_with(new, metadata=copy_with(new.metadata, annotated=since))


def _finish_source(draft: Draft, old: DataSource | None, new: DataSource) -> DataSource:
    """CDI copies the labels of a ready image to its DataSource, so that a label which is removed may come back."""
    labels = new.metadata.labels
    if old is not None and old.cron and not new.cron and is_usable(old) and not owned_by_ssp(new.metadata):
        image = Key(new.metadata.namespace, target_name(old))
        claim = draft.get(PERSISTENT_VOLUME_CLAIMS, image)
        if claim is not None and claim.metadata.labels.get(CRON_LABEL) and old.spec == new.spec:
            labels = {**labels, CRON_LABEL: claim.metadata.labels[CRON_LABEL]}
            ref = DATA_SOURCES.ref(new.metadata.namespace, new.metadata.name)
            summary = f"CDI copies the label {CRON_LABEL} back to {ref} from its image"
            draft.log(Actor.CDI, Action.KEEP, ref, summary, Rule.PUT_BACK)
    new = copy_with(new, metadata=copy_with(new.metadata, labels=labels))
    if old is not None:
        new = copy_with(new, status=old.status)
    return settle_source(draft, new, new.spec.source)


def _finish_claim(_: Draft, old: PersistentVolumeClaim | None, new: PersistentVolumeClaim) -> PersistentVolumeClaim:
    return copy_with(new, status=old.status if old is not None else ClaimStatus(phase="Bound"))


_FINISH: Final[dict[str, Callable[[Draft, Any, Any], Any]]] = {
    DATA_IMPORT_CRONS.kind: _finish_cron,
    STORAGE_CLASSES.kind: _finish_class,
    DATA_SOURCES.kind: _finish_source,
    PERSISTENT_VOLUME_CLAIMS.kind: _finish_claim,
}


def _apply_whole(draft: Draft, resource: Resource[Any], key: Key, patch: Raw) -> None:
    ref, is_new = resource.ref(*key), draft.get(resource, key) is None
    item = resource.codec().from_value(dict(patch))
    if item.rejected is not None:
        raise ChangeError(f"{ref} cannot be read: {item.rejected.field}: {item.rejected.problem}")
    summary = f"You {'create' if is_new else 'replace'} {ref}"
    draft.log(Actor.YOU, Action.CREATE if is_new else Action.EDIT, ref, summary, Rule.ASKED)
    if item.row is None:
        draft.drop(resource, key)
    else:
        draft.put(resource, key, item.row)


def _apply_volume(draft: Draft, key: Key, patch: Raw) -> None:
    """A DataVolume leads to a PersistentVolumeClaim of its name, once it is filled."""
    ref = DATA_VOLUMES.ref(*key)
    if draft.get(DATA_VOLUMES, key) is not None:
        draft.unknown.append(f"what an edit of {ref} leads to: its spec cannot be changed while it exists")
        return
    row = _decode(DATA_VOLUMES, patch)
    depends = "whether the DataVolume can be filled"
    draft.log(Actor.YOU, Action.CREATE, ref, f"You create {ref}", Rule.ASKED, depends=depends)
    draft.put(DATA_VOLUMES, key, DetailedVolume(phase=SUCCEEDED, origin=row.origin, created=draft.at))
    meta = Metadata(name=key.name, namespace=key.namespace, creation_timestamp=draft.at)
    claim = PersistentVolumeClaim(metadata=meta, spec=ClaimSpec(), status=ClaimStatus(phase="Bound"))
    draft.put(
        PERSISTENT_VOLUME_CLAIMS, key, copy_with(claim, spec=ClaimSpec(storage_class_name=row.storage_class or None))
    )
