"""Who clones what without naming a DataSource, and which image each volume came from.

VirtualMachineTemplates that were made from a VirtualMachine, and many repositories, clone a PersistentVolumeClaim or a
VolumeSnapshot by name; virt-controller itself writes what a DataSource stood for into the DataVolumes that it makes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from exporter.cluster.resource import Ref, Resource
from exporter.cluster.resources import (
    DATA_SOURCES,
    DATA_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    TEMPLATES,
    VIRTUAL_MACHINE_TEMPLATES,
    VIRTUAL_MACHINES,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import View, joint
from exporter.joins.images import image_users
from exporter.kube.contract import Key
from exporter.model.clones import CLAIM, DATA_SOURCE, IMAGE, SNAPSHOT, CloneSource, Reference
from exporter.model.data_volumes import SUCCEEDED


class Copy(NamedTuple):
    """A reference of a template to the PersistentVolumeClaim or VolumeSnapshot that its volumes are cloned from."""

    by: Ref
    reference: Reference
    origin: CloneSource
    """An empty namespace is that of the VirtualMachine that will be made."""


class Generation(StrEnum):
    """Which image of a DataSource a volume was cloned from."""

    CURRENT = "current"
    """What the DataSource stands for now."""
    KEPT = "kept"
    """An older image that still exists."""
    GONE = "gone"
    """An older image that has been deleted, as CDI does with all but the newest ones."""
    UNKNOWN = "unknown"
    """Nobody has written it down: the volume has only a sourceRef."""


class _Referring(Protocol):
    @property
    def references(self) -> tuple[Reference, ...]: ...


@joint(TEMPLATES, VIRTUAL_MACHINE_TEMPLATES)
def template_copies(view: View) -> tuple[Copy, ...]:
    """What templates of both kinds clone directly."""
    templates, machine_templates = view[TEMPLATES], view[VIRTUAL_MACHINE_TEMPLATES]
    return (
        *_copies(TEMPLATES, templates.rows.items(), by_itself=False),
        *_copies(VIRTUAL_MACHINE_TEMPLATES, machine_templates.rows.items(), by_itself=False),
    )


@joint(VIRTUAL_MACHINES)
def machine_copies(view: View) -> tuple[Copy, ...]:
    """What VirtualMachines clone directly whose volumes are made at their first start."""
    rows = view[VIRTUAL_MACHINES].rows.items()
    return tuple(_copies(VIRTUAL_MACHINES, ((k, row) for k, row in rows if not row.settled), by_itself=True))


def _copies(resource: Resource[Any], rows: Iterable[tuple[Key, _Referring]], *, by_itself: bool) -> Iterator[Copy]:
    for key, row in rows:
        for reference in row.references:
            if reference.direct and not reference.dynamic:
                namespace = reference.namespace or (key.namespace if by_itself else "")
                yield Copy(resource.ref(*key), reference, CloneSource(reference.kind, namespace, reference.name))


def data_source_of(view: View, origin: CloneSource) -> Key | None:
    """The DataSource that stands for this image or once stood for it; None if it is no DataSource's image.

    The view has to hold `image_users` and DATA_SOURCES. An image that is gone is known by its name alone.
    """
    if origin.kind == DATA_SOURCE:
        return Key(origin.namespace, origin.name)
    named = IMAGE.fullmatch(origin.name)
    by_name = Key(origin.namespace, named[1]) if named else None
    users = [Key(ref.namespace, ref.name) for ref in image_users(view).get(Ref(*origin), ())]
    if by_name in users or (by_name in view[DATA_SOURCES].rows and not users):
        return by_name
    return min(users, default=None)


class Clones(NamedTuple):
    """The finished volumes that were cloned from one image."""

    volumes: int
    first: datetime | None
    """The first was made before this instant, which is at most four weeks later; None if none says when."""


@joint(DATA_VOLUMES)
def clones(view: View) -> Mapping[CloneSource, Clones]:
    """What finished volumes were cloned from, and how many there are.

    They share rows, so that rows are counted: every change of any DataVolume asks for this again.
    """
    rows = view[DATA_VOLUMES].rows.values()
    distinct = {id(row): row for row in rows}
    found: dict[CloneSource, Clones] = {}
    for identity, volumes in Counter(map(id, rows)).items():
        row = distinct[identity]
        if row.origin is not None and row.phase == SUCCEEDED and not row.cron:
            known = found.get(row.origin, Clones(0, None))
            made = [instant for instant in (known.first, row.made_before) if instant is not None]
            found[row.origin] = Clones(known.volumes + volumes, min(made, default=None))
    return found


@joint(DATA_VOLUMES, DATA_SOURCES, image_users, template_copies, machine_copies)
def cloned(view: View) -> frozenset[Key]:
    """The DataSources whose images are cloned by DataVolumes, or by templates that name an image itself."""
    named = (copy.origin for copy in (*template_copies(view), *machine_copies(view)))
    images = {*clones(view), *_unfinished(view), *named}
    return frozenset(key for key in (data_source_of(view, image) for image in images) if key is not None)


def _unfinished(view: View) -> set[CloneSource]:
    return {row.origin for row in view[DATA_VOLUMES].rows.values() if row.origin and row.phase != SUCCEEDED}


@joint(DATA_VOLUMES, DATA_SOURCES, image_users)
def image_owners(view: View) -> Mapping[CloneSource, Key]:
    """The DataSources whose image is or was what unfinished volumes are cloned from."""
    owners = {origin: data_source_of(view, origin) for origin in _unfinished(view)}
    return {origin: key for origin, key in owners.items() if key is not None}


class MissingCopy(NamedTuple):
    """A reference of a template to an image that does not exist."""

    copy: Copy
    former: Key | None
    """The DataSource whose image it was; None if that cannot be told."""


@joint(template_copies, DATA_SOURCES, DATA_VOLUMES, image_users, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)
def missing_copies(view: View) -> Mapping[Ref, tuple[MissingCopy, ...]]:
    """By template what it clones directly and what does not exist.

    Claims and snapshots are watched in some namespaces only: where none is seen, nothing is known to be missing.
    """
    claims, snapshots = view[PERSISTENT_VOLUME_CLAIMS], view[VOLUME_SNAPSHOTS]
    there = {CLAIM: {*claims.rows, *claims.rejected}, SNAPSHOT: {*snapshots.rows, *snapshots.rejected}}
    seen = {key.namespace for key in (*view[DATA_SOURCES].rows, *there[CLAIM], *there[SNAPSHOT])}
    found: dict[Ref, list[MissingCopy]] = {}
    for copy in template_copies(view):
        key = Key(copy.origin.namespace, copy.origin.name)
        if key.namespace in seen and key not in there[copy.origin.kind] and key not in view[DATA_VOLUMES].rows:
            found.setdefault(copy.by, []).append(MissingCopy(copy, data_source_of(view, copy.origin)))
    return {by: tuple(several) for by, several in found.items()}


@joint(clones, DATA_SOURCES, image_users)
def cloned_data_sources(view: View) -> Mapping[CloneSource, Key]:
    """The DataSource that stands for what finished volumes were cloned from, or once did."""
    found, keys = {}, dict[Key, Key]()
    for origin in clones(view):
        source = data_source_of(view, origin)
        if source is not None:
            found[origin] = keys.setdefault(source, source)
    return found


@joint(clones, cloned_data_sources, DATA_SOURCES, image_users, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)
def volumes_by_generation(view: View) -> Mapping[tuple[Key, Generation], int]:
    """How many finished volumes were cloned from each DataSource, by the image that it stood for."""
    found: Counter[tuple[Key, Generation]] = Counter()
    for origin, source in cloned_data_sources(view).items():
        found[source, _generation(view, origin, source)] += clones(view)[origin].volumes
    return found


def _generation(view: View, origin: CloneSource, source: Key) -> Generation:
    if origin.kind == DATA_SOURCE:
        return Generation.UNKNOWN
    image = Key(origin.namespace, origin.name)
    # CDI clones to and from a claim of the same name where images are kept as snapshots.
    if any(DATA_SOURCES.ref(*source) in image_users(view).get(Ref(kind, *image), ()) for kind in (CLAIM, SNAPSHOT)):
        return Generation.CURRENT
    tables = (view[PERSISTENT_VOLUME_CLAIMS], view[VOLUME_SNAPSHOTS])
    exists = any(image in table.rows or image in table.rejected for table in tables)
    return Generation.KEPT if exists else Generation.GONE
