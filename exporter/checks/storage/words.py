"""What checks on storage and imports share: the class a cron wants, what in storage stops it, how its entry is edited."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from exporter.checks.kit import Cause, Context, Fix, command, named
from exporter.cluster import Ref
from exporter.joins.defaults import Defaults, defaults
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, owned_by_ssp
from exporter.watched import STORAGE_PROFILES

HCO_NAME: Final = "kubevirt-hyperconverged"
"""HCO's CRD allows no other name."""


def ref_of(cron: DataImportCron) -> Ref:
    """Names a cron."""
    return Ref("DataImportCron", cron.metadata.namespace, cron.metadata.name)


def class_of(name: str) -> Ref:
    """Names a StorageClass."""
    return Ref("StorageClass", "", name)


def profile_of(name: str) -> Ref:
    """Names the StorageProfile of a class."""
    return Ref("StorageProfile", "", name)


def seen_by_cdi(ctx: Context) -> Defaults:
    """The default StorageClasses as this version of CDI counts them."""
    return ctx.join(defaults).for_cdi(ctx.platform.cdi_minor)


def wanted_class(cron: DataImportCron, ctx: Context) -> str:
    """The StorageClass that CDI wants for this cron; "" if it finds none."""
    return seen_by_cdi(ctx).resolve(cron.spec)


def leaves_modes_open(cron: DataImportCron) -> bool:
    """CDI takes the modes of the claim from the StorageProfile: the cron names none, and has no plain spec.pvc."""
    spec = cron.spec.template.spec
    return not spec.storage.access_modes if spec.storage else spec.pvc is None


def claim_causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    """What would keep this cron from getting a claim to import into. Reads only the defaults."""
    wanted = wanted_class(cron, ctx)
    if not wanted and cron.spec.explicit_storage_class:
        return (Cause("storage-class-missing", ref_of(cron)),)
    if not wanted:
        return (Cause("no-default-storage-class"),)
    return (Cause("incomplete-storage-profile", profile_of(wanted)),) if leaves_modes_open(cron) else ()


def snapshot_causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    """What would keep this cron from getting a snapshot of its image, if it wants one. Reads also the profiles."""
    wanted = wanted_class(cron, ctx)
    profile = ctx[STORAGE_PROFILES].rows.get(Key("", wanted))
    if profile is None or profile.source_format != "snapshot":
        return ()
    return tuple(Cause(check, profile_of(wanted)) for check in ("snapshot-class-missing", "stale-snapshot-class"))


def storage_causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    """Everything in storage that would keep this cron from importing."""
    return (*claim_causes(cron, ctx), *snapshot_causes(cron, ctx))


def young(instant: datetime | None, span: timedelta, ctx: Context) -> datetime | None:
    """The instant while it is younger than the span, so that a failure waits; an older one does not date the failure."""
    return None if ctx.older(instant, span) else instant


def edit_entry(cron: DataImportCron, ctx: Context) -> Fix | None:
    """Opens the object that the spec of this cron comes from. None for a cron that nobody made from an entry.

    The list of entries is atomic and a patch would need all of it, so the command is an editor's.
    """
    if not owned_by_ssp(cron.metadata):
        return None
    platform = ctx.platform
    hco = named(Ref("HyperConverged", platform.operator_namespace, HCO_NAME), platform.hco_resource)
    return Fix(
        command(platform.client, "edit", *hco),
        command(platform.client, "get", *named(ref_of(cron)), "-o", "jsonpath={.spec}"),
        "a changed spec makes SSP replace the cron; with retentionPolicy None there is no image until the new import is done",
    )
