"""Edits of the HyperConverged: what HCO's webhooks refuse and fill in."""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter

from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import has_source, list_refusals
from exporter.kube.contract import Key
from exporter.model.cdi import BIND_IMMEDIATE
from exporter.model.hco import BootSourceEntry, HyperConverged, TolerantEntry
from exporter.model.hco_layout import Release
from exporter.model.raw import Raw
from exporter.model.wire import Many, copy_with
from exporter.whatif.document import Action, Actor, FieldValue
from exporter.whatif.draft import Draft, changed_fields
from exporter.whatif.hco import entry_changes
from exporter.whatif.rules import Rule

DECODE_ENTRIES: Final = TypeAdapter[tuple[BootSourceEntry, ...]](Many[TolerantEntry])
_FILLS_IN_SINCE: Final[Release] = (1, 18)
_NEEDS_SOURCE_SINCE: Final[Release] = (1, 16)


def the_hyperconverged(draft: Draft) -> tuple[Key, HyperConverged] | None:
    """The HyperConverged; None if there is none that can be read."""
    return next(iter(sorted(draft.rows(HYPERCONVERGEDS).items())), None)


def edit_hyperconverged(draft: Draft, key: Key, old: HyperConverged, new: HyperConverged) -> None:
    """Admit an edit as HCO's webhooks do, and put it into the draft; or say why it is refused."""
    ref, release = HYPERCONVERGEDS.ref(*key), new.release
    refusals = [r for found in list_refusals([e.written for e in new.entries]) for r in found]
    problems = [f"{r.reason} ({r.field})" for r in refusals]
    dies = release is None or release >= _NEEDS_SOURCE_SINCE
    if dies:
        wrong = [e.name for e in new.entries if e.enabled and e.spec is not None and not has_source(e.written)]
        problems += [f"entry {name} has no source" for name in wrong]
    fields = _describe_edit(old, new)
    if problems:
        summary = f"HCO's webhook refuses the edit of {ref}: {'; '.join(problems)}"
        draft.log(Actor.API_SERVER, Action.REFUSE, ref, summary, Rule.HCO_ADMISSION, fields=fields)
        return
    if not fields:
        return
    names = ", ".join(dict.fromkeys(_short(f.path) for f in fields))
    draft.log(Actor.YOU, Action.EDIT, ref, f"You edit {ref}: {names}", Rule.ASKED, fields=fields)
    filled = new
    if release is None or release >= _FILLS_IN_SINCE:
        filled = copy_with(new, entries=tuple(_filled(e) for e in new.entries))
        more = entry_changes(new.entries, filled.entries, str(new.layout.entries))
        if more:
            summary = "HCO's webhook fills in retentionPolicy and importsToKeep where entries leave them out"
            draft.log(Actor.API_SERVER, Action.CHANGE, ref, summary, Rule.HCO_DEFAULTS, fields=more)
    generation = (old.metadata.generation or 0) + 1
    meta = copy_with(new.metadata, generation=generation, spec_edited=draft.at)
    draft.put(HYPERCONVERGEDS, key, copy_with(filled, metadata=meta))


def _short(path: str) -> str:
    """The path up to an entry's name: what of it changes is in the fields."""
    head, found, _ = path.partition("]")
    return f"{head}]" if found else path


def _filled(entry: BootSourceEntry) -> BootSourceEntry:
    """What HCO's mutating webhook sets in an entry that does not say otherwise."""
    spec = entry.written.get("spec")
    if not isinstance(spec, dict):
        return entry
    meta: dict[str, Any] = dict(entry.written.get("metadata") or {})
    notes = meta.get("annotations") if isinstance(meta.get("annotations"), dict) else {}
    meta["annotations"] = {BIND_IMMEDIATE: "true", **(notes or {})}
    filled: Raw = {"metadata": meta, "spec": {"retentionPolicy": "None", "importsToKeep": 1, **spec}}
    (decoded,) = DECODE_ENTRIES.validate_python([filled])
    return decoded


def _describe_edit(old: HyperConverged, new: HyperConverged) -> tuple[FieldValue, ...]:
    found = [*changed_fields(_switches(old), _switches(new))]
    found += entry_changes(old.entries, new.entries, str(new.layout.entries))
    before, after = ({e.name: e for e in hco.entries} for hco in (old, new))
    for name in sorted(before.keys() & after.keys()):
        was, now = (side[name].metadata.annotations for side in (before, after))
        path = f"{new.layout.entries}[name={name}].metadata.annotations"
        changed = changed_fields(dict(was), dict(now))
        found += [copy_with(f, path=f"{path}[{f.path}]") for f in changed]
    return tuple(found)


def _switches(hco: HyperConverged) -> dict[str, str]:
    layout = hco.layout
    found = {str(layout.gate): _flag(hco.gate.on), str(layout.image_namespace): hco.boot_image_namespace}
    found |= {f"metadata.annotations[{k}]": v for k, v in hco.metadata.annotations.items()}
    found |= {str(path): _flag(value) for path, value in hco.gate.dead.items()}
    if layout.multi_arch is not None:
        found[str(layout.multi_arch)] = _flag(hco.multi_arch)
    return found


def _flag(value: bool) -> str:
    return "true" if value else "false"
