"""A StorageProfile from which CDI cannot tell how to make a claim."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import list_some
from exporter.checks.check import PASSED, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.fixes import Fix, command, merge_patch
from exporter.checks.shared.storage import instant_if_recent, leaves_modes_open
from exporter.checks.storage._profiles import crons_on
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES, STORAGE_PROFILES
from exporter.joins.defaults import defaults
from exporter.model.storage import StorageProfile
from exporter.model.wire import ABSENT
from exporter.report import Severity

_SETTLE: Final = Threshold(
    "grace", timedelta(minutes=10), "how long CDI and an administrator may take to fill in the profile of a new class"
)
_UNSUPPORTED: Final = ("kubernetes.io/no-provisioner", "stork-snapshot")
_BUCKETS: Final = ("noobaa.io/obc", "ceph.rook.io/bucket")


@check(
    id="incomplete-storage-profile",
    severity=Severity.WARNING,
    over=STORAGE_PROFILES,
    reads=(DATA_IMPORT_CRONS, STORAGE_CLASSES, defaults),
    summary="A StorageProfile does not say which access and volume mode to use",
    meaning=(
        "CDI knows the driver of the class neither from its own table nor from the administrator, so a DataVolume that "
        "leaves the modes open, as boot sources do, cannot be turned into a claim."
    ),
    impact="Images cannot be imported to this class: DataVolumes stay without a phase (event ErrClaimNotValid).",
    diagnosis="`oc get storageprofile NAME -o yaml`: status.claimPropertySets is empty, or a set lacks one of the two modes.",
    mitigation=(
        "Set spec.claimPropertySets to what the driver supports. The command proposes the modes that most drivers have; "
        "choose ReadWriteMany if the driver can, since live migration needs it, and Block if it offers raw devices."
    ),
    thresholds=(_SETTLE,),
    undated="the status of a StorageProfile has no times",
    alert_for=timedelta(minutes=15),
    scenarios=("F41",),
)
def incomplete_storage_profile(profile: StorageProfile, ctx: Context) -> Verdict:
    """Judge the effective property sets; a class that no boot source goes to is worth a hint only."""
    name, status = profile.metadata.name, profile.status
    if ctx[STORAGE_CLASSES].get("", name) is ABSENT:
        return PASSED
    if status is None or profile.complete is None:
        return Unknown("CDI has not filled in the profile yet")
    if profile.complete or is_unsupported(status.provisioner):
        return PASSED
    relying = [cron.metadata.name for cron in crons_on(name, ctx) if leaves_modes_open(cron)]
    target = ("storageprofile", name)
    modes = {"spec": {"claimPropertySets": [{"accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem"}]}}
    return Failed(
        summary=f"StorageProfile {name} is incomplete"
        + (f"; {len(relying)} crons import there: {list_some(relying)}" if relying else ""),
        field="status.claimPropertySets",
        observed="no property set"
        if not status.claim_property_sets
        else "a property set lacks accessModes or volumeMode",
        expected="at least one set with accessModes and volumeMode",
        since=instant_if_recent(profile.metadata.creation_timestamp, ctx.limit(_SETTLE), ctx),
        grace=ctx.limit(_SETTLE),
        severity=None if relying else Severity.INFO,
        fix=Fix(
            merge_patch(ctx.platform.client, target, modes),
            command(ctx.platform.client, "get", *target, "-o", "jsonpath={.status.claimPropertySets}"),
            note="New volumes of this class get these modes: take those that the driver supports",
        ),
    )


def is_unsupported(provisioner: str) -> bool:
    """CDI does not expect virtual machine disks on it: buckets, local volumes made by hand, backups."""
    return provisioner in _UNSUPPORTED or provisioner.endswith(_BUCKETS)
