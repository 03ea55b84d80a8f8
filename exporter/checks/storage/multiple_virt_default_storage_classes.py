"""Several StorageClasses are virt default: the newest wins, and the next one that is added moves every boot source."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Verdict, check
from exporter.checks.shared.storage import cdi_defaults
from exporter.checks.storage._several_defaults import MOVING, UNTRACKED, rival_defaults
from exporter.cluster.resources import STORAGE_CLASSES
from exporter.joins.defaults import defaults
from exporter.model.storage import VIRT_DEFAULT
from exporter.report import Severity


@check(
    id="multiple-virt-default-storage-classes",
    severity=Severity.WARNING,
    over=None,
    reads=(STORAGE_CLASSES, defaults),
    summary="Several StorageClasses are the default for virtual machine images",
    meaning=(
        "More than one class carries storageclass.kubevirt.io/is-default-virt-class=true. CDI takes the newest, and of "
        "the same age the first by name. One virt default beside one Kubernetes default is normal and not meant here."
    ),
    impact=(
        "Images may lie on a class that nobody chose. Adding another virt default moves all boot sources once more: CDI "
        "1.61 and later delete them and import them again."
    ),
    diagnosis="`oc get storageclass -o yaml | grep -B20 is-default-virt-class` and compare creationTimestamp.",
    mitigation=(
        "Remove the annotation from all but one class. To keep the images where they are, keep the one that wins now. If "
        "another one is wanted, expect that all boot sources without a class of their own are imported again."
    ),
    undated=UNTRACKED,
    thresholds=(MOVING,),
    alert_for=timedelta(minutes=15),
    scenarios=("F34",),
)
def multiple_virt_default_storage_classes(_: object, ctx: Context) -> Verdict:
    """Judge how many classes CDI counts as virt default."""
    return rival_defaults("virt", cdi_defaults(ctx).virt, VIRT_DEFAULT, ctx)
