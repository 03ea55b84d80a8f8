"""Which claims an import holds at once, and on which classes.

Sources: CDI pkg/controller/populators, pkg/controller/import-controller.go and pkg/controller/config-controller.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from exporter.checks.check import Context
from exporter.checks.shared.storage import cdi_defaults, target_class
from exporter.cluster.resources import CDIS, STORAGE_CLASSES
from exporter.cluster.snapshot import View, joint
from exporter.joins.drivers import Drivers, drivers, snapshot_drivers
from exporter.model.cdi import DataImportCron

_POPULATORS_SINCE: Final = 57
"""The minor of CDI from which an import on a CSI driver fills a claim of its own, the prime, and hands its volume on."""


@joint(CDIS)
def scratch_class(view: View) -> str:
    """The StorageClass that CDI is told to use for scratch space; "" if it is told none."""
    return next((row.spec.config.scratch_space_storage_class for _, row in view[CDIS] if row.spec.config), "")


@joint(STORAGE_CLASSES)
def provisioners(view: View) -> Mapping[str, str]:
    """The driver of each StorageClass."""
    return {key.name: row.provisioner for key, row in view[STORAGE_CLASSES]}


CLAIMS: Final = (scratch_class, provisioners, drivers, snapshot_drivers)
"""What it takes to tell which claims an import holds besides that of the image."""


def claims_of_import(cron: DataImportCron, ctx: Context) -> tuple[str, ...]:
    """The class of each claim that an import of this cron holds at once; "" where no class is found."""
    place = target_class(cron, ctx)
    prime = (place,) if _populated(place, ctx) else ()
    return (place, *prime, *((_scratch(place, ctx),) if _needs_scratch(cron) else ()))


def _populated(place: str, ctx: Context) -> bool:
    """CDI fills a prime where the driver is a CSI driver: it is installed as one, or has a snapshot class."""
    driver = ctx.consult(provisioners, {}).get(place, "")
    if not driver or not ctx.platform.cdi_since(_POPULATORS_SINCE):
        return False
    installed = ctx.consult(drivers, Drivers(frozenset())).has(driver)
    return driver in ctx.consult(snapshot_drivers, frozenset()) if installed is None else installed


def _needs_scratch(cron: DataImportCron) -> bool:
    """An image that a pod pulls is unpacked first, as is every archive; one that a node pulls is not."""
    registry = cron.source.registry
    pulled_by_pod = registry is not None and registry.pull_method != "node"
    return pulled_by_pod or cron.spec.template.spec.content_type == "archive"


def _scratch(place: str, ctx: Context) -> str:
    """The class of scratch space: the configured one if it exists, else the Kubernetes default, else that of the image."""
    configured, known = ctx.consult(scratch_class, ""), cdi_defaults(ctx)
    if configured in known.existing:
        return configured
    return next(iter(known.kubernetes), "") or place
