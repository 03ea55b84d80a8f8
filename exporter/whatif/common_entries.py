"""The common entries that are compiled into HCO, for when no object lists them: the gate is off, or one is disabled.

Sources: HCO's assets of the tags 1.6 to 1.20-dev; what OpenShift Virtualization adds is known from its tests and
documents. A build may bring along others, so that whatever follows from this list depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from exporter.model.hco import ARCHITECTURES, HyperConverged, StatusEntry, TolerantStatusEntry
from exporter.model.hco_layout import Release
from exporter.model.wire import Many

_NEWEST: Final[Release] = (1000, 0)
_RETENTION_NONE_SINCE: Final[Release] = (1, 18)
_ARCHITECTURES_SINCE: Final[Release] = (1, 16)
_DECODE: Final = TypeAdapter[tuple[StatusEntry, ...]](Many[TolerantStatusEntry])
_REGISTRY: Final = "docker://quay.io/containerdisks"
DEPENDS: Final = "whether this build of HCO brings along the common entries that its release is known for"


@dataclass(frozen=True, slots=True)
class _Bundled:
    """A common entry, and the releases of HCO that have it."""

    managed: str
    image: str
    """Repository and tag, or an ImageStream."""
    size: str
    since: Release = (1, 6)
    until: Release = _NEWEST
    """The first release without it."""
    downstream: bool = False
    """Only OpenShift Virtualization has it, and follows an ImageStream."""
    name: str = ""


_ALL: Final = (
    _Bundled("centos7", "centos:7-2009", "30Gi", until=(1, 13), name="centos-7-image-cron"),
    _Bundled("centos-stream8", "centos-stream:8", "30Gi", until=(1, 13)),
    _Bundled("centos-stream9", "centos-stream:9", "10Gi"),
    _Bundled("centos-stream10", "centos-stream:10", "10Gi", since=(1, 14)),
    _Bundled("fedora", "fedora:latest", "5Gi"),
    _Bundled("rhel8", "rhel8-guest", "30Gi", downstream=True),
    _Bundled("rhel9", "rhel9-guest", "30Gi", downstream=True),
    _Bundled("rhel10", "rhel10-guest", "30Gi", since=(1, 14), downstream=True),
)


def bundled_entries(hco: HyperConverged, *, downstream: bool) -> tuple[StatusEntry, ...]:
    """The common entries that HCO's status would list while the gate is on and nothing modifies them."""
    release = hco.release or _NEWEST
    found = [e for e in _ALL if e.since <= release < e.until and (downstream or not e.downstream)]
    return _DECODE.validate_python([_manifest(e, hco, release, downstream=downstream) for e in found])


def _manifest(entry: _Bundled, hco: HyperConverged, release: Release, *, downstream: bool) -> dict[str, Any]:
    node = {"pullMethod": "node"} if downstream else {}
    place = {"imageStream": entry.image} if entry.downstream else {"url": f"{_REGISTRY}/{entry.image}"}
    size = "30Gi" if downstream else entry.size
    kept = {"retentionPolicy": "None", "importsToKeep": 1} if release >= _RETENTION_NONE_SINCE else {}
    architectures = {ARCHITECTURES: "amd64,arm64,s390x"} if release >= _ARCHITECTURES_SINCE else {}
    return {
        "metadata": {"name": entry.name or f"{entry.managed}-image-cron", "annotations": architectures},
        "spec": {
            "schedule": hco.status.data_import_schedule,
            "managedDataSource": entry.managed,
            "garbageCollect": "Outdated",
            **kept,
            "template": {
                "spec": {
                    "source": {"registry": {**place, **node}},
                    "storage": {"resources": {"requests": {"storage": size}}},
                }
            },
        },
        "status": {"commonTemplate": True},
    }
