"""Retention that fills the storage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from exporter.joins.admission.field_values import object_at, value_at
from exporter.lint.rule import Problem
from exporter.model.quantity import bytes_of

_MANY: Final = 4
"""CDI keeps 3 by default."""
_GIB: Final = Decimal(1 << 30)


def retention_problems(value: dict[str, Any], subject: str) -> Iterator[Problem]:
    """Images that are never deleted, or many of them."""
    spec = object_at(value, "spec") or {}
    keep, size = spec.get("importsToKeep"), _size(spec)
    if spec.get("garbageCollect") == "Never":
        yield Problem(
            rule="retention-fills-storage",
            path=("spec", "garbageCollect"),
            summary=f"{subject} never deletes an old image: each update takes {size or 'its full size'} more",
            remedy="Leave garbageCollect out, or set it to Outdated, and set importsToKeep to 1",
        )
    elif isinstance(keep, int) and not isinstance(keep, bool) and _MANY <= keep < 2**31:
        total = f", {_total(spec, keep)} in all" if size else ""
        yield Problem(
            rule="retention-fills-storage",
            path=("spec", "importsToKeep"),
            summary=f"{subject} keeps {keep} images{total}, and another one during each update",
            remedy="Set importsToKeep to 1, which HCO writes by default since 1.18",
        )


def _size(spec: object) -> str:
    found = _bytes(spec)
    return f"{(found / _GIB).normalize():f} GiB" if found and found >= _GIB and found % _GIB == 0 else ""


def _total(spec: object, keep: int) -> str:
    return f"{(_bytes(spec) * keep / _GIB).normalize():f} GiB"


def _bytes(spec: object) -> Decimal:
    for kind in ("storage", "pvc"):
        size = value_at(spec, "template", "spec", kind, "resources", "requests", "storage")
        if isinstance(size, str | int):
            return bytes_of(str(size)) or Decimal(0)
    return Decimal(0)
