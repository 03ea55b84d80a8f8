"""What can be seen of why a clone is not finished. CDI itself says little: most reasons are in other objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from exporter.checks.check import Cause, Context
from exporter.checks.references._clones import Clone
from exporter.checks.shared.cloning import forced
from exporter.checks.shared.import_failures import FailureKind, import_failure_of
from exporter.checks.shared.refs import class_ref, profile_ref
from exporter.cluster.resource import Ref
from exporter.cluster.resources import (
    NAMESPACES,
    PERSISTENT_VOLUME_CLAIMS,
    VIRTUAL_MACHINES,
    VOLUME_SNAPSHOT_CONTENTS,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import View, joint
from exporter.joins.consumers import image_owners
from exporter.joins.defaults import defaults
from exporter.joins.drivers import forced_strategy
from exporter.joins.references import WITHOUT_SOURCE, mounts
from exporter.kube.contract import Key
from exporter.model.clones import CLAIM, SNAPSHOT
from exporter.model.core import PersistentVolumeClaim
from exporter.model.quantity import bytes_of
from exporter.model.storage import VolumeSnapshot

_OVERHEAD: Final = Decimal("1.1")
"""A claim with a file system is larger than its image, by 6 percent unless CDI is told otherwise."""

_NO_ROOM: Final = re.compile(
    r"insufficient|not enough (free )?(space|capacity|storage)|no space|out of (space|capacity)|resource ?exhausted",
    re.IGNORECASE,
)
"""Words of CSI drivers and of the scheduler that CDI passes on in the conditions of a DataVolume."""


class Obstacle(NamedTuple):
    """Something that would keep a clone from being finished."""

    part: str
    """Tells findings about one object apart."""
    about: Ref
    text: str
    """Half a sentence for the summary."""
    causes: tuple[Cause, ...] = ()


@joint(VIRTUAL_MACHINES, mounts)
def in_use(view: View) -> Mapping[Key, tuple[Ref, ...]]:
    """VirtualMachines that run, by the claims that they mount and did not make."""
    rows = view[VIRTUAL_MACHINES].rows
    found = {
        claim: tuple(ref for ref in refs if rows[Key(ref.namespace, ref.name)].running)
        for claim, refs in mounts(view).items()
    }
    return {claim: refs for claim, refs in found.items() if refs}


@joint(PERSISTENT_VOLUME_CLAIMS)
def claims(view: View) -> Mapping[Key, PersistentVolumeClaim]:
    """The claims of namespaces in which boot sources are."""
    return view[PERSISTENT_VOLUME_CLAIMS].rows


@joint(VOLUME_SNAPSHOTS)
def snapshots(view: View) -> Mapping[Key, VolumeSnapshot]:
    """The snapshots of namespaces in which boot sources are."""
    return view[VOLUME_SNAPSHOTS].rows


@joint(VOLUME_SNAPSHOT_CONTENTS)
def contents(view: View) -> frozenset[str]:
    """Names of the contents of snapshots, those included that cannot be read."""
    table = view[VOLUME_SNAPSHOT_CONTENTS]
    return frozenset(key.name for key in (*table.rows, *table.rejected))


HINTS: Final = (in_use, claims, snapshots, contents, forced_strategy, image_owners, defaults)
"""What helps to see an obstacle; what is not known is not named."""


def obstacle_of(clone: Clone, ctx: Context) -> Obstacle:
    """The first thing that explains it, the surest first; else only what it is cloned from."""
    source = Ref(*clone.origin)
    return next(_obstacles(clone, source, ctx), None) or Obstacle("", source, "nothing that can be seen explains it")


def _obstacles(clone: Clone, source: Ref, ctx: Context) -> Iterator[Obstacle]:
    trouble = import_failure_of(clone.row)
    if trouble is not None and trouble.kind is FailureKind.QUOTA:
        yield Obstacle("quota", NAMESPACES.ref("", clone.volume.namespace), "it exceeds a quota of its namespace")
    yield from _class(clone, source, ctx)
    if any(c.reason == WITHOUT_SOURCE for c in clone.row.conditions):
        yield Obstacle("source-missing", source, f"its source does not exist{_whose(clone, ctx)}")
    yield from _snapshot(clone, source, ctx)
    yield from _claim(clone, source, ctx)
    if trouble is not None and trouble.kind is FailureKind.SIZE:
        yield Obstacle("size", source, "CDI says that it is too small")
    yield from _across(clone, source, ctx)


def _whose(clone: Clone, ctx: Context) -> str:
    owner = ctx.consult(image_owners, {}).get(clone.origin)
    return f": it was an image of DataSource {owner}, of which CDI deletes old ones" if owner else ""


def _class(clone: Clone, source: Ref, ctx: Context) -> Iterator[Obstacle]:
    known, wanted = ctx.consult(defaults, None), clone.row.storage_class
    if known is None:
        return
    if wanted and wanted not in known.existing:
        yield Obstacle("class-missing", class_ref(wanted), f"its StorageClass {wanted} does not exist")
    if not wanted and not known.for_cdi(ctx.platform.cdi_minor).effective:
        causes = (Cause("no-default-storage-class"),)
        yield Obstacle("class-missing", source, "it names no StorageClass and there is no default one", causes)
    place = wanted or known.for_cdi(ctx.platform.cdi_minor).effective
    if place and any(_NO_ROOM.search(condition.message) for condition in clone.row.conditions if not condition.true):
        yield Obstacle("no-room", class_ref(place), f"StorageClass {place} has no room for it")


def _snapshot(clone: Clone, source: Ref, ctx: Context) -> Iterator[Obstacle]:
    snapshot = ctx.consult(snapshots, {}).get(Key(source.namespace, source.name))
    if clone.origin.kind != SNAPSHOT or snapshot is None:
        return
    causes, status, existing = (Cause("snapshot-content-lost", source),), snapshot.status, ctx.consult(contents, None)
    bound = status.bound_volume_snapshot_content_name if status else ""
    if bound and existing is not None and bound not in existing:
        yield Obstacle("content-gone", source, f"the content {bound} of the snapshot does not exist", causes)
    if not snapshot.ready:
        error = f": {status.error.message}" if status and status.error and status.error.message else ""
        yield Obstacle("snapshot-not-ready", source, f"the snapshot is not ready{error}", causes)
    yield from _smaller(clone, source, status.restore_size if status else "")


def _claim(clone: Clone, source: Ref, ctx: Context) -> Iterator[Obstacle]:
    if clone.origin.kind != CLAIM:
        return
    key = Key(source.namespace, source.name)
    users = [str(ref) for ref in ctx.consult(in_use, {}).get(key, ()) if ref != clone.by]
    if users:
        rest = f" and {len(users) - 1} more" if len(users) > 1 else ""
        yield Obstacle("in-use", source, f"its source is in use by {users[0]}{rest}")
    claim = ctx.consult(claims, {}).get(key)
    if claim is None:
        return
    if claim.status.phase not in ("Bound", ""):
        causes = (Cause("image-volume-lost", source),)
        yield Obstacle("source-not-bound", source, f"its source is {claim.status.phase}", causes)
    yield from _smaller(clone, source, claim.spec.requested)


def _smaller(clone: Clone, source: Ref, size: str) -> Iterator[Obstacle]:
    wanted, needed = bytes_of(clone.row.size), bytes_of(size)
    if wanted is not None and needed is not None and wanted * _OVERHEAD < needed:
        yield Obstacle("size", source, f"it requests {clone.row.size}, and its source has {size}")


def _across(clone: Clone, source: Ref, ctx: Context) -> Iterator[Obstacle]:
    """From one StorageClass to another: CDI copies through two pods, and a strategy that is forced cannot work."""
    claim, known = ctx.consult(claims, {}).get(Key(source.namespace, source.name)), ctx.consult(defaults, None)
    there = (claim.spec.storage_class_name if claim and clone.origin.kind == CLAIM else None) or ""
    effective = known.for_cdi(ctx.platform.cdi_minor).effective if known else ""
    here = clone.row.storage_class or effective
    causes = (Cause("incomplete-storage-profile", profile_ref(here)),) if here else ()
    if not here or not there or here == there:
        if here:
            yield Obstacle("", source, "nothing that can be seen explains it", causes)
        return
    strategy = forced(ctx).strategy
    between = f"it goes from StorageClass {there} to {here}"
    if strategy in ("snapshot", "csi-clone"):
        text = f"{between}, and cloneStrategyOverride of CDI is {strategy}, which works within one class only"
        yield Obstacle(f"strategy-{here}", source, text, causes)
    yield Obstacle(f"across-{here}", source, f"{between}, so that it is copied by pods", causes)
