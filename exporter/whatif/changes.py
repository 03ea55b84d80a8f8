"""The changes that can be asked for, and what each edits. None of them leaves the draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from exporter.base.excerpts import list_some
from exporter.cluster.resource import Resource
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, STORAGE_CLASSES, STORAGE_PROFILES, WATCHED
from exporter.joins.entries import COMMON_NAMES
from exporter.kube.contract import Key
from exporter.model.hco import ENABLE, BootSourceEntry, HyperConverged
from exporter.model.storage import KUBERNETES_DEFAULT, VIRT_DEFAULT, StorageClass
from exporter.model.wire import Metadata, copy_with
from exporter.whatif.deletion import delete_cron
from exporter.whatif.document import Action, Actor, FieldValue
from exporter.whatif.draft import Draft
from exporter.whatif.hyperconverged import edit_hyperconverged, the_hyperconverged
from exporter.whatif.rules import Rule

FORMATS: Final = ("pvc", "snapshot")


class ChangeError(ValueError):
    """The change cannot be asked of this cluster: what it names does not exist, or is not readable."""


class Change(Protocol):
    """One change to a cluster."""

    def __str__(self) -> str:
        """The change in words."""

    def apply(self, draft: Draft) -> None:
        """Make the change in the draft, or say there why it is refused. Raises ChangeError."""


@dataclass(frozen=True, slots=True)
class MakeDefault:
    """A StorageClass becomes default, of one kind, and the others of that kind no more."""

    name: str
    virt: bool = False

    def __str__(self) -> str:
        """For people."""
        return f"StorageClass {self.name} is the only {'virt' if self.virt else 'Kubernetes'} default"

    def apply(self, draft: Draft) -> None:
        """The new default comes first: between two defaults there must be no moment without one."""
        if draft.get(STORAGE_CLASSES, Key("", self.name)) is None:
            raise ChangeError(f"StorageClass {self.name!r} does not exist{_choices(draft)}")
        annotation = VIRT_DEFAULT if self.virt else KUBERNETES_DEFAULT
        _annotate(draft, Key("", self.name), annotation, "true")
        for key in sorted(draft.rows(STORAGE_CLASSES)):
            if key.name != self.name:
                _annotate(draft, key, annotation, "")


@dataclass(frozen=True, slots=True)
class NoDefault:
    """No StorageClass is default, of either kind."""

    def __str__(self) -> str:
        """For people."""
        return "no StorageClass is default"

    def apply(self, draft: Draft) -> None:
        """Take both annotations from all classes."""
        for key in sorted(draft.rows(STORAGE_CLASSES)):
            for annotation in (VIRT_DEFAULT, KUBERNETES_DEFAULT):
                _annotate(draft, key, annotation, "")


def _choices(draft: Draft) -> str:
    names = [key.name for key in sorted(draft.rows(STORAGE_CLASSES))]
    return f"; the cluster has {list_some(names)}" if names else "; no StorageClass was read"


def _annotate(draft: Draft, key: Key, annotation: str, value: str) -> None:
    """Set an annotation of a StorageClass, or take it away where the value is ""."""
    row = draft.get(STORAGE_CLASSES, key)
    have = row.metadata.annotations.get(annotation, "") if row is not None else ""
    if row is None or (have == "true") == (value == "true"):
        return
    draft.put(STORAGE_CLASSES, key, annotated_class(draft, row, annotation, value))
    ref, path = STORAGE_CLASSES.ref(*key), f"metadata.annotations[{annotation}]"
    verb = f"annotate {ref} with {annotation}: {value}" if value else f"take the annotation {annotation} from {ref}"
    fields = [FieldValue(path=path, before=have, after=value)]
    draft.log(Actor.YOU, Action.EDIT, ref, f"You {verb}", Rule.ASKED, fields=fields)


def annotated_class(draft: Draft, row: StorageClass, annotation: str, value: str) -> StorageClass:
    """The class with an annotation, and since when it has it."""
    others = {k: v for k, v in row.metadata.annotations.items() if k != annotation}
    since = {k: v for k, v in row.metadata.annotated.items() if k != annotation}
    meta = copy_with(
        row.metadata,
        annotations={**others, annotation: value} if value else others,
        annotated={**since, annotation: draft.at} if value else since,
    )
    return copy_with(row, metadata=meta)


@dataclass(frozen=True, slots=True)
class SwitchGate:
    """enableCommonBootImageImport is switched on or off."""

    on: bool

    def __str__(self) -> str:
        """For people."""
        return f"enableCommonBootImageImport is {'on' if self.on else 'off'}"

    def apply(self, draft: Draft) -> None:
        """Set the field where this version of HCO looks for it."""
        key, hco = _hyperconverged(draft)
        if hco.gate.on != self.on:
            edit_hyperconverged(draft, key, hco, copy_with(hco, gate=copy_with(hco.gate, on=self.on)))


@dataclass(frozen=True, slots=True)
class SwitchEntry:
    """A boot source of HyperConverged is switched on or off by its annotation."""

    name: str
    on: bool

    def __str__(self) -> str:
        """For people."""
        return f"entry {self.name} is {'enabled' if self.on else 'disabled'}"

    def apply(self, draft: Draft) -> None:
        """Edit the entry in HyperConverged's list; a common one is added there to be switched off."""
        key, hco = _hyperconverged(draft)
        own = {e.name: e for e in hco.entries}
        listed = {e.name for e in hco.status.data_import_cron_templates}
        known = {*own, *listed, *COMMON_NAMES}
        if self.name not in known:
            raise ChangeError(f"entry {self.name!r} does not exist; HyperConverged lists {list_some(sorted(known))}")
        entries = tuple(self._switched(own[self.name])) if self.name in own else ()
        others = tuple(e for e in hco.entries if e.name != self.name)
        if self.name not in own and not self.on:
            entries = (self._stub(),)
        edit_hyperconverged(draft, key, hco, copy_with(hco, entries=(*others, *entries)))

    def _switched(self, entry: BootSourceEntry) -> Iterable[BootSourceEntry]:
        """An entry that only switches a common one off goes when it is switched on: HCO refuses it then."""
        if self.on and entry.spec is None:
            return ()
        return (_with_enable(entry, None if self.on else "false"),)

    def _stub(self) -> BootSourceEntry:
        meta = Metadata(name=self.name)
        stub = BootSourceEntry(metadata=meta, written={"metadata": {"name": self.name}})
        return _with_enable(stub, "false")


def _with_enable(entry: BootSourceEntry, value: str | None) -> BootSourceEntry:
    """The entry with the annotation that switches it, in the model and as it is written."""

    def changed(notes: Mapping[str, str]) -> dict[str, str]:
        others = {k: v for k, v in notes.items() if k != ENABLE}
        return others if value is None else {**others, ENABLE: value}

    written = dict(entry.written.get("metadata") or {})
    notes: Any = written.get("annotations")
    written["annotations"] = changed(notes if isinstance(notes, dict) else {})
    meta = copy_with(entry.metadata, annotations=changed(entry.metadata.annotations))
    return copy_with(entry, metadata=meta, written={**entry.written, "metadata": written})


def _hyperconverged(draft: Draft) -> tuple[Key, HyperConverged]:
    found = the_hyperconverged(draft)
    if found is None:
        raise ChangeError("there is no HyperConverged that can be read, and this change edits it")
    return found


@dataclass(frozen=True, slots=True)
class SetFormat:
    """A StorageProfile names the format in which images are kept on its class."""

    name: str
    form: str

    def __str__(self) -> str:
        """For people."""
        return f"StorageProfile {self.name} has dataImportCronSourceFormat {self.form}"

    def apply(self, draft: Draft) -> None:
        """Set the field in the profile's spec."""
        key = Key("", self.name)
        row = draft.get(STORAGE_PROFILES, key)
        if row is None:
            raise ChangeError(f"StorageProfile {self.name!r} does not exist{_choices(draft)}")
        have = row.spec.data_import_cron_source_format
        if have == self.form:
            return
        spec = copy_with(row.spec, data_import_cron_source_format=self.form)
        draft.put(STORAGE_PROFILES, key, copy_with(row, spec=spec))
        ref, path = STORAGE_PROFILES.ref(*key), "spec.dataImportCronSourceFormat"
        fields = [FieldValue(path=path, before=have, after=self.form)]
        draft.log(Actor.YOU, Action.EDIT, ref, f"You set {path} of {ref} to {self.form}", Rule.ASKED, fields=fields)


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """An object is deleted."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """For people."""
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where} is deleted"

    def apply(self, draft: Draft) -> None:
        """Drop its row. What goes with it is up to the operators."""
        resource, key = resource_of(self.kind), Key(self.namespace, self.name)
        if draft.get(resource, key) is None:
            raise ChangeError(f"{resource.ref(*key)} does not exist, or was not read")
        ref = resource.ref(*key)
        draft.log(Actor.YOU, Action.DELETE, ref, f"You delete {ref}", Rule.ASKED, irreversible=_holds_data(resource))
        cron = draft.get(DATA_IMPORT_CRONS, key)
        if resource is DATA_IMPORT_CRONS and cron is not None:
            delete_cron(draft, key, cron)
        else:
            delete_row(draft, resource, key)


def _holds_data(resource: Resource[Any]) -> bool:
    return resource.kind in ("PersistentVolumeClaim", "DataVolume", "VolumeSnapshot")


def resource_of(kind: str) -> Resource[Any]:
    """The resource of a kind, or of its plural, in any case. Raises ChangeError."""
    word = kind.lower()
    found = next((r for r in WATCHED if word in (r.kind.lower(), r.plural)), None)
    if found is None:
        raise ChangeError(f"{kind!r} is not a kind that boot sources depend on")
    return found


def delete_row(draft: Draft, resource: Resource[Any], key: Key) -> None:
    """Delete an object and what it owns."""
    from_volume = resource.kind == "DataVolume"
    if resource is HYPERCONVERGEDS:
        raise ChangeError("to delete the HyperConverged uninstalls the product, which is not foreseen")
    draft.drop(resource, key)
    if from_volume:
        draft.drop(resource_of("PersistentVolumeClaim"), key)
