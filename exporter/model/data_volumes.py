"""cdi.kubevirt.io: DataVolumes, of which a cluster has as many as VirtualMachines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from pydantic import Field

from exporter.model.bounds import LONGEST_NAME
from exporter.model.cdi import CRON_LABEL, Pointer
from exporter.model.clones import CLAIM, DATA_SOURCE, SNAPSHOT, CloneSource
from exporter.model.core import ClaimSpec
from exporter.model.errors import ExcessiveError
from exporter.model.wire import SUPPRESS, Absent, Condition, Many, Metadata, Number, Text, find_condition, wire

SUCCEEDED: Final = "Succeeded"
"""The phase of a DataVolume whose data is complete."""


@wire
class VolumeSource:
    """spec.source of a DataVolume, as far as it names something to clone."""

    pvc: Pointer | None = None
    snapshot: Pointer | None = None


@wire
class VolumeSourceRef:
    """spec.sourceRef of a DataVolume: CDI follows it to a DataSource for as long as the DataVolume is not finished."""

    kind: Text = ""
    namespace: Text = ""
    name: Text = ""


@wire
class DataVolumeSpec:
    """The spec of a DataVolume."""

    source: VolumeSource | None = None
    source_ref: VolumeSourceRef | None = None
    storage: ClaimSpec | None = None
    pvc: ClaimSpec | None = None


@wire
class DataVolumeStatus:
    """The status of a DataVolume."""

    phase: Text = ""
    progress: Text = ""
    claim_name: Text = ""
    restart_count: Number = 0
    conditions: Many[Condition] = ()


@wire
class DataVolumeObject:
    """A DataVolume as it is on the wire; `DataVolume` is what we keep of it."""

    metadata: Metadata
    spec: DataVolumeSpec = Field(default_factory=DataVolumeSpec)
    status: DataVolumeStatus = Field(default_factory=DataVolumeStatus)


_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class DataVolume:
    """What we keep of a DataVolume. A cluster has as many as virtual machines, so finished ones share one object.

    Those that are not finished have a slot for every field, the others only for what tells them apart.
    """

    __slots__ = ()

    cron: str = ""
    phase: str = ""
    storage_class: str = ""
    claim: str = ""
    """The claim that CDI has made for it; "" if there is none yet."""
    transferred: bool = False
    """All of its data has been copied. How far a copy is changes every few seconds, and is not kept."""
    restart_count: int = 0
    created: datetime | None = None
    deleted: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    origin: CloneSource | None = None
    """What it is cloned from; None if it is no clone."""
    owner: str = ""
    """The VirtualMachine that made it; "" if none did, or if it is finished."""
    size: str = ""
    """The storage that it requests, as a quantity."""
    made_before: datetime | None = None
    """Of a finished clone: the end of the four weeks in which it was made, so that clones of one image share rows."""

    @property
    def suppress(self) -> str:
        """The annotation that mutes findings."""
        return self.annotations.get(SUPPRESS, "")

    def condition(self, type_: str) -> Condition | Absent:
        """Bound, Ready or Running, or ABSENT."""
        return find_condition(self.conditions, type_)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailedVolume(DataVolume):
    """One that is not finished, or that a DataImportCron has made."""


@dataclass(frozen=True, init=False)
class FinishedVolume(DataVolume):
    """All finished ones that were cloned from one image in one period: a third of the memory."""

    __slots__ = ("made_before", "origin")
    phase = SUCCEEDED
    labels = annotations = _NONE

    def __init__(self, origin: CloneSource | None, made_before: datetime | None) -> None:
        object.__setattr__(self, "origin", origin)
        object.__setattr__(self, "made_before", made_before)


_PERIOD: Final = 28 * 24 * 60 * 60
"""Four weeks: how exactly it is kept when a clone was made. By days, hardly two of 50,000 clones would share a row."""
_LAST_PERIOD: Final = int(datetime.max.replace(tzinfo=UTC).timestamp()) // _PERIOD - 1


def _period_of(instant: datetime) -> int:
    """The number of the period, counted from 1970."""
    return max(0, min(_LAST_PERIOD, int(instant.timestamp()) // _PERIOD))


_MOST_ROWS: Final = 16384
_rows: Final[dict[tuple[CloneSource | None, datetime | None], DataVolume]] = {}
"""The rows that finished volumes share. Not `lru_cache`, whose links are larger than the keys."""


def _finished(origin: CloneSource | None, made: datetime | None) -> DataVolume:
    """The row of all finished volumes that were cloned from this image in the same period."""
    key = (origin, datetime.fromtimestamp((_period_of(made) + 1) * _PERIOD, UTC) if made is not None else None)
    row = _rows.get(key)
    if row is None:
        if len(_rows) >= _MOST_ROWS:
            _rows.clear()
        row = _rows[key] = FinishedVolume(*key)
    return row


def data_volume_row(wired: DataVolumeObject) -> DataVolume:
    """Keep everything of a volume that a cron made or that is not finished; of any other what it is cloned from.

    That is the same for all volumes that were made of one image within four weeks, so that they share a row. Only its
    clones tell how old an image is that has been deleted. Raises ExcessiveError.
    """
    cron, status = wired.metadata.labels.get(CRON_LABEL, ""), wired.status
    claim = wired.spec.storage or wired.spec.pvc
    storage_class = (claim.storage_class_name if claim else None) or ""
    owner = next((o.name for o in wired.metadata.owner_references if o.kind == "VirtualMachine"), "")
    origin = _origin(wired)
    if origin is not None and any(len(text) > LONGEST_NAME for text in origin):
        raise ExcessiveError("spec.source", f"a name has more than {LONGEST_NAME} characters")
    if not cron and status.phase == SUCCEEDED:
        made = wired.metadata.creation_timestamp if origin is not None and origin.kind != DATA_SOURCE else None
        return _finished(origin, made)
    return DetailedVolume(
        cron=cron,
        phase=status.phase,
        storage_class=storage_class,
        claim=status.claim_name,
        transferred=status.progress.startswith("100"),
        restart_count=status.restart_count,
        created=wired.metadata.creation_timestamp,
        deleted=wired.metadata.deletion_timestamp,
        labels=wired.metadata.labels,
        annotations=wired.metadata.annotations,
        conditions=status.conditions,
        origin=origin,
        owner=owner,
        size=claim.requested if claim else "",
    )


def _origin(wired: DataVolumeObject) -> CloneSource | None:
    """What a DataVolume is cloned from, with its namespace filled in."""
    own, ref, source = wired.metadata.namespace, wired.spec.source_ref, wired.spec.source or VolumeSource()
    if ref is not None:
        return CloneSource(ref.kind or DATA_SOURCE, ref.namespace or own, ref.name)
    for kind, pointer in ((CLAIM, source.pvc), (SNAPSHOT, source.snapshot)):
        if pointer is not None:
            return CloneSource(kind, pointer.namespace or own, pointer.name)
    return None
