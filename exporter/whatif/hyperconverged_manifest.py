"""A manifest of the HyperConverged, in the API version of the cluster or in an older one that is still served."""

from __future__ import annotations

from typing import Any

from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.kube.contract import Key
from exporter.model.errors import UnreadableError
from exporter.model.hco import HyperConverged, HyperConvergedObject, hyperconverged_row
from exporter.model.hco_layout import LAYOUTS, Layout, layout_of
from exporter.model.raw import Raw
from exporter.model.wire import copy_with
from exporter.whatif.changes import ChangeError
from exporter.whatif.document import Action, Actor
from exporter.whatif.draft import Draft
from exporter.whatif.encoding import encode_hyperconverged, merge
from exporter.whatif.hyperconverged import edit_hyperconverged
from exporter.whatif.rules import Rule


def apply_hyperconverged(draft: Draft, key: Key, patch: Raw) -> None:
    """Merge the manifest into the HyperConverged. Raises ChangeError."""
    old = draft.get(HYPERCONVERGEDS, key)
    if old is None:
        raise ChangeError(f"{HYPERCONVERGEDS.ref(*key)} does not exist, or was not read")
    try:
        new = _merged(key, old, _converted(draft, key, old, patch))
    except UnreadableError as error:
        raise ChangeError(f"HyperConverged {key.name} cannot be read: {error.field}: {error}") from None
    steps = len(draft.steps)
    _log_unread_gates(draft, key, old, patch)
    edit_hyperconverged(draft, key, old, new)
    if len(draft.steps) == steps:
        ref, summary = HYPERCONVERGEDS.ref(*key), "Nothing that boot sources depend on is changed by the manifest"
        draft.log(Actor.API_SERVER, Action.KEEP, ref, summary, Rule.HCO_ADMISSION)


def _log_unread_gates(draft: Draft, key: Key, old: HyperConverged, patch: Raw) -> None:
    """The gate where another generation of the same API version has it: pruned, or ignored."""
    if str(patch.get("apiVersion") or old.api_version).rpartition("/")[2] != old.layout.api_version:
        return
    others = {str(other.gate): other.gate for other in LAYOUTS if other.api_version == old.layout.api_version}
    for name, path in others.items():
        try:
            stands = name != str(old.layout.gate) and path.read(patch) is not None
        except UnreadableError:
            stands = False
        if stands:
            ref = HYPERCONVERGEDS.ref(*key)
            summary = f"{name} has no effect: this version of HCO looks at {old.layout.gate}"
            draft.log(Actor.API_SERVER, Action.KEEP, ref, summary, Rule.HCO_ADMISSION)


def _merged(key: Key, old: HyperConverged, patch: Raw) -> HyperConverged:
    named = {"metadata": {"name": key.name, "namespace": key.namespace}}
    manifest = merge(merge(encode_hyperconverged(old), patch), named)
    wired = HYPERCONVERGEDS.codec().from_value({**manifest, "status": {}})
    if wired.rejected is not None:
        raise ChangeError(f"HyperConverged {key.name} cannot be read: {wired.rejected.problem}")
    decoded = wired.row
    if decoded is None:
        raise ChangeError(f"HyperConverged {key.name} cannot be read")
    meta = copy_with(old.metadata, labels=decoded.metadata.labels, annotations=decoded.metadata.annotations)
    spec = manifest.get("spec")
    whole = HyperConvergedObject(
        api_version=old.api_version, metadata=meta, spec=spec if isinstance(spec, dict) else {}, status=old.status
    )
    return copy_with(hyperconverged_row(whole), metadata=meta, status=old.status)


def _converted(draft: Draft, key: Key, old: HyperConverged, patch: Raw) -> Raw:
    """The patch in the API version of the cluster: what both versions have, where this one has it."""
    version = str(patch.get("apiVersion") or old.api_version)
    if version.rpartition("/")[2] == old.layout.api_version:
        return {**patch, "apiVersion": old.api_version}
    theirs = layout_of(version, old.release)
    converted: dict[str, Any] = {k: v for k, v in patch.items() if k not in ("apiVersion", "spec")}
    converted["apiVersion"] = old.api_version
    for mine, other in _pairs(old.layout, theirs):
        value = other.read(patch)
        if value is not None:
            converted = merge(converted, mine.merge_patch(value))
    dropped = [str(path) for path in theirs.ignored_gates if path.read(patch) is not None]
    if dropped:
        ref = HYPERCONVERGEDS.ref(*key)
        summary = f"The conversion to {old.api_version} drops {', '.join(dropped)}: nothing reads it"
        draft.log(Actor.API_SERVER, Action.KEEP, ref, summary, Rule.HCO_ADMISSION)
    return converted


def _pairs(mine: Layout, other: Layout) -> list[tuple[Any, Any]]:
    names = ("gate", "entries", "image_namespace", "templates_namespace", "multi_arch")
    pairs = [(getattr(mine, name), getattr(other, name)) for name in names]
    return [(left, right) for left, right in pairs if left is not None and right is not None]
