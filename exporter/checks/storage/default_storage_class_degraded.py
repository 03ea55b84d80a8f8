"""The StorageClass that images go to cannot do what virtual machines need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exporter.base.excerpts import list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.fixes import Fix
from exporter.checks.shared.cloning import forced, without_override
from exporter.checks.shared.refs import class_ref, profile_ref
from exporter.checks.shared.storage import cdi_defaults
from exporter.checks.storage._profiles import driver_of
from exporter.cluster.resources import (
    STORAGE_CLASSES,
    STORAGE_PROFILES,
    VOLUME_SNAPSHOT_CLASSES,
)
from exporter.joins.defaults import defaults
from exporter.joins.drivers import (
    Drivers,
    clones_by_itself,
    drivers,
    forced_strategy,
    node_count,
    offers_shared_volumes,
    snapshot_drivers,
)
from exporter.model.storage import StorageProfile
from exporter.model.wire import ABSENT
from exporter.report import Severity

_SHARED = "ReadWriteMany"


@check(
    id="default-storage-class-degraded",
    severity=Severity.INFO,
    over=None,
    reads=(STORAGE_CLASSES, STORAGE_PROFILES, VOLUME_SNAPSHOT_CLASSES, defaults, snapshot_drivers),
    optional=(node_count, drivers, forced_strategy),
    summary="The default StorageClass cannot live-migrate machines, or copies every disk",
    meaning=(
        "Volumes of the class that images and disks go to cannot be mounted on two nodes at once (no ReadWriteMany), or "
        "cannot be cloned by the storage system, so that CDI copies every byte through pods (no smart clone). With a single "
        "node there is nothing to migrate to, so only cloning counts. `cloneStrategyOverride` of CDI goes before what every "
        "class can do. It is a hint: many clouds "
        "have nothing better. A class of the cluster that can do both is named."
    ),
    impact=(
        "Virtual machines cannot be live-migrated, so that draining a node shuts them down; or creating one from a boot "
        "source takes minutes and the network instead of seconds."
    ),
    diagnosis=(
        "`oc get storageprofile NAME -o yaml` shows access modes and cloneStrategy; `oc get volumesnapshotclass,csidriver` "
        "what the driver has."
    ),
    mitigation=(
        "Make a class that can do both the virt default. If the driver of this one can do more than its profile says, set "
        "spec.claimPropertySets of the profile, or create a VolumeSnapshotClass for the driver. Remove cloneStrategyOverride "
        "of CDI unless it works around a fault of the driver."
    ),
    alert_for=timedelta(minutes=15),
)
def default_storage_class_degraded(_: None, ctx: Context) -> Verdict:
    """Judge the class that wins by CDI's rule, with CDI's own measure of degraded."""
    name = cdi_defaults(ctx).effective
    profile = ctx[STORAGE_PROFILES].get("", name) if name else ABSENT
    if profile is ABSENT:
        return PASSED if not name else Unknown(f"StorageClass {name} has no StorageProfile yet")
    if profile.complete is not True:
        return Unknown("CDI does not know what the class can do") if profile.complete is None else PASSED
    lacks = tuple(_lacks(profile, ctx))
    if not lacks:
        return PASSED
    better = [
        key.name for key, row in ctx[STORAGE_PROFILES] if row.complete and not any(True for _ in _lacks(row, ctx))
    ]
    known = [each for each in better if ctx[STORAGE_CLASSES].get("", each) is not ABSENT]
    return Failed(
        summary=f"Default StorageClass {name} is degraded for virtualization: {' and '.join(lacks)}"
        + (f"; {list_some(known)} can do better" if known else ""),
        field="status.claimPropertySets" if len(lacks) > 1 or "live" in lacks[0] else "status.cloneStrategy",
        observed=_observed(profile),
        expected=f"{_SHARED}, and csi-clone or snapshots of the driver",
        about=class_ref(name),
        causes=(
            Cause("clone-strategy-without-effect", class_ref(name)),
            Cause("incomplete-storage-profile", profile_ref(name)),
        ),
        fix=_fix(profile, ctx),
    )


def _lacks(profile: StorageProfile, ctx: Context) -> Iterator[str]:
    # With one node, or none that is known, nobody migrates anything.
    if ctx.consult(node_count, 0) > 1 and not offers_shared_volumes(profile):
        yield f"no live migration, as there is no {_SHARED}"
    strategy = forced(ctx).strategy
    if not _clones(profile, strategy, ctx):
        ctx[VOLUME_SNAPSHOT_CLASSES].whole()  # one that cannot be read may be of this driver
        why = f" (cloneStrategyOverride of CDI is {strategy})" if _clones(profile, "", ctx) else ""
        yield f"no smart clone, so every disk is copied{why}"


def _clones(profile: StorageProfile, override: str, ctx: Context) -> bool:
    known = ctx.consult(drivers, Drivers(frozenset()))
    return clones_by_itself(profile, driver_of(profile, ctx), known, ctx.join(snapshot_drivers), override)


def _fix(profile: StorageProfile, ctx: Context) -> Fix | None:
    """Only where the class would clone by itself without the override."""
    if _clones(profile, forced(ctx).strategy, ctx) or not _clones(profile, "", ctx):
        return None
    return without_override(ctx)


def _observed(profile: StorageProfile) -> str:
    status = profile.status
    modes = dict.fromkeys(mode for each in (status.claim_property_sets if status else ()) for mode in each.access_modes)
    return f"{', '.join(modes)}; cloneStrategy {(status.clone_strategy if status else '') or 'not set'}"
