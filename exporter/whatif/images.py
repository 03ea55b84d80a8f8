"""Images as CDI stores them: a PersistentVolumeClaim with its DataVolume, or a VolumeSnapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    IMAGE_STREAMS,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_PROFILES,
    VOLUME_SNAPSHOT_CONTENTS,
    VOLUME_SNAPSHOTS,
)
from exporter.joins.images import LAST_USE_TIME
from exporter.kube.contract import Key
from exporter.model.cdi import CLEANUP_LABEL, CRON_LABEL, DESIRED_DIGEST, DataImportCron
from exporter.model.core import ClaimSpec, ClaimStatus, PersistentVolumeClaim
from exporter.model.data_volumes import SUCCEEDED, DataVolume, DetailedVolume
from exporter.model.quantity import bytes_of
from exporter.model.storage import (
    VolumeSnapshot,
    VolumeSnapshotContent,
    VolumeSnapshotSpec,
    VolumeSnapshotStatus,
)
from exporter.model.wire import Condition, Metadata, copy_with
from exporter.whatif.deletion import labels_of
from exporter.whatif.draft import Draft

_KEPT: Final[tuple[Resource[Any], ...]] = (PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)
_DIGITS: Final = 12
"""So many characters of a digest name an image."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What exists under the name of an image."""

    volume: DataVolume | None
    claim: PersistentVolumeClaim | None
    snapshot: VolumeSnapshot | None

    @property
    def format(self) -> str:
        """`snapshot`, `pvc`, or "" if there is no image."""
        return "snapshot" if self.snapshot is not None else "pvc" if self.claim is not None else ""

    @property
    def is_complete(self) -> bool:
        """It can be used as it is."""
        if self.snapshot is not None:
            return self.snapshot.ready
        return self.claim is not None and (self.volume is None or self.volume.phase == SUCCEEDED)


def stored_image(draft: Draft, key: Key) -> Stored:
    """What exists under the name of an image in a namespace."""
    return Stored(
        draft.get(DATA_VOLUMES, key), draft.get(PERSISTENT_VOLUME_CLAIMS, key), draft.get(VOLUME_SNAPSHOTS, key)
    )


def delete_image(draft: Draft, key: Key) -> None:
    """Delete everything of an image."""
    snapshot = draft.get(VOLUME_SNAPSHOTS, key)
    if snapshot is not None and snapshot.status is not None:
        draft.drop(VOLUME_SNAPSHOT_CONTENTS, Key("", snapshot.status.bound_volume_snapshot_content_name))
    for resource in (DATA_VOLUMES, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS):
        draft.drop(resource, key)


def image_name(cron: DataImportCron, digest: str) -> str:
    """The name of the image with this digest; "" without one."""
    _, _, digits = digest.partition(":")
    return f"{cron.spec.managed_data_source}-{digits[:_DIGITS]}" if len(digits) >= _DIGITS else ""


def newest_name(cron: DataImportCron) -> str:
    """The name of the image that the DataImportCron wants: that of the digest which it has learnt, else its newest."""
    return image_name(cron, cron.metadata.annotations.get(DESIRED_DIGEST, "")) or cron.current_import


def size_of(cron: DataImportCron) -> int | None:
    """What the DataImportCron requests, in bytes; None if it does not say."""
    volume = cron.spec.template.spec
    claim = volume.storage or volume.pvc
    size = bytes_of(claim.requested) if claim is not None else None
    return None if size is None else int(size)


def origin_of(cron: DataImportCron) -> str:
    """Where the image comes from: a registry's host, an ImageStream or a PersistentVolumeClaim."""
    registry, claim = cron.source.registry, cron.source.pvc
    if registry is not None:
        host = registry.url.partition("://")[2].partition("/")[0]
        return f"ImageStream {registry.image_stream}" if registry.image_stream else host
    return f"PersistentVolumeClaim {claim.namespace or cron.metadata.namespace}/{claim.name}" if claim else ""


@dataclass(frozen=True, slots=True)
class Guess:
    """Which image a DataImportCron without a status will want."""

    name: str
    """"" if no object tells."""
    digest: str = ""
    depends: str = ""


def guess_image(draft: Draft, key: Key, cron: DataImportCron) -> Guess:
    """By its source, where that tells a digest; by the DataImportCron that it replaces; by images that are left."""
    digest = _digest_of_stream(draft, key, cron)
    if digest:
        return Guess(image_name(cron, digest), digest)
    depends = f"whether {origin_of(cron)} still serves the image that was imported last"
    for _, old in sorted(draft.cluster[DATA_IMPORT_CRONS].rows.items()):
        known = old.metadata.annotations.get(DESIRED_DIGEST, "")
        if old.source == cron.source and known and image_name(cron, known):
            return Guess(image_name(cron, known), known, depends)
    replaced = draft.cluster[DATA_IMPORT_CRONS].rows.get(key)
    if replaced is not None and replaced.source != cron.source:
        return Guess("")  # what is left of it came from elsewhere
    left = [
        (row.metadata.annotations.get(LAST_USE_TIME, ""), image.name)
        for resource in _KEPT
        for image, row in draft.rows(resource).items()
        if image.namespace == key.namespace and labels_of(row).get(CRON_LABEL) == key.name
    ]
    return Guess(max(left)[1], "", depends) if left else Guess("")


def _digest_of_stream(draft: Draft, key: Key, cron: DataImportCron) -> str:
    registry = cron.source.registry
    name, _, tag = (registry.image_stream if registry else "").partition(":")
    stream = draft.get(IMAGE_STREAMS, Key(key.namespace, name)) if name else None
    found = next((t for t in stream.status.tags if not tag or t.tag == tag), None) if stream else None
    return found.items[0].image if found and found.items else ""


def store_image(draft: Draft, key: Key, cron: DataImportCron, form: str, storage_class: str) -> None:
    """Put a complete image into the draft, as CDI leaves it."""
    labels = _labels(draft, key, cron)
    now = draft.at.isoformat()
    meta = Metadata(
        name=key.name,
        namespace=key.namespace,
        creation_timestamp=draft.at,
        labels=labels,
        annotations={LAST_USE_TIME: now},
    )
    if form == "snapshot":
        draft.drop(DATA_VOLUMES, key)
        draft.drop(PERSISTENT_VOLUME_CLAIMS, key)
        _store_snapshot(draft, key, meta, storage_class)
        return
    profile = draft.get(STORAGE_PROFILES, Key("", storage_class))
    sets = profile.status.claim_property_sets if profile is not None and profile.status else ()
    first = sets[0] if sets else None
    asked = cron.spec.template.spec.storage or cron.spec.template.spec.pvc or ClaimSpec()
    spec = ClaimSpec(
        storage_class_name=storage_class,
        volume_name=f"pv-{key.name}",
        volume_mode=asked.volume_mode or (first.volume_mode if first else ""),
        access_modes=asked.access_modes or (first.access_modes if first else ()),
        resources=asked.resources,
    )
    draft.put(PERSISTENT_VOLUME_CLAIMS, key, PersistentVolumeClaim(metadata=meta, spec=spec, status=_BOUND))
    draft.put(DATA_VOLUMES, key, _volume(draft, key, cron, labels, storage_class))


_BOUND: Final = ClaimStatus(phase="Bound")


def _volume(draft: Draft, key: Key, cron: DataImportCron, labels: dict[str, str], storage_class: str) -> DataVolume:
    conditions = tuple(Condition(type=t, status="True", reason=t) for t in ("Bound", "Ready"))
    return DetailedVolume(
        cron=cron.metadata.name,
        phase=SUCCEEDED,
        storage_class=storage_class,
        claim=key.name,
        transferred=True,
        created=draft.at,
        labels=labels,
        conditions=conditions,
    )


def _store_snapshot(draft: Draft, key: Key, meta: Metadata, storage_class: str) -> None:
    profile = draft.get(STORAGE_PROFILES, Key("", storage_class))
    named = profile.status.snapshot_class if profile is not None and profile.status else ""
    content = f"snapcontent-{key.name}"
    status = VolumeSnapshotStatus(ready_to_use=True, bound_volume_snapshot_content_name=content)
    spec = VolumeSnapshotSpec(volume_snapshot_class_name=named)
    draft.put(VOLUME_SNAPSHOTS, key, VolumeSnapshot(metadata=meta, spec=spec, status=status))
    body = VolumeSnapshotContent(metadata=Metadata(name=content, creation_timestamp=draft.at))
    draft.put(VOLUME_SNAPSHOT_CONTENTS, Key("", content), body)


def _labels(draft: Draft, key: Key, cron: DataImportCron) -> dict[str, str]:
    """The labels of what a DataImportCron makes; those for instance types come with the image."""
    source = draft.cluster[DATA_SOURCES].rows.get(Key(key.namespace, cron.spec.managed_data_source))
    known = source.metadata.labels if source is not None else {}
    typed = {k: v for k, v in known.items() if k.startswith("instancetype.kubevirt.io/")}
    return {**typed, **cron_labels(cron)}


def cron_labels(cron: DataImportCron) -> dict[str, str]:
    """The labels by which CDI finds what belongs to a DataImportCron."""
    cleanup = {CLEANUP_LABEL: "true"} if cron.spec.retention_policy == "None" else {}
    return {CRON_LABEL: cron.metadata.name, **cleanup}


def with_annotation(cron: DataImportCron, key: str, value: str) -> DataImportCron:
    """The DataImportCron with an annotation of CDI's; without it if the value is ""."""
    notes = {k: v for k, v in cron.metadata.annotations.items() if k != key}
    meta = copy_with(cron.metadata, annotations={**notes, **({key: value} if value else {})})
    return copy_with(cron, metadata=meta)
