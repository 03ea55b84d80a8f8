"""What an administrator has set in a StorageProfile, and CDI does not use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.shared.storage import instant_if_recent
from exporter.checks.storage._profiles import crons_on
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES, STORAGE_PROFILES
from exporter.joins.defaults import defaults
from exporter.model.storage import ClaimPropertySet, StorageProfile, StorageProfileStatus
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=10), "how long CDI may take to apply what was set")


@check(
    id="storage-profile-not-applied",
    severity=Severity.WARNING,
    over=STORAGE_PROFILES,
    reads=(DATA_IMPORT_CRONS, STORAGE_CLASSES, defaults),
    summary="CDI does not use what a StorageProfile's spec says",
    meaning=(
        "CDI copies spec to status when it reconciles a StorageProfile. Here they differ: CDI refuses the spec, as it does "
        "where a claimPropertySet lacks a mode or snapshotClass names no class, and leaves all of the status as it was; or "
        "CDI does not run. CDI before 1.64 may also lose a change of the status."
    ),
    impact="Images and disks go on being made as before: with the old modes, in the old format, by the old clone strategy.",
    diagnosis="Compare spec and status in `oc get storageprofile NAME -o yaml`; CDI's log names what it refuses.",
    mitigation="Complete or correct spec: each claimPropertySet needs accessModes and volumeMode, snapshotClass an existing class.",
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=15),
    undated="a profile does not tell when its spec was edited",
)
def storage_profile_not_applied(profile: StorageProfile, ctx: Context) -> Verdict:
    """Judge what the spec sets, field by field; snapshotClass is another finding."""
    name, status = profile.metadata.name, profile.status
    wanted = [part for part in _parts(profile, StorageProfileStatus()) if part[1]]
    if not wanted or ctx[STORAGE_CLASSES].get("", name) is ABSENT:
        return PASSED
    if status is None:
        return Unknown("CDI has not filled in the profile yet")
    differing = [part for part in _parts(profile, status) if part[1] and part[1] != part[2]]
    if not differing:
        return PASSED
    field, expected, observed = differing[0]
    halves = any(not (s.access_modes and s.volume_mode) for s in profile.spec.claim_property_sets)
    relying = [cron.metadata.name for cron in crons_on(name, ctx)]
    return Failed(
        summary=f"CDI does not use {', '.join(each for each, _, _ in differing)} of StorageProfile {name}"
        + (": a claimPropertySet lacks accessModes or volumeMode" if halves else "")
        + (f"; {len(relying)} crons import there" if relying else ""),
        field=f"status.{field}",
        observed=observed or "not set",
        expected=expected,
        since=instant_if_recent(profile.metadata.creation_timestamp, ctx.limit(_GRACE), ctx),
        grace=ctx.limit(_GRACE),
        severity=None if relying else Severity.INFO,
        causes=(Cause("cdi-degraded"), Cause("stale-snapshot-class", ctx.ref)),
    )


def _parts(profile: StorageProfile, status: StorageProfileStatus) -> Iterator[tuple[str, str, str]]:
    """Field, what spec says, what status says; as text, "" where it is not set."""
    spec = profile.spec
    yield "claimPropertySets", _told(spec.claim_property_sets), _told(status.claim_property_sets)
    yield "dataImportCronSourceFormat", spec.data_import_cron_source_format, status.data_import_cron_source_format
    yield "cloneStrategy", spec.clone_strategy, status.clone_strategy


def _told(sets: tuple[ClaimPropertySet, ...]) -> str:
    return "; ".join(
        f"{','.join(s.access_modes) or 'no access mode'} {s.volume_mode or 'no volume mode'}" for s in sets
    )
