"""The facts about the image of each boot source, as the cluster tells them: identity, age, size, what is left over.

Pure, and bounded by the number of DataSources and images, not of virtual machines. Where something is not seen, a fact
is None: absent and unknown are not told apart here, since nothing is found wrong by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from exporter.cluster.resource import Ref
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    PERSISTENT_VOLUME_CLAIMS,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import View, joint
from exporter.joins.consumers import Clones, cloned_data_sources, clones
from exporter.joins.crons import crons_by_data_source, managing
from exporter.joins.data_sources import targets
from exporter.joins.image_facts import Evidence, Fact, ImageFacts, ImageGeneration, proven_newest
from exporter.joins.images import StoredImage, image_users, images_by_cron, stored_claim, stored_snapshot
from exporter.kube.contract import Key
from exporter.model.cdi import STORAGE_CLASS, DataImportCron, DataSource
from exporter.model.clones import IMAGE

_MOST_GENERATIONS: Final = 12
"""How many are told apart; older ones are one together. That is a year of monthly images."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@joint(DATA_IMPORT_CRONS, images_by_cron, image_users)
def old_images(view: View) -> Mapping[Ref, tuple[StoredImage, ...]]:
    """Images that nothing boots any more, by the DataImportCron that their label names, which may be gone.

    They are neither the newest image of their DataImportCron nor in use by any DataSource. What is being deleted, and
    what a DataImportCron that cannot be read may still need, is left out.
    """
    crons, used = view[DATA_IMPORT_CRONS], image_users(view)
    found = {}
    for ref, images in images_by_cron(view).items():
        key = Key(ref.namespace, ref.name)
        if key in crons.rejected:
            continue
        cron = crons.rows.get(key)
        last = cron.status.last_imported_p_v_c if cron else None
        newest = {cron.current_import if cron else "", last.name if last else ""}
        left = tuple(
            image
            for image in images
            if image.metadata.deletion_timestamp is None and image.ref.name not in newest and image.ref not in used
        )
        if left:
            found[ref] = left
    return found


class StoredBytes(NamedTuple):
    """Images of one kind, and what they take."""

    images: int = 0
    size: int = 0
    """Bytes of those that say how large they are."""
    unsized: int = 0
    """How many do not."""


def sum_sizes(images: Iterable[StoredImage]) -> StoredBytes:
    """What these images take together."""
    sizes = [image.size for image in images]
    known = [size for size in sizes if size is not None]
    return StoredBytes(len(sizes), sum(known), len(sizes) - len(known))


@joint(DATA_IMPORT_CRONS, old_images, images_by_cron, image_users, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)
def stored_bytes(view: View) -> Mapping[tuple[Ref, str], StoredBytes]:
    """What all images take, by StorageClass or VolumeSnapshotClass and state.

    State: old if nothing boots them any more, orphaned if their DataImportCron is gone as well, else current. Images
    that name no class are left out.
    """
    left, rows = old_images(view), view[DATA_IMPORT_CRONS].rows
    found: dict[tuple[Ref, str], dict[Ref, StoredImage]] = {}

    def note(image: StoredImage | None, state: str) -> None:
        if image is not None and image.storage is not None:
            found.setdefault((image.storage, state), {})[image.ref] = image

    for ref, images in images_by_cron(view).items():
        old = {image.ref for image in left.get(ref, ())}
        state = "old" if Key(ref.namespace, ref.name) in rows else "orphaned"
        for image in images:
            note(image, state if image.ref in old else "current")
    for used in image_users(view):
        note(_stored(view, used), "current")
    return {key: sum_sizes(images.values()) for key, images in found.items()}


@joint(DATA_SOURCES, crons_by_data_source, images_by_cron, old_images, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)
def boot_images(view: View) -> Mapping[Ref, ImageFacts]:
    """What is known of the image that the next virtual machine boots, by DataSource.

    Nothing for a DataSource that points nowhere.
    """
    managed, images, left = crons_by_data_source(view), images_by_cron(view), old_images(view)
    found = {}
    for key, source in view[DATA_SOURCES].rows.items():
        image = _image_of(source)
        if image is None:
            continue
        ref, cron = DATA_SOURCES.ref(*key), managing(source, managed)
        by = DATA_IMPORT_CRONS.ref(cron.metadata.namespace, cron.metadata.name) if cron else None
        stored = _stored(view, image)
        found[ref] = ImageFacts(
            data_source=ref,
            cron=by,
            image=image,
            seen=stored is not None,
            digest=_digest(image, cron),
            imported=_imported(image, cron, stored),
            first_import=_first_import((*images.get(by, ()), stored) if by else (stored,)),
            size=Fact(stored.size, Evidence.VOLUME) if stored and stored.size is not None else None,
            storage_class=_storage_class(image, cron, stored),
            proven_newest=proven_newest(cron) if cron else None,
            old=left.get(by, ()) if by else (),
        )
    return found


def _image_of(source: DataSource) -> Ref | None:
    """The claim or snapshot; that of a pointer is in its status, where CDI resolves it."""
    direct = next(iter(targets(source)), None)
    if direct is None or direct.kind != DATA_SOURCES.kind:
        return direct
    resolved = source.status.source
    for kind, pointer in (
        (PERSISTENT_VOLUME_CLAIMS, resolved.pvc if resolved else None),
        (VOLUME_SNAPSHOTS, resolved.snapshot if resolved else None),
    ):
        if pointer is not None:
            return kind.ref(pointer.namespace or source.metadata.namespace, pointer.name)
    return None


def _stored(view: View, image: Ref) -> StoredImage | None:
    key = Key(image.namespace, image.name)
    if image.kind == PERSISTENT_VOLUME_CLAIMS.kind:
        claim = view[PERSISTENT_VOLUME_CLAIMS].rows.get(key)
        return stored_claim(image, claim) if claim else None
    snapshot = view[VOLUME_SNAPSHOTS].rows.get(key)
    return stored_snapshot(image, snapshot) if snapshot else None


def _digest(image: Ref, cron: DataImportCron | None) -> Fact[str] | None:
    for done in cron.status.current_imports if cron else ():
        if done.data_volume_name == image.name and done.digest:
            return Fact(done.digest, Evidence.CDI)
    return Fact(image.name[-12:], Evidence.NAME) if cron and IMAGE.fullmatch(image.name) else None


def _imported(image: Ref, cron: DataImportCron | None, stored: StoredImage | None) -> Fact[datetime] | None:
    """The earlier of what CDI has noted and the creation of the volume.

    CDI notes the time only when the name changes, so not for the same image on another StorageClass, but also when a
    new DataImportCron adopts a volume. Source: pkg/controller/dataimportcron-controller.go,
    updateDataImportCronOnSuccess.
    """
    noted = cron.status.last_imported_p_v_c if cron else None
    told = cron.status.last_import_timestamp if cron and noted and noted.name == image.name else None
    made = stored.metadata.creation_timestamp if stored else None
    facts = [
        *((Fact(told, Evidence.CDI),) if told else ()),
        *((Fact(made, Evidence.VOLUME),) if made else ()),
    ]
    return min(facts, key=lambda fact: fact.value, default=None)


def _first_import(images: tuple[StoredImage | None, ...]) -> Fact[datetime] | None:
    made = [i.metadata.creation_timestamp for i in images if i is not None and i.metadata.creation_timestamp]
    return Fact(min(made), Evidence.VOLUME) if made else None


def _storage_class(image: Ref, cron: DataImportCron | None, stored: StoredImage | None) -> Fact[str] | None:
    """Of a claim its own; of a snapshot the one that CDI has noted, if it is the newest image of its DataImportCron."""
    if image.kind == PERSISTENT_VOLUME_CLAIMS.kind:
        return Fact(stored.storage.name, Evidence.VOLUME) if stored and stored.storage else None
    noted = cron.metadata.annotations.get(STORAGE_CLASS, "") if cron and cron.current_import == image.name else ""
    return Fact(noted, Evidence.CDI) if noted else None


@joint(boot_images, images_by_cron, DATA_IMPORT_CRONS, clones, cloned_data_sources)
def image_generations(view: View) -> Mapping[Ref, tuple[ImageGeneration, ...]]:
    """The images that each DataSource has stood for, and how many volumes were cloned from each.

    The current one is first, then the newest. An image that has been deleted is known by its clones alone: without any
    it is not listed, and its date is that of the first.
    """
    copied: dict[Ref, dict[str, Clones]] = {}
    for origin, source in cloned_data_sources(view).items():
        of_source = copied.setdefault(DATA_SOURCES.ref(*source), {})
        of_source[origin.name] = _joined(of_source.get(origin.name), clones(view)[origin])
    images, crons = images_by_cron(view), view[DATA_IMPORT_CRONS].rows
    found = {}
    for ref, facts in boot_images(view).items():
        cron = crons.get(Key(facts.cron.namespace, facts.cron.name)) if facts.cron else None
        beside = images.get(facts.cron, ()) if facts.cron else ()
        importing = cron.current_import if cron and cron.current_import != facts.image.name else ""
        made = {image.ref.name: image.metadata.creation_timestamp for image in beside if image.ref.name != importing}
        found[ref] = _limit_generations(tuple(_generations(facts, made, copied.get(ref, {}))))
    return found


def _joined(one: Clones | None, other: Clones) -> Clones:
    """Clones of the claim and of the snapshot of the same name, which are one image."""
    if one is None:
        return other
    return Clones(one.volumes + other.volumes, min((i for i in (one.first, other.first) if i), default=None))


def _generations(
    facts: ImageFacts, stored: Mapping[str, datetime | None], copied: Mapping[str, Clones]
) -> Iterator[ImageGeneration]:
    """The current one, then the newest first. `stored`: when what exists was made."""
    current, volumes = facts.image.name, Counter({name: found.volumes for name, found in copied.items()})
    imported, evidence = facts.imported[:2] if facts.imported else (None, Evidence.VOLUME)
    yield ImageGeneration(current, imported, evidence, facts.seen, volumes[current])
    older = [
        *(ImageGeneration(name, made, Evidence.VOLUME, True, volumes[name]) for name, made in stored.items()),
        *(
            ImageGeneration(name, found.first, Evidence.CLONES, False, found.volumes)
            for name, found in copied.items()
            if name not in stored
        ),
    ]
    yield from sorted((one for one in older if one.name != current), key=_newest_first)


def _newest_first(generation: ImageGeneration) -> tuple[float, str]:
    return -(generation.made or _NEVER).timestamp(), generation.name


def _limit_generations(generations: tuple[ImageGeneration, ...]) -> tuple[ImageGeneration, ...]:
    if len(generations) <= _MOST_GENERATIONS:
        return generations
    listed, rest = generations[: _MOST_GENERATIONS - 1], generations[_MOST_GENERATIONS - 1 :]
    exists, volumes = any(one.exists for one in rest), sum(one.volumes for one in rest)
    return (*listed, ImageGeneration("", rest[0].made, rest[0].evidence, exists, volumes, len(rest)))
