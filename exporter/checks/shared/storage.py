"""What checks on storage and imports share: the class a cron wants, and what in storage stops it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from exporter.checks.check import Cause, Context
from exporter.checks.shared.refs import cron_ref, profile_ref
from exporter.cluster.resources import STORAGE_CLASSES, STORAGE_PROFILES, VOLUME_SNAPSHOT_CLASSES, VOLUME_SNAPSHOTS
from exporter.cluster.snapshot import View, joint
from exporter.joins.defaults import Defaults, defaults
from exporter.kube.contract import NOT_IN_DUMP, State
from exporter.model.cdi import DataImportCron
from exporter.model.storage import KUBERNETES_DEFAULT, VIRT_DEFAULT, StorageClass


def cdi_defaults(ctx: Context) -> Defaults:
    """The default StorageClasses as this version of CDI counts them. Raises UndecodableError if one cannot be read."""
    # Any class that cannot be read may be the one that wins.
    ctx[STORAGE_CLASSES].whole()
    return ctx.join(defaults).for_cdi(ctx.platform.cdi_minor)


def target_class(cron: DataImportCron, ctx: Context) -> str:
    """The StorageClass that CDI wants for this cron; "" if it finds none."""
    return cdi_defaults(ctx).resolve(cron.spec)


def leaves_modes_open(cron: DataImportCron) -> bool:
    """CDI takes the modes of the claim from the StorageProfile: the cron names none, and has no plain spec.pvc."""
    spec = cron.spec.template.spec
    return not spec.storage.access_modes if spec.storage else spec.pvc is None


@joint(STORAGE_PROFILES)
def source_formats(view: View) -> Mapping[str, str]:
    """How crons keep their images on each StorageClass: `pvc` or `snapshot`."""
    return {key.name: profile.source_format for key, profile in view[STORAGE_PROFILES]}


SCRATCH: Final = "scratch"
"""What a quota may leave no room for: the second claim in which an image is unpacked."""
CAUSES: Final = (defaults, source_formats)
"""What it takes to tell what in storage stops a cron: optional for checks that only want to name it."""


def _defaults_if_known(ctx: Context) -> Defaults | None:
    """The same for checks that only want to name a cause; None where it cannot be told."""
    known = ctx.consult(defaults, None)
    if known is None or ctx[STORAGE_CLASSES].rejected:
        return None
    return known.for_cdi(ctx.platform.cdi_minor)


def claim_causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    """What would keep this cron from getting a claim to import into, if the default classes are known."""
    known = _defaults_if_known(ctx)
    if known is None:
        return ()
    wanted = known.resolve(cron.spec)
    if not wanted and cron.spec.explicit_storage_class is not None:
        return (Cause("storage-class-missing", cron_ref(cron)),)
    if not wanted:
        return (Cause("no-default-storage-class"),)
    return (Cause("incomplete-storage-profile", profile_ref(wanted)),) if leaves_modes_open(cron) else ()


def snapshot_causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    """What would keep this cron from getting a snapshot of its image, if it wants one and that can be told."""
    known = _defaults_if_known(ctx)
    wanted = known.resolve(cron.spec) if known else ""
    if ctx.consult(source_formats, {}).get(wanted) != "snapshot":
        return ()
    return tuple(Cause(check, profile_ref(wanted)) for check in ("snapshot-class-missing", "stale-snapshot-class"))


def storage_causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    """Everything in storage that would keep this cron from importing."""
    return (*claim_causes(cron, ctx), *snapshot_causes(cron, ctx))


def snapshots_unknown(ctx: Context) -> bool:
    """The cluster does not serve VolumeSnapshots, or a dump that holds everything holds nothing of them."""
    tables = (ctx[VOLUME_SNAPSHOT_CLASSES], ctx[VOLUME_SNAPSHOTS])
    return all(table.state is State.NOT_SERVED or table.detail == NOT_IN_DUMP for table in tables)


def made_default(winner: StorageClass) -> datetime | None:
    """When the class can have begun to win: it was made, or made default, whichever came last."""
    annotated = winner.metadata.annotated.get(VIRT_DEFAULT) or winner.metadata.annotated.get(KUBERNETES_DEFAULT)
    return max((at for at in (winner.metadata.creation_timestamp, annotated) if at), default=None)


def instant_if_recent(instant: datetime | None, span: timedelta, ctx: Context) -> datetime | None:
    """The instant while it is younger than the span, so that a failure waits; an older one does not date the failure."""
    return None if ctx.older(instant, span) else instant
