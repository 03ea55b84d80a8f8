"""Images go to a plain Ceph RBD class, although there is one made for virtual machines."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import list_some
from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.storage._profiles import crons_on
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES
from exporter.joins.defaults import defaults
from exporter.model.storage import StorageClass
from exporter.report import Severity

_RBD: Final = "rbd.csi.ceph.com"
_OPTION: Final = "krbd:rxbounce"
_NAMED: Final = "-virtualization"
"""How OpenShift Data Foundation names the class that it makes for virtual machines."""


@check(
    id="virtualization-class-not-used",
    severity=Severity.WARNING,
    over=STORAGE_CLASSES,
    reads=(DATA_IMPORT_CRONS, defaults),
    summary="Boot sources go to a plain RBD class beside one for virtual machines",
    meaning=(
        "A disk of a virtual machine on a Ceph RBD class without the map option `krbd:rxbounce` may be written while Ceph "
        "computes its checksum. The cluster has a class with that option, and images go to another one of the same driver."
    ),
    impact=(
        "Disks that are cloned there may suffer: Windows guests cause checksum errors, and with them bad performance and "
        "messages of the kernel."
    ),
    diagnosis="`oc get storageclass -o yaml` shows parameters.mapOptions of both classes.",
    mitigation=(
        "Make the class for virtual machines the virt default, or name it in the entries. Images move to it; disks that "
        "exist stay where they are."
    ),
    alert_for=timedelta(minutes=15),
)
def virtualization_class_not_used(row: StorageClass, ctx: Context) -> Verdict:
    """Judge the RBD classes that crons import to."""
    if not row.provisioner.endswith(_RBD) or _made_for_machines(row):
        return PASSED
    others = ctx.once(
        row.provisioner,
        lambda: [
            c.metadata.name
            for _, c in ctx[STORAGE_CLASSES]
            if c.provisioner == row.provisioner and _made_for_machines(c)
        ],
    )
    relying = [cron.metadata.name for cron in crons_on(row.metadata.name, ctx)] if others else []
    if not relying:
        return PASSED
    return Failed(
        summary=f"{len(relying)} boot sources go to StorageClass {row.metadata.name}, which is plain RBD, though there is "
        f"{', '.join(others)} for virtual machines: {list_some(relying)}",
        field="parameters.mapOptions",
        observed=(row.parameters.map_options if row.parameters else "") or "not set",
        expected=f"a class with {_OPTION}, such as {others[0]}",
    )


def _made_for_machines(row: StorageClass) -> bool:
    options = row.parameters.map_options if row.parameters else ""
    return _OPTION in options or row.metadata.name.endswith(_NAMED)
