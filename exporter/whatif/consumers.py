"""Which DataSources cannot be cloned for some time or for good, and which templates and virtual machines that hits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from exporter.base.phrases import counted, joined
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, TEMPLATES, VIRTUAL_MACHINES
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.references import LIVE, machine_consumers, template_consumers
from exporter.kube.contract import Key
from exporter.whatif.cdi import Work
from exporter.whatif.document import Action, Actor, Certainty, Outage
from exporter.whatif.draft import Draft, object_ref
from exporter.whatif.images import size_of
from exporter.whatif.rules import Rule
from exporter.whatif.sources import is_usable

_MOST_NAMED: Final = 100
_UNSEEN: Final = "which templates and virtual machines use the DataSource: {} were not read"
_GIB: Final = 2**30


def usable_sources(cluster: ClusterSnapshot) -> frozenset[Key]:
    """The DataSources from which volumes can be cloned."""
    return frozenset(key for key, row in cluster[DATA_SOURCES].rows.items() if is_usable(row))


def log_pauses(draft: Draft, works: Iterable[Work]) -> frozenset[Key]:
    """Write down what waits for an import, before it is done; returns the DataSources that are usable meanwhile."""
    interim = usable_sources(draft.view())
    filling = _by_source(draft, works)
    for key in sorted(usable_sources(draft.cluster) - interim):
        work = filling.get(key)
        if work is not None and not work.waits_for:
            _log(draft, key, Action.PAUSE, "nothing can be made from {} until its import is done", depends="")
    return interim


def log_consumers(draft: Draft, interim: frozenset[Key], works: Iterable[Work]) -> tuple[Outage, ...]:
    """Write down who loses and gains a source; returns for how long DataSources are not usable."""
    before, after = usable_sources(draft.cluster), usable_sources(draft.view())
    filling = _by_source(draft, works)
    outages = [_outage(draft, key, filling.get(key), back=key in after) for key in sorted(before - interim)]
    for key in sorted(before - after):
        _log(draft, key, Action.LOSE, "nothing can be made from {} any more", depends="", loss=True)
    for key in sorted(after - before):
        work = filling.get(key)
        depends = "whether the import succeeds" if work is not None and work.action is Action.IMPORT else ""
        _log(draft, key, Action.GAIN, "new virtual machines can be made from {}", depends=depends)
    return tuple(outages)


def _by_source(draft: Draft, works: Iterable[Work]) -> Mapping[Key, Work]:
    found = {}
    for work in works:
        cron = draft.get(DATA_IMPORT_CRONS, work.key)
        if cron is not None:
            found[Key(work.key.namespace, cron.spec.managed_data_source)] = work
    for key, row in draft.rows(DATA_SOURCES).items():
        pointer = row.spec.source.data_source
        target = Key(pointer.namespace or key.namespace, pointer.name) if pointer is not None else key
        if target in found:
            found[key] = found[target]
    return found


def _outage(draft: Draft, key: Key, work: Work | None, *, back: bool) -> Outage:
    ref = object_ref(DATA_SOURCES.ref(*key))
    if not back:
        waits = work.waits_for if work is not None else ""
        said = f"until CDI can import again: {waits}" if waits else "until someone makes a boot source for it again"
        return Outage(object=ref, certainty=Certainty.KNOWN, duration=said, ends_with="")
    if work is None or work.action is not Action.IMPORT:
        said = "seconds: an image that exists is used again"
        return Outage(object=ref, certainty=Certainty.DEPENDS, duration=said, ends_with="CDI's next reconcile")
    cron = draft.get(DATA_IMPORT_CRONS, work.key)
    size = size_of(cron) if cron is not None else None
    much = f"up to {size / _GIB:.3g} GiB" if size else "an image of unknown size"
    said = f"as long as it takes to import {much}: depends on registry, network and storage"
    ends = f"the import of DataImportCron {work.key.name}"
    return Outage(object=ref, certainty=Certainty.DEPENDS, duration=said, ends_with=ends)


def _log(draft: Draft, key: Key, action: Action, text: str, *, depends: str, loss: bool = False) -> None:
    ref = DATA_SOURCES.ref(*key)
    found = _consumers(draft.view(), key)
    unread = [str(r) for r in (TEMPLATES, VIRTUAL_MACHINES) if not draft.is_known(r)]
    if unread:
        draft.unknown.append(_UNSEEN.format(joined(unread)))
    who = joined([counted(n, kind) for kind, n in _counts(found).items()])
    summary = text.format(ref) + (f"; affects {who}" if who else "")
    named = tuple(object_ref(r) for r in found[:_MOST_NAMED])
    more: dict[str, Any] = {"affected": named, "affected_count": len(found), "loss": loss}
    draft.log(Actor.USERS, action, ref, summary[0].upper() + summary[1:], Rule.CONSUMERS, depends=depends, **more)


def _consumers(cluster: ClusterSnapshot, key: Key) -> list[Ref]:
    """Templates, and virtual machines that still wait for a volume, by the DataSource or by one that points at it."""
    keys = [key]
    for name, row in cluster[DATA_SOURCES].rows.items():
        pointer = row.spec.source.data_source
        if pointer is not None and Key(pointer.namespace or name.namespace, pointer.name) == key:
            keys.append(name)
    templates, machines = cluster.join(template_consumers), cluster.join(machine_consumers)
    found = {link.by for k in keys for link in templates.get(k, ())}
    found |= {link.by for k in keys for link in machines.get(k, ()) if link.matter in LIVE}
    return sorted(found)


def _counts(refs: Iterable[Ref]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for ref in refs:
        counts[ref.kind] = counts.get(ref.kind, 0) + 1
    return counts
