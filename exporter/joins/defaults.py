"""Which StorageClass an import goes to.

Source of the rules: CDI pkg/controller/common/util.go. A named class is used or nothing is (no fallback,
also where the name is empty). Otherwise the
classes annotated as virt default come first (not for archives; since CDI 1.58), then those annotated as Kubernetes
default; of several the newest wins, of the same age the first by name. The beta annotation is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from exporter.cluster.resources import STORAGE_CLASSES
from exporter.cluster.snapshot import View, joint
from exporter.model.cdi import DataImportCronSpec
from exporter.model.storage import StorageClass

VIRT_DEFAULT_SINCE: Final = 58
"""The minor version of CDI that first reads the virt annotation."""
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Defaults:
    """The StorageClasses that claim to be default, each list with the one that wins first."""

    virt: tuple[str, ...]
    kubernetes: tuple[str, ...]
    existing: frozenset[str]

    @property
    def effective(self) -> str:
        """Where the image of a virtual machine goes if no class is named; "" if nowhere."""
        return next(iter((*self.virt, *self.kubernetes)), "")

    def for_cdi(self, minor: int | None) -> Defaults:
        """As this minor version of CDI sees them: before 1.58 it ignores the virt annotation. None counts as newer."""
        return replace(self, virt=()) if minor is not None and minor < VIRT_DEFAULT_SINCE else self

    def resolve(self, spec: DataImportCronSpec) -> str:
        """The StorageClass that CDI wants for this cron; "" if it finds none."""
        explicit = spec.explicit_storage_class
        if explicit is not None:
            return explicit if explicit in self.existing else ""
        archive = spec.template.spec.content_type == "archive"
        return next(iter(self.kubernetes), "") if archive else self.effective


@joint(STORAGE_CLASSES)
def defaults(view: View) -> Defaults:
    """Who wins among the default StorageClasses."""
    rows = list(view[STORAGE_CLASSES].rows.values())
    return Defaults(
        virt=_rank(rows, lambda c: c.virt_default),
        kubernetes=_rank(rows, lambda c: c.kubernetes_default),
        existing=frozenset(c.metadata.name for c in rows),
    )


def _rank(rows: list[StorageClass], claims: Callable[[StorageClass], bool]) -> tuple[str, ...]:
    named = sorted((c for c in rows if claims(c)), key=lambda c: c.metadata.name)
    newest_first = sorted(named, key=lambda c: c.metadata.creation_timestamp or _OLDEST, reverse=True)
    return tuple(c.metadata.name for c in newest_first)
