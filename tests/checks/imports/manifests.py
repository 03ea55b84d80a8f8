"""Builders for imports: crons that import, volumes that fail, contents of snapshots."""

from __future__ import annotations

from typing import Any

from tests.worlds import Manifest, a_cron, a_data_volume, ago, condition, manifest, merge

VOLUME = "fedora-0123456789ab"


def a_content(name: str = f"content-{VOLUME}") -> Manifest:
    """A VolumeSnapshotContent."""
    return manifest("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent", name)


def pvc_cron(**changes: Any) -> Manifest:
    """A cron of format pvc."""
    return merge(a_cron(status={"sourceFormat": "pvc"}), changes)


def outdated_conditions(
    reason: str = "ImportProgressing", message: str = "Import is progressing", **span: float
) -> Manifest:
    """Conditions of a cron whose newest digest is not imported, for two hours if not told otherwise."""
    span = span or {"hours": 2}
    return {
        "conditions": [
            condition("Progressing", "True", reason, message),
            condition("UpToDate", "False", reason, message, **span),
        ]
    }


def _since(span: dict[str, float]) -> Manifest:
    return outdated_conditions("ImportProgressing", "Import is progressing", **span)


def an_importing_cron(**span: float) -> Manifest:
    """A cron that has imported before and imports now."""
    return a_cron(status=_since(span))


def a_first_import(**span: float) -> Manifest:
    """A cron that has never imported; made as long ago as its condition tells."""
    never = {"lastImportedPVC": None, "lastImportTimestamp": None, "sourceFormat": None}
    return a_cron(status=merge(never, _since(span)), metadata={"creationTimestamp": ago(**(span or {"hours": 2}))})


def a_failing_volume(phase: str = "ImportInProgress", *told: Manifest, restarts: int = 0, **span: float) -> Manifest:
    """A DataVolume of fedora's cron in this phase, made two hours ago if not told otherwise."""
    status = {"conditions": list(told), **({"restartCount": restarts} if restarts else {})}
    return a_data_volume(phase=phase, status=status, metadata={"creationTimestamp": ago(**(span or {"hours": 2}))})


def running(reason: str, message: str = "", status: str = "False") -> Manifest:
    """The condition Running of a DataVolume."""
    return condition("Running", status, reason, message, hours=1)


def bound(reason: str, message: str = "") -> Manifest:
    """The condition Bound of a DataVolume that is not."""
    return condition("Bound", "False", reason, message, hours=1)
