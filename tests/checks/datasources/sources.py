"""DataSources in every state, and crons that have imported nothing."""

from __future__ import annotations

from typing import Any

from tests.worlds import IMAGES, SSP_OWNED, Manifest, a_cron, a_data_source, condition, merge

PREFERENCE: Manifest = {"instancetype.kubevirt.io/default-preference": "fedora"}


def claim(name: str, namespace: str = IMAGES) -> Manifest:
    """spec.source of a DataSource on a claim."""
    return {"pvc": {"name": name, "namespace": namespace}}


def pointer(name: str, namespace: str = IMAGES) -> Manifest:
    """spec.source of a DataSource on another one."""
    return {"dataSource": {"name": name, "namespace": namespace}}


def a_source(
    name: str = "fedora",
    source: Manifest | None = None,
    *,
    cron: str = "",
    reason: str = "",
    message: str = "",
    ssp: bool = False,
    hours: float = 5,
    **changes: Any,
) -> Manifest:
    """A DataSource that stands for `source`: ready, or not for this reason since so many hours."""
    told = ("False", reason, message) if reason or message else ("True", "Ready", "DataSource is ready to be consumed")
    base = a_data_source(
        name,
        cron=cron,
        metadata={"annotations": SSP_OWNED if ssp else {}},
        status={"source": None, "conditions": [condition("Ready", *told, hours=hours)]},
    )
    return merge({**base, "spec": {"source": source or {}}}, changes)


def a_placeholder(name: str = "win11", **changes: Any) -> Manifest:
    """What SSP keeps for an operating system without a cron."""
    return a_source(name, claim(name), reason="NotFound", message="PVC not found", ssp=True, **changes)


def nothing_imported(name: str = "fedora-image-cron", *, managed: str = "fedora", **changes: Any) -> Manifest:
    """A cron that has never learnt a digest."""
    status = {
        "currentImports": [],
        "lastImportedPVC": None,
        "conditions": [condition("UpToDate", "False", "NoDigest", "No source digest", days=2)],
    }
    return merge(a_cron(name, managed=managed, status=status), changes)
