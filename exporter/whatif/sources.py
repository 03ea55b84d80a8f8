"""DataSources as CDI settles them: what they point at, and whether it can be cloned."""

from __future__ import annotations

from exporter.cluster.resources import DATA_SOURCES, DATA_VOLUMES, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS
from exporter.kube.contract import Key
from exporter.model.cdi import DataSource, DataSourceSource, Pointer
from exporter.model.data_volumes import SUCCEEDED
from exporter.model.wire import ABSENT, Condition, copy_with
from exporter.whatif.draft import Draft

_READY = ("True", "Ready", "DataSource is ready to be consumed")


def settle_source(draft: Draft, row: DataSource, source: DataSourceSource) -> DataSource:
    """The DataSource with this source, and with the condition and the resolved source that CDI gives it."""
    told, resolved = _readiness(draft, row.metadata.namespace, source, steps=1)
    old = row.ready
    same = old is not ABSENT and (old.status, old.reason) == told[:2]
    since = old.last_transition_time if same and old is not ABSENT else draft.at
    ready = Condition(type="Ready", status=told[0], reason=told[1], message=told[2], last_transition_time=since)
    status = copy_with(row.status, conditions=(ready,), source=resolved)
    return copy_with(row, spec=copy_with(row.spec, source=source), status=status)


_Told = tuple[str, str, str]
"""Status, reason and message of the condition Ready."""
_NOTHING = DataSourceSource()


def _readiness(draft: Draft, namespace: str, source: DataSourceSource, steps: int) -> tuple[_Told, DataSourceSource]:
    """The condition Ready, and what the source resolves to."""
    if source.pvc is not None:
        return _claim(draft, _key(source.pvc, namespace), source)
    if source.snapshot is not None:
        return _snapshot(draft, _key(source.snapshot, namespace), source)
    if source.data_source is None:
        return ("False", "NoSource", "No source PVC set"), _NOTHING
    target = draft.get(DATA_SOURCES, _key(source.data_source, namespace))
    if target is None:
        return ("False", "NotFound", "DataSource not found"), _NOTHING
    if not steps:
        return ("False", "MaxReferenceDepthReached", "DataSource reference chain exceeds maximum depth of 1"), _NOTHING
    return _readiness(draft, namespace, target.spec.source, steps - 1)


def _snapshot(draft: Draft, key: Key, source: DataSourceSource) -> tuple[_Told, DataSourceSource]:
    snapshot = draft.get(VOLUME_SNAPSHOTS, key)
    if snapshot is None:
        return ("False", "NotFound", "Snapshot not found"), _NOTHING
    if not snapshot.ready:
        return ("False", "SnapshotNotReady", "Snapshot phase is not ready"), _NOTHING
    return _READY, source


def _claim(draft: Draft, key: Key, source: DataSourceSource) -> tuple[_Told, DataSourceSource]:
    volume = draft.get(DATA_VOLUMES, key)
    if volume is not None and volume.phase != SUCCEEDED:
        return ("False", volume.phase, f"Import DataVolume phase {volume.phase}"), _NOTHING
    if draft.get(PERSISTENT_VOLUME_CLAIMS, key) is None:
        return ("False", "NotFound", "PVC not found"), _NOTHING
    return _READY, source


def _key(pointer: Pointer, namespace: str) -> Key:
    return Key(pointer.namespace or namespace, pointer.name)


def is_usable(row: DataSource | None) -> bool:
    """New volumes can be cloned from it."""
    ready = row.ready if row is not None else ABSENT
    return ready is not ABSENT and ready.true


def target_name(source: DataSource) -> str:
    """The name of what it points at; "" if nothing."""
    found = source.spec.source
    return next((p.name for p in (found.pvc, found.snapshot, found.data_source) if p is not None), "")
