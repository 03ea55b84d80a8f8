"""Several StorageClasses are Kubernetes default: the newest wins, and nobody else warns of it."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Verdict, check
from exporter.checks.shared.storage import cdi_defaults
from exporter.checks.storage._several_defaults import MOVING, UNTRACKED, rival_defaults
from exporter.cluster.resources import STORAGE_CLASSES
from exporter.joins.defaults import defaults
from exporter.model.storage import KUBERNETES_DEFAULT
from exporter.report import Severity


@check(
    id="multiple-default-storage-classes",
    severity=Severity.WARNING,
    over=None,
    reads=(STORAGE_CLASSES, defaults),
    summary="Several StorageClasses are the Kubernetes default",
    meaning=(
        "More than one class carries storageclass.kubernetes.io/is-default-class=true. Kubernetes and CDI take the "
        "newest. For boot sources it counts only where no class is virt default."
    ),
    impact=(
        "Claims that name no class, and without a virt default also all boot sources, may lie on a class that nobody "
        "chose; a further default class moves them silently. Neither Kubernetes nor CDI has an alert for it."
    ),
    diagnosis="`oc get storageclass` marks every default class; compare their age.",
    mitigation="Remove the annotation from all but one class; keep the one that wins now if nothing is to move.",
    undated=UNTRACKED,
    thresholds=(MOVING,),
    alert_for=timedelta(minutes=15),
    scenarios=("F34",),
)
def multiple_default_storage_classes(_: object, ctx: Context) -> Verdict:
    """Judge how many classes Kubernetes and CDI count as default."""
    return rival_defaults("Kubernetes", cdi_defaults(ctx).kubernetes, KUBERNETES_DEFAULT, ctx)
