"""HCO in small: from the HyperConverged's spec to its status, and on to SSP's spec.

Source of the rules: HCO controllers/handlers/golden-images; those that the checks use too are in joins/propagation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from exporter.base.excerpts import list_some
from exporter.base.phrases import joined
from exporter.cluster.resources import HYPERCONVERGEDS, IMAGE_STREAMS, SSPS
from exporter.joins.admission import has_source
from exporter.joins.drift import differences
from exporter.joins.entries import COMMON_NAMES
from exporter.joins.platform import DOWNSTREAM_NAMESPACE, image_namespace
from exporter.joins.propagation import expected_ssp_entries, reconcile
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCronSpec
from exporter.model.hco import JSONPATCH_SSP, BootSourceEntry, HyperConverged, StatusEntry
from exporter.model.openshift import ImageStream, TagStatus
from exporter.model.raw import Raw
from exporter.model.ssp import SSP
from exporter.model.wire import ABSENT, Condition, Metadata, copy_with
from exporter.whatif.common_entries import DEPENDS, bundled_entries
from exporter.whatif.document import Action, Actor, FieldValue
from exporter.whatif.draft import Draft
from exporter.whatif.json_patch import PatchError, apply_json_patch
from exporter.whatif.rules import Rule

_STUMBLES_SINCE: Final = (1, 16)
"""The first HCO that dereferences the source of an entry without looking whether there is one."""
_LIST: Final = "dataImportCronTemplates"


def hco_reconciles(draft: Draft) -> None:
    """Write HCO's status and SSP's spec as HCO would."""
    for key, hco in sorted(draft.rows(HYPERCONVERGEDS).items()):
        if _stumbles(draft, key, hco):
            continue
        new = reconcile(
            copy_with(hco, status=copy_with(hco.status, data_import_cron_templates=_known(draft, key, hco)))
        )
        entries = tuple(_moved(new, e) for e in new.status.data_import_cron_templates)
        new = copy_with(new, status=copy_with(new.status, data_import_cron_templates=entries))
        new = _tainted(new)
        guessed = {e.name for e in entries} - {e.name for e in hco.status.data_import_cron_templates} & COMMON_NAMES
        guessed -= {e.name for e in hco.entries}
        depends = _depends(hco, guessed)
        _log_list(draft, key, hco, new, depends)
        draft.put(HYPERCONVERGEDS, key, new)
        _keep_image_streams(draft, hco, new, depends)
        for ssp_key, ssp in sorted(draft.rows(SSPS).items()):
            _write_ssp(draft, ssp_key, ssp, new, depends)


def _stumbles(draft: Draft, key: Key, hco: HyperConverged) -> bool:
    """HCO's process ends at an entry without source, each time again: nothing goes on from there."""
    wrong = [e.name for e in hco.entries if e.enabled and not has_source(e.written)]
    if not wrong or (hco.release or _STUMBLES_SINCE) < _STUMBLES_SINCE:
        return False
    summary = f"HCO fails at the entries without source ({list_some(wrong)}) and changes nothing"
    draft.log(Actor.HCO, Action.FREEZE, HYPERCONVERGEDS.ref(*key), summary, Rule.HCO_ADMISSION)
    return True


def _depends(hco: HyperConverged, guessed: Iterable[str]) -> str:
    """What HCO's part depends on; "" if all of it is known."""
    reasons = [DEPENDS] if set(guessed) else []
    done = hco.condition("ReconcileComplete")
    if done is not ABSENT and done.false:
        reasons.append("whether HCO can reconcile again: its condition ReconcileComplete is False")
    return "; ".join(reasons)


def _known(draft: Draft, key: Key, hco: HyperConverged) -> tuple[StatusEntry, ...]:
    """What the status lists, and the common entries that come back because the change switches them on."""
    before = draft.cluster[HYPERCONVERGEDS].rows.get(key)
    listed = hco.status.data_import_cron_templates
    if before is None or not hco.gate.on:
        return listed
    names, off = {e.name for e in listed}, {e.name for e in before.entries if not e.enabled}
    downstream = key.namespace == DOWNSTREAM_NAMESPACE
    bundled = bundled_entries(hco, downstream=downstream)
    back = [e for e in bundled if e.name not in names and (not before.gate.on or e.name in off)]
    return (*listed, *back)


def _moved(hco: HyperConverged, entry: StatusEntry) -> StatusEntry:
    """CommonBootImageNamespace counts for common entries that nobody modifies."""
    if not entry.status.common_template or entry.status.modified:
        return entry
    return copy_with(entry, metadata=copy_with(entry.metadata, namespace=hco.boot_image_namespace))


def _tainted(hco: HyperConverged) -> HyperConverged:
    patched = bool(hco.metadata.annotations.get(JSONPATCH_SSP))
    others = tuple(c for c in hco.status.conditions if c.type != "TaintedConfiguration")
    said = Condition(type="TaintedConfiguration", status="True", reason="UnsupportedFeatureAnnotation")
    told = hco.condition("TaintedConfiguration")
    kept = said if told is ABSENT else told
    return copy_with(hco, status=copy_with(hco.status, conditions=(*others, kept) if patched else others))


def entry_changes(
    before: Sequence[BootSourceEntry], after: Sequence[BootSourceEntry], prefix: str
) -> tuple[FieldValue, ...]:
    """In which fields two lists of entries differ."""
    old, new = {e.name: e for e in before}, {e.name: e for e in after}
    found: list[FieldValue] = []
    for name in sorted({*old, *new}):
        path = f"{prefix}[name={name}]"
        if name not in new or name not in old:
            was, now = ("listed", "") if name in old else ("", "listed")
            found.append(FieldValue(path=path, before=was, after=now))
        left, right = old.get(name), new.get(name)
        if right is not None:
            found += _spec_changes(left, right, path)
    return tuple(found)


def _spec_changes(left: BootSourceEntry | None, right: BootSourceEntry, path: str) -> list[FieldValue]:
    one, other = (left.spec if left else None) or DataImportCronSpec(), right.spec or DataImportCronSpec()
    found = [
        FieldValue(path=f"{path}.spec.{d.path}", before=d.observed, after=d.expected) for d in differences(other, one)
    ]
    was = left.metadata.namespace if left else ""
    if was != right.metadata.namespace:
        place = f"{path}.metadata.namespace"
        found.append(FieldValue(path=place, before=was, after=right.metadata.namespace))
    return found


def _log_list(draft: Draft, key: Key, old: HyperConverged, new: HyperConverged, depends: str) -> None:
    before, after = old.status.data_import_cron_templates, new.status.data_import_cron_templates
    fields = entry_changes(before, after, f"status.{_LIST}")
    if not fields:
        return
    gone = [e.name for e in before if e.name not in {a.name for a in after}]
    come = [e.name for e in after if e.name not in {b.name for b in before}]
    parts = [f"adds {list_some(come)}"] if come else []
    parts += [f"drops {list_some(gone)}"] if gone else []
    rule = Rule.HCO_GATE if gone and not new.gate.on else Rule.HCO_LIST
    summary = f"HCO's status {joined(parts) if parts else 'follows the changed entries'}"
    ref = HYPERCONVERGEDS.ref(*key)
    draft.log(Actor.HCO, Action.CHANGE, ref, summary, rule, depends=depends, fields=fields)


# -- SSP's spec ---------------------------------------------------------------------------------------------


def _write_ssp(draft: Draft, key: Key, ssp: SSP, hco: HyperConverged, depends: str) -> None:
    """SSP's entries and its multi-arch switch, after HCO's JSON patches."""
    ref = SSPS.ref(*key)
    wanted = tuple(copy_with(e, written=raw_entry(e)) for e in expected_ssp_entries(hco))
    rule = Rule.HCO_PASSES_ON
    spec = copy_with(
        ssp.spec,
        common_templates=copy_with(ssp.spec.common_templates, data_import_cron_templates=wanted),
        enable_multiple_architectures=hco.multi_arch,
    )
    patch = hco.metadata.annotations.get(JSONPATCH_SSP, "")
    new = copy_with(ssp, spec=spec)
    if patch:
        rule = Rule.JSON_PATCH
        try:
            new = _patched(new, patch)
        except PatchError as error:
            summary = f"HCO cannot write SSP: {error}"
            draft.log(Actor.HCO, Action.FREEZE, ref, summary, rule, depends=depends)
            return
    if _same(ssp, new):
        return
    old_list, new_list = (s.spec.common_templates.data_import_cron_templates for s in (ssp, new))
    fields = entry_changes(old_list, new_list, f"spec.commonTemplates.{_LIST}")
    summary = "HCO writes the same entries to SSP's spec"
    if rule is Rule.JSON_PATCH:
        summary = "HCO writes its entries, changed by its JSON patch, to SSP's spec"
    draft.log(Actor.HCO, Action.CHANGE, ref, summary, rule, depends=depends, fields=fields)
    edited = copy_with(ssp.metadata, spec_edited=draft.at)
    draft.put(SSPS, key, copy_with(new, metadata=edited))


def _same(one: SSP, other: SSP) -> bool:
    """Nothing that SSP would act upon differs. HCO's list is sorted by name, so the order counts."""
    old, new = (s.spec.common_templates.data_import_cron_templates for s in (one, other))
    names = [e.name for e in old] == [e.name for e in new]
    switched = one.spec.enable_multiple_architectures != other.spec.enable_multiple_architectures
    return names and not switched and not entry_changes(old, new, "")


def raw_entry(entry: BootSourceEntry) -> Raw:
    """The entry as HCO writes it to SSP: without its status, and with the schedule that it inherits."""
    meta = entry.metadata
    place = {"namespace": meta.namespace} if meta.namespace else {}
    marks = {"annotations": dict(meta.annotations), "labels": dict(meta.labels)}
    spec = entry.written.get("spec")
    inherited = {"schedule": entry.spec.schedule} if entry.spec else {}
    return {
        "metadata": {"name": meta.name, **place, **{k: v for k, v in marks.items() if v}},
        "spec": {**(spec if isinstance(spec, dict) else {}), **inherited},
    }


def _patched(ssp: SSP, patch: str) -> SSP:
    """SSP after a JSON patch on its entries. Raises PatchError."""
    templates: dict[str, Any] = {
        "namespace": ssp.spec.common_templates.namespace,
        _LIST: [e.written for e in ssp.spec.common_templates.data_import_cron_templates],
    }
    manifest = {"metadata": {"name": ssp.metadata.name}, "spec": {"commonTemplates": templates}}
    changed = SSPS.codec().from_value(apply_json_patch(manifest, patch)).row
    if changed is None:
        raise PatchError("its result is not an SSP")
    return copy_with(ssp, spec=copy_with(ssp.spec, common_templates=changed.spec.common_templates))


# -- ImageStreams -------------------------------------------------------------------------------------------


def _keep_image_streams(draft: Draft, old: HyperConverged, new: HyperConverged, depends: str) -> None:
    """HCO deletes the ImageStreams of common entries that it lists no more, and creates those of new ones."""
    images = draft.view().join(image_namespace)
    before, after = _streams(old, images), _streams(new, images)
    for stream in sorted(before - after):
        if draft.get(IMAGE_STREAMS, stream) is not None:
            draft.drop(IMAGE_STREAMS, stream)
            ref = IMAGE_STREAMS.ref(*stream)
            draft.log(Actor.HCO, Action.DELETE, ref, f"HCO deletes {ref}", Rule.IMAGE_STREAMS, depends=depends)
    for stream in sorted(after - before):
        if draft.get(IMAGE_STREAMS, stream) is None and draft.is_known(IMAGE_STREAMS):
            ref = IMAGE_STREAMS.ref(*stream)
            waits = "OpenShift imports its tag before CDI can import the image"
            draft.log(Actor.HCO, Action.CREATE, ref, f"HCO creates {ref}; {waits}", Rule.IMAGE_STREAMS, depends=depends)
            meta = Metadata(name=stream.name, namespace=stream.namespace, creation_timestamp=draft.at)
            row = ImageStream(metadata=meta)
            draft.put(
                IMAGE_STREAMS, stream, copy_with(row, status=copy_with(row.status, tags=(TagStatus(tag="latest"),)))
            )


def _streams(hco: HyperConverged, images: str) -> set[Key]:
    found = set()
    for entry in hco.status.data_import_cron_templates:
        source = entry.spec.template.spec.source if entry.spec else None
        stream = source.registry.image_stream if source and source.registry else ""
        if stream and entry.status.common_template:
            found.add(Key(entry.metadata.namespace or images, stream.partition(":")[0]))
    return found
