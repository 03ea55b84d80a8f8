"""References to the objects that checks name most often. Pure."""

from __future__ import annotations

from typing import Final

from exporter.cluster.snapshot import Ref
from exporter.model.cdi import DataImportCron

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
