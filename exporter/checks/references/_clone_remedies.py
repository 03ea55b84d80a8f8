"""What to do about each obstacle of a clone. A DataVolume's spec cannot be edited, so most is for its owner to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from exporter.base.excerpts import list_some
from exporter.checks.check import Context
from exporter.checks.fixes import Fix, Fixes, advice, command, object_args
from exporter.checks.references._clone_obstacles import Obstacle, in_use
from exporter.checks.references._clones import Clone
from exporter.checks.shared.cloning import without_override
from exporter.kube.contract import Key

_MOST_STOPPED: Final = 3
"""VirtualMachines that one command stops; of more their owner has to be asked anyway."""
_AGAIN: Final = "its spec cannot be edited, so delete it, which loses nothing, and make it again"


def remedy_of(obstacle: Obstacle, clones: Sequence[Clone], ctx: Context) -> Fixes:
    """The steps for one obstacle; None where only the check's general advice is left."""
    by_kind = _REMEDIES.get(obstacle.part.partition("-")[0])
    return None if by_kind is None else by_kind(obstacle, clones, ctx)


def _in_use(obstacle: Obstacle, clones: Sequence[Clone], ctx: Context) -> Fixes:
    """Clones go on by themselves when nothing uses their source any more."""
    source, waiting = obstacle.about, {clone.by for clone in clones}
    users = [ref for ref in ctx.consult(in_use, {}).get(Key(source.namespace, source.name), ()) if ref not in waiting]
    own = advice(f"Give {list_some(map(str, users))} a disk that is cloned from the image, instead of the image itself")
    if len(users) > _MOST_STOPPED:
        return own
    stop = " && ".join(command("virtctl", "stop", user.name, "-n", user.namespace) for user in users)
    volume = clones[0].volume
    verify = command(ctx.platform.client, "get", *object_args(volume))
    risk = f"Shuts down {', '.join(map(str, users))}, until `virtctl start`"
    note = "The clones go on by themselves once nothing uses their source"
    return (own, Fix(stop, verify, risk, note))


def _size(_obstacle: Obstacle, clones: Sequence[Clone], _ctx: Context) -> Fixes:
    return advice(f"Request at least the size of the source for {clones[0].volume}, in what makes it: {_AGAIN}")


def _class_missing(_obstacle: Obstacle, clones: Sequence[Clone], _ctx: Context) -> Fixes:
    wanted = clones[0].row.storage_class
    if not wanted:
        return None
    return advice(f"Create StorageClass {wanted}, or name another one in what makes {clones[0].volume}: {_AGAIN}")


def _quota(_obstacle: Obstacle, clones: Sequence[Clone], ctx: Context) -> Fixes:
    namespace = clones[0].volume.namespace
    look = command(ctx.platform.client, "describe", "quota", "-n", namespace)
    return advice(f"Raise the quota of namespace {namespace}, or delete volumes there: the clones then go on", look)


def _no_room(obstacle: Obstacle, _clones: Sequence[Clone], _ctx: Context) -> Fixes:
    return advice(f"Make room in the storage behind {obstacle.about}: the clones then go on by themselves")


def _source(obstacle: Obstacle, clones: Sequence[Clone], _ctx: Context) -> Fixes:
    if obstacle.part != "source-missing":
        return None
    return advice(
        f"Refer to the DataSource by sourceRef, instead of to {obstacle.about}, in what makes {clones[0].volume}: {_AGAIN}"
    )


def _strategy(_obstacle: Obstacle, _clones: Sequence[Clone], ctx: Context) -> Fixes:
    return without_override(ctx)


_REMEDIES: Final[Mapping[str, Callable[[Obstacle, Sequence[Clone], Context], Fixes]]] = {
    "in": _in_use,
    "size": _size,
    "class": _class_missing,
    "quota": _quota,
    "no": _no_room,
    "source": _source,
    "strategy": _strategy,
}
"""By the first word of `Obstacle.part`."""
