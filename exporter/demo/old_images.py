"""Old images of the sample cluster: one that somebody has uploaded, and what an operating system has left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from exporter.demo.api import Object
from exporter.demo.objects import (
    CDI,
    CLASS,
    IMAGES,
    SSP_OWNED,
    build_condition,
    build_manifest,
    digest_of,
    old_metadata,
)
from exporter.demo.sources import snapshot_objects

UPLOADED: Final = "win2k19"
_GONE: Final = "centos-stream8"
"""An operating system whose DataImportCron the platform has dropped."""


def old_image_objects(now: datetime) -> Iterator[Object]:
    """All of them."""
    yield from _uploaded(now)
    for number in range(4):
        made = now - timedelta(days=150 + 30 * number)
        yield from snapshot_objects(_GONE, f"{_GONE}-{digest_of(f'{_GONE}/{number}')[7:19]}", made)


def _uploaded(now: datetime) -> Iterator[Object]:
    """A volume that was uploaded more than a year ago, under the name that SSP's DataSource waits for."""
    marks = {"instancetype.kubevirt.io/default-preference": "windows.2k19"}
    meta = old_metadata(now, 420) | {"labels": marks}
    spec = {
        "accessModes": ["ReadWriteMany"],
        "volumeMode": "Block",
        "storageClassName": CLASS,
        "volumeName": f"pvc-{UPLOADED}",
        "resources": {"requests": {"storage": "60Gi"}},
    }
    status = {"phase": "Bound", "capacity": {"storage": "60Gi"}}
    yield build_manifest("v1", "PersistentVolumeClaim", UPLOADED, IMAGES, meta=meta, spec=spec, status=status)
    point = {"pvc": {"name": UPLOADED, "namespace": IMAGES}}
    at = now - timedelta(days=420)
    ready = build_condition("Ready", "True", "Ready", "DataSource is ready to be consumed", at)
    body = {"spec": {"source": point}, "status": {"source": point, "conditions": [ready]}}
    yield build_manifest(CDI, "DataSource", UPLOADED, IMAGES, meta=meta | {"annotations": SSP_OWNED}, **body)
