"""A StorageClass that makes no volumes for images."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from exporter.base.excerpts import both_ends, count_of, list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.shared.outage import severity_for, without_image
from exporter.checks.shared.provisioning import Unprovisioned, provisioning_words, unprovisioned
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.storage import cdi_defaults
from exporter.checks.storage._profiles import crons_on
from exporter.cluster.resources import DATA_IMPORT_CRONS, PERSISTENT_VOLUME_CLAIMS, STORAGE_CLASSES
from exporter.joins.defaults import defaults
from exporter.joins.warnings import warnings
from exporter.model.cdi import CRON_LABEL
from exporter.model.storage import StorageClass
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=30), "how long a StorageClass may take to make a volume")
_SIZES: Final = re.compile(r"\d ?[KMGT]i?B?\b|\b(?:size|capacity|iops|minimum)\b", re.IGNORECASE)
"""Words of drivers that refuse a size, often a smaller one than they can make."""


@check(
    id="storage-class-cannot-provision",
    severity=Severity.WARNING,
    over=STORAGE_CLASSES,
    reads=(DATA_IMPORT_CRONS, PERSISTENT_VOLUME_CLAIMS, STORAGE_CLASSES, unprovisioned, defaults),
    optional=(warnings, without_image),
    summary="A StorageClass makes no volumes for images",
    meaning=(
        "CDI has made claims for images on this StorageClass, and they stay Pending: no volume has been made for any of them "
        "since. The driver does not run, has no room, refuses the size or the access mode, or waits for a node."
    ),
    impact="Images cannot be imported to this class. Boot sources keep their old image; those without one are not usable.",
    diagnosis=(
        "`oc get events -n NAMESPACE --field-selector reason=ProvisioningFailed` quotes the driver; "
        "`oc describe persistentvolumeclaim -n NAMESPACE` shows the claims, prime-... among them; then the log of the "
        "driver's provisioner."
    ),
    mitigation=(
        "Do what the driver asks for. If the volume is too small for it, annotate the StorageProfile with "
        "cdi.kubevirt.io/minimumSupportedPvcSize, and CDI makes no smaller claim, or raise resources.requests.storage of the "
        "entries. Or make another class the virt default: annotate the new one before you clear the old one. Claims that "
        "are Pending get their volume as soon as the driver can make it."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=15),
    scenarios=("F45", "F46"),
)
def storage_class_cannot_provision(row: StorageClass, ctx: Context) -> Verdict:
    """Judge the claims of imports. A volume that the class has made since for another image proves that it can."""
    name = row.metadata.name
    waiting = [w for _, w in sorted(ctx.join(unprovisioned).items()) if w.storage_class == name]
    since = min(
        (w.claim.metadata.creation_timestamp for w in waiting if w.claim.metadata.creation_timestamp), default=None
    )
    if not waiting or _provisioned_since(name, waiting, ctx):
        return PASSED
    crons = tuple(dict.fromkeys(cron_ref(w.importing.cron) for w in waiting))
    words = provisioning_words(name, dict.fromkeys(c.namespace for c in crons), ctx.consult(warnings, {}))
    some = count_of(len(crons), max(len(crons_on(name, ctx)), len(crons)), "boot source")
    default = "default StorageClass" if cdi_defaults(ctx).effective == name else "StorageClass"
    return Failed(
        summary=f"{default[0].upper()}{default[1:]} {name} makes no volumes: claims of {some} stay Pending ({list_some(c.name for c in crons)})",
        field="status.phase of the claims",
        observed=_observed(waiting, words),
        expected=f"Bound claims{_advice(words)}",
        since=since,
        grace=ctx.limit(_GRACE),
        severity=severity_for(crons, ctx),
        causes=(Cause("default-storage-class-being-deleted", ctx.ref),),
        affects=crons,
    )


def _provisioned_since(name: str, waiting: Sequence[Unprovisioned], ctx: Context) -> bool:
    first = min(
        (w.claim.metadata.creation_timestamp for w in waiting if w.claim.metadata.creation_timestamp), default=None
    )
    newest = ctx.once("newest bound claims", lambda: _newest_bound(ctx)).get(name)
    return first is not None and newest is not None and newest > first


def _newest_bound(ctx: Context) -> dict[str, datetime]:
    """When the newest image that has its volume was made, by StorageClass."""
    found: dict[str, datetime] = {}
    for _, claim in ctx[PERSISTENT_VOLUME_CLAIMS]:
        made, name = claim.metadata.creation_timestamp, claim.spec.storage_class_name
        if claim.status.phase == "Bound" and CRON_LABEL in claim.metadata.labels and made and name:
            found[name] = max(made, found.get(name, made))
    return found


def _observed(waiting: Sequence[Unprovisioned], words: Sequence[str]) -> str:
    claims = [f"{w.claim.metadata.name} Pending" for w in waiting]
    return both_ends("; ".join((list_some(claims), *words[:1])), 800)


def _advice(words: Sequence[str]) -> str:
    if not any(_SIZES.search(text) for text in words):
        return ""
    return (
        "; if the size is too small for the driver: annotation cdi.kubevirt.io/minimumSupportedPvcSize on the StorageProfile, "
        "a larger request, or another class"
    )
