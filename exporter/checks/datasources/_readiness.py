"""How a DataSource stands: exactly one sort of trouble, or none, so that no two checks report the same thing."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto
from typing import Final

from exporter.checks.check import Cause, Context, Threshold
from exporter.checks.shared.data_source_causes import cron_causes, gone_cron_causes, image_causes, source_causes
from exporter.checks.shared.storage import CAUSES
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.joins.crons import crons_by_data_source, managing
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, DataSource, owned_by_ssp
from exporter.model.wire import ABSENT, Absent, Condition

NOT_READY: Final = Threshold("grace", timedelta(minutes=30), "how long the first import of an ordinary image may take")
SNAPSHOT_NOT_READY: Final = Threshold(
    "snapshot-grace", timedelta(minutes=10), "how long a snapshot may take, which every update passes through"
)
READS: Final = (crons_by_data_source, DATA_SOURCES, DATA_IMPORT_CRONS)
"""What it takes to tell how a DataSource stands."""
OPTIONAL: Final = CAUSES
"""What helps to tell why."""
_BROKEN_POINTERS: Final = ("MaxReferenceDepthReached", "SelfReference", "CrossNamespaceReference")


class Readiness(Enum):
    """What is wrong with a DataSource."""

    FINE = auto()
    """Ready, or not ready by design."""
    SILENT = auto()
    """CDI has not said."""
    WITHOUT_SOURCE = auto()
    TARGET_MISSING = auto()
    POINTER_BROKEN = auto()
    NOT_READY = auto()
    """Anything else: an import or a snapshot that is not done, or a pointer whose target is not ready."""


def readiness_of(source: DataSource, ctx: Context) -> Readiness:
    """What CDI's only condition means for this DataSource."""
    ready = source.ready
    if ready is ABSENT or not (ready.true or ready.false):
        return Readiness.SILENT
    if ready.true or is_unready_by_design(source, ready, ctx):
        return Readiness.FINE
    if ready.reason in _BROKEN_POINTERS:
        return Readiness.POINTER_BROKEN
    if source.spec.source.data_source is not None:
        return Readiness.POINTER_BROKEN if pointer_target(source, ctx) is ABSENT else Readiness.NOT_READY
    if ready.reason == "NoSource":
        return Readiness.WITHOUT_SOURCE
    return Readiness.TARGET_MISSING if ready.reason == "NotFound" else Readiness.NOT_READY


def pointer_target(source: DataSource, ctx: Context) -> DataSource | Absent:
    """The DataSource that this one points at; ABSENT if it is gone, or if this one is no pointer."""
    pointer = source.spec.source.data_source
    if pointer is None:
        return ABSENT
    return ctx[DATA_SOURCES].get(pointer.namespace or source.metadata.namespace, pointer.name)


def is_unready_by_design(source: DataSource, ready: Condition, ctx: Context) -> bool:
    """Nobody has promised an image: a placeholder, SSP's pointer to one, or a cron whose digest comes from outside."""
    if ready.reason not in ("NotFound", "NoSource"):
        return False
    if source.placeholder:
        return True
    if source.spec.source.data_source is not None:
        target = pointer_target(source, ctx)
        told = ABSENT if target is ABSENT else target.ready
        if target is ABSENT or told is ABSENT or told.true or target.spec.source.data_source is not None:
            return False
        return owned_by_ssp(source.metadata) and is_unready_by_design(target, told, ctx)
    cron = cron_of(source, ctx)
    return cron is not None and not cron.spec.schedule and not cron.current_import


def cron_of(source: DataSource, ctx: Context) -> DataImportCron | None:
    """The cron that fills it: the one that names it, else the one that its label names."""
    named = managing(source, ctx.join(crons_by_data_source))
    if named is not None or not source.cron:
        return named
    labelled = ctx[DATA_IMPORT_CRONS].get(source.metadata.namespace, source.cron)
    return None if labelled is ABSENT else labelled


def causes_of(source: DataSource, ctx: Context) -> tuple[Cause, ...]:
    """What would explain that it has no image: its cron, its image, what it points at, or that its cron is gone."""
    namespace, spec = source.metadata.namespace, source.spec.source
    found: list[Cause] = []
    if spec.data_source is not None:
        target = Key(spec.data_source.namespace or namespace, spec.data_source.name)
        found += source_causes(target)
        for cron in ctx.join(crons_by_data_source).get(target, ()):
            found += cron_causes(cron, ctx)
    for image in (spec.pvc, spec.snapshot):
        if image is not None:
            found += image_causes(image.namespace or namespace, image.name)
    own = cron_of(source, ctx)
    if own is not None:
        # It may point elsewhere than at the image of its cron.
        found.append(Cause("data-source-not-following-cron", ctx.ref))
        found += cron_causes(own, ctx)
    elif source.cron:
        found += gone_cron_causes(DATA_IMPORT_CRONS.ref(namespace, source.cron), ctx.ref, ctx)
    return tuple(found)


def describe_cron(source: DataSource, ctx: Context) -> str:
    """A half-sentence about the cron that should fill it, for summaries."""
    cron = cron_of(source, ctx)
    if cron is not None:
        # CDI points a DataSource at a snapshot before that is ready: the image is there already.
        filled = source.spec.source.snapshot is not None
        return f"; DataImportCron {cron.metadata.name} {'manages' if filled else 'has not filled'} it"
    return f"; DataImportCron {source.cron}, which its label names, does not exist" if source.cron else ""
