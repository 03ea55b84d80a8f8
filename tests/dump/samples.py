"""Manifests as text, small enough to read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Event
from typing import Any

from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot, Table
from exporter.cluster.store import Store
from exporter.dump import DumpFacts, load
from exporter.dump.limits import LIMITS, DumpLimits

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class FixedClock:
    """Always the same instant."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def wait(self, stop: Event, seconds: float) -> bool:
        return True


def a_data_source(name: str = "fedora", namespace: str = "images", version: str = "7", extra: str = "") -> str:
    return (
        "apiVersion: cdi.kubevirt.io/v1beta1\n"
        "kind: DataSource\n"
        "metadata:\n"
        "  creationTimestamp: '2026-05-01T00:00:00Z'\n"
        f"  name: {name}\n"
        f"  namespace: {namespace}\n"
        f"  resourceVersion: '{version}'\n"
        "spec:\n"
        "  source: {}\n" + extra
    )


def a_storage_class(name: str = "fast", extra: str = "") -> str:
    return (
        "apiVersion: storage.k8s.io/v1\n"
        "kind: StorageClass\n"
        "metadata:\n"
        "  annotations:\n"
        '    storageclass.kubevirt.io/is-default-virt-class: "true"\n'
        f"  name: {name}\n"
        "provisioner: csi.example.com\n" + extra
    )


def a_list(*items: str, kind: str = "List", api_version: str = "v1", indent: str = "") -> str:
    def item(text: str) -> str:
        first, *others = text.rstrip("\n").split("\n")
        return "\n".join([f"{indent}- {first}", *(f"{indent}  {line}" for line in others)]) + "\n"

    body = "items:\n" + "".join(map(item, items)) if items else "items: []\n"
    return f'apiVersion: {api_version}\n{body}kind: {kind}\nmetadata:\n  resourceVersion: ""\n'


def load_dump(
    *paths: object, complete: bool = False, resources: Iterable[Resource[Any]] = WATCHED, limits: DumpLimits = LIMITS
) -> tuple[ClusterSnapshot, DumpFacts]:
    """Load a dump into a fresh store."""
    store = Store(WATCHED, FixedClock())
    facts = load(map(str, paths), store, resources, complete=complete, limits=limits)
    return store.freeze(), facts


def names(table: Table[Any]) -> list[str]:
    """The rows, as `namespace/name`."""
    return [str(key) for key, _ in table]


def rejections(table: Table[Any]) -> dict[str, str]:
    """The rejected objects, as `field: problem`."""
    return {str(r.key): f"{r.field}: {r.problem}" for r in table.rejected.values()}
