"""A clone strategy that somebody has chosen, and by which nothing is cloned."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.refs import profile_ref
from exporter.checks.shared.storage import cdi_defaults
from exporter.checks.storage._profiles import crons_on
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES, STORAGE_PROFILES
from exporter.joins.defaults import defaults
from exporter.joins.drivers import Drivers, drivers, snapshot_drivers
from exporter.model.storage import CLONE_STRATEGY, StorageClass
from exporter.model.wire import ABSENT
from exporter.report import Severity

_STRATEGIES: Final = ("copy", "snapshot", "csi-clone")


@check(
    id="clone-strategy-without-effect",
    severity=Severity.WARNING,
    over=STORAGE_CLASSES,
    reads=(STORAGE_PROFILES, DATA_IMPORT_CRONS, defaults, snapshot_drivers),
    optional=(drivers,),
    summary="A clone strategy was chosen that CDI cannot follow",
    meaning=(
        "How CDI clones volumes of a class is chosen by the StorageProfile's spec.cloneStrategy, else by the annotation "
        "`cdi.kubevirt.io/clone-strategy` of the class. CDI knows copy, snapshot and csi-clone; it takes any other word of "
        "the annotation for none. By snapshot it can clone only with a VolumeSnapshotClass of the driver, by csi-clone "
        "only with a CSI driver."
    ),
    impact="Disks of new virtual machines are copied byte by byte through pods, which takes minutes instead of seconds.",
    diagnosis="`oc get storageclass,storageprofile NAME -o yaml`, `oc get volumesnapshotclass,csidriver`.",
    mitigation="Spell the strategy right, create a VolumeSnapshotClass for the driver, or remove the choice: CDI knows most drivers.",
    alert_for=timedelta(minutes=15),
)
def clone_strategy_without_effect(row: StorageClass, ctx: Context) -> Verdict:
    """Judge the strategy that was chosen, by the profile first; what CDI advises of itself it can follow."""
    name = row.metadata.name
    profile = ctx[STORAGE_PROFILES].get("", name)
    by_profile = "" if profile is ABSENT else profile.spec.clone_strategy
    chosen = by_profile or row.metadata.annotations.get(CLONE_STRATEGY, "")
    problem = _problem(chosen, row.provisioner, ctx)
    if not problem:
        return PASSED
    used = cdi_defaults(ctx).effective == name or bool(crons_on(name, ctx))
    return Failed(
        summary=f"StorageClass {name} shall be cloned by {chosen!r}, {problem}",
        field="spec.cloneStrategy" if by_profile else f"metadata.annotations[{CLONE_STRATEGY}]",
        observed=chosen,
        expected=f"one of {', '.join(_STRATEGIES)}, and what it takes",
        severity=None if used else Severity.INFO,
        about=profile_ref(name) if by_profile else None,
        fix=None if by_profile else _forget(name, ctx),
    )


def _problem(chosen: str, driver: str, ctx: Context) -> str:
    if not chosen:
        return ""
    if chosen not in _STRATEGIES:
        return "which is no strategy that CDI knows"
    if chosen == "snapshot" and driver not in ctx.join(snapshot_drivers):
        return f"but no VolumeSnapshotClass has its driver {driver}"
    absent = chosen == "csi-clone" and ctx.consult(drivers, Drivers(frozenset())).has(driver) is False
    return f"but there is no CSI driver {driver}" if absent else ""


def _forget(name: str, ctx: Context) -> Fix:
    """CDI's own choice works with what is there."""
    client = ctx.platform.client
    return Fix(
        command(client, "annotate", "storageclass", name, f"{CLONE_STRATEGY}-"),
        command(client, "get", "storageprofile", name, "-o", "jsonpath={.status.cloneStrategy}"),
        note="CDI chooses how to clone new disks by the driver then",
    )
