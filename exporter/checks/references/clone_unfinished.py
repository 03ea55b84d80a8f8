"""A clone that does not get finished."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from exporter.checks.check import Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.references._clone_obstacles import HINTS, Obstacle, obstacle_of
from exporter.checks.references._clones import Clone, unfinished_clones
from exporter.checks.references._waiting_links import affected, alone, names, since, who
from exporter.checks.shared.data_source_causes import image_causes, source_causes
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_SOURCES, DATA_VOLUMES
from exporter.joins.references import suppressing_machines, takers, waiting
from exporter.kube.contract import Key
from exporter.model.clones import DATA_SOURCE
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(hours=1), "how long a clone may take")
_UNDATED: Final = datetime.max.replace(tzinfo=UTC)
"""Sorts what does not tell since when it waits behind what does."""
_COPY: Final = Threshold(
    "copy-grace", timedelta(hours=6), "the same for one in phase CloneInProgress, which is copied byte by byte"
)


@check(
    id="clone-unfinished",
    severity=Severity.WARNING,
    over=None,
    reads=(DATA_VOLUMES, DATA_SOURCES),
    optional=(*HINTS, takers, waiting, suppressing_machines),
    summary="A clone is not finished",
    meaning=(
        "The disk of a VirtualMachine, or a DataVolume of its own, is cloned from an image that is there, and does not get "
        "ready. CDI waits without an end: for a source that a running VirtualMachine uses, for a snapshot whose content is "
        "gone, for a StorageClass that does not exist, for room, or for a driver that does not answer. DataVolumes that "
        "wait for the same thing are one finding about it. Those that wait for their first consumer are left out."
    ),
    impact="The VirtualMachines stay in Provisioning and do not start.",
    diagnosis=(
        "`oc describe datavolume NAME -n NAMESPACE` and `oc describe pvc NAME -n NAMESPACE` show phase and events "
        "(CloneSourceInUse, ProvisioningFailed); `oc get pods -n NAMESPACE-OF-THE-IMAGE` what uses the source."
    ),
    mitigation=(
        "By what the finding says. In use: stop the VirtualMachine that mounts the image, and give it a clone of its own; "
        "source gone: refer to the DataSource by sourceRef instead of to one of its images; class missing: create the "
        "class, or make the DataVolume again with another one; smaller: request at least the size of the source; another "
        "class: remove cloneStrategyOverride, or keep an image on that class. Otherwise look at the events and at the logs "
        "of the CSI driver."
    ),
    thresholds=(_GRACE, _COPY),
    alert_for=timedelta(minutes=15),
    scenarios=("F57",),
)
def clone_unfinished(_: None, ctx: Context) -> Verdict:
    """Judge all clones together, since many wait for the same thing. A suppression on one makes that one stand apart."""
    found: dict[tuple[Ref, str], tuple[Obstacle, list[Clone]]] = {}
    suppressing = ctx.consult(suppressing_machines, frozenset())
    for clone in unfinished_clones(ctx):
        obstacle = obstacle_of(clone, ctx)
        about, part = obstacle.about, obstacle.part
        if clone.row.suppress or clone.by in suppressing:
            about, part = clone.volume if clone.row.suppress else clone.by, clone.volume.name
        found.setdefault((about, part), (obstacle, []))[1].append(clone)
    return [_failed(about, part, obstacle, clones, ctx) for (about, part), (obstacle, clones) in sorted(found.items())]


def _failed(about: Ref, part: str, obstacle: Obstacle, clones: list[Clone], ctx: Context) -> Failed:
    oldest = min(clones, key=lambda clone: (clone.since or _UNDATED, clone.volume))
    copying = all(clone.row.phase == "CloneInProgress" for clone in clones)
    return Failed(
        summary=f"{_waits(clones)}: {obstacle.text}{names(clones)}",
        field=f"{oldest.volume}: status.phase",
        observed=_observed(oldest),
        expected="phase Succeeded",
        since=since(clones),
        grace=ctx.limit(_COPY if copying else _GRACE),
        part=part,
        about=about,
        affects=affected(clones),
        causes=_causes(obstacle, clones),
    )


def _waits(clones: list[Clone]) -> str:
    phases = sorted({clone.row.phase or "not set" for clone in clones})
    phase = f"phase{'s' if len(phases) > 1 else ''} {', '.join(phases)}"
    origins = sorted({Ref(*clone.origin) for clone in clones})
    origin = str(origins[0]) if len(origins) == 1 else f"{len(origins)} sources"
    if alone(clones):
        waits = "is not finished" if clones[0].by.kind == "DataVolume" else "waits for its disk"
        return f"{who(clones)} {waits}, cloned from {origin} ({phase})"
    return f"{who(clones)} wait for clones of {origin} ({phase})"


def _observed(clone: Clone) -> str:
    """Phase, age and CDI's words."""
    row = clone.row
    at = f" since {row.created:%Y-%m-%dT%H:%M:%SZ}" if row.created else ""
    bound = [f"{c.type} {c.status} {c.reason}: {c.message}" for c in row.conditions if not c.true and c.message]
    return "; ".join((f"phase {row.phase or 'not set'}{at}", *bound))


def _causes(obstacle: Obstacle, clones: list[Clone]) -> tuple[Cause, ...]:
    """What would explain it: findings on what is cloned, and on the DataSource that is named."""
    sources = {
        Key(c.row.origin.namespace, c.row.origin.name)
        for c in clones
        if c.row.origin and c.row.origin.kind == DATA_SOURCE
    }
    images = sorted({(c.origin.namespace, c.origin.name) for c in clones})
    return (
        *obstacle.causes,
        *(cause for source in sorted(sources) for cause in source_causes(source)),
        *(cause for namespace, name in images for cause in image_causes(namespace, name)),
        Cause("cdi-degraded"),
    )
