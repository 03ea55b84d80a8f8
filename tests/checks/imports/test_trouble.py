"""What the words of CDI mean."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.base.excerpts import both_ends
from exporter.checks.shared.import_failures import Kind, trouble_of
from exporter.model.data_volumes import DataVolume
from exporter.model.wire import Condition

NAME = "fedora-0123456789ab"


def volume(phase: str, *conditions: tuple[str, str, str], restarts: int = 0, **changes: Any) -> DataVolume:
    told = tuple(
        Condition(type=type_, status="False", reason=reason, message=text) for type_, reason, text in conditions
    )
    return DataVolume(phase=phase, conditions=told, restart_count=restarts, **changes)


@pytest.mark.parametrize(
    ("reason", "message", "kind"),
    [
        ("Error", "reading manifest in quay.io/x: unauthorized: authentication required", Kind.CREDENTIALS),
        ("Error", "unexpected status code 403", Kind.CREDENTIALS),
        ("Error", "requested access to the resource is denied", Kind.CREDENTIALS),
        ("Error", "tls: failed to verify certificate: x509: signed by unknown authority", Kind.CERTIFICATE),
        ("Error", "dial tcp: lookup quay.io: no such host", Kind.DNS),
        ("Error", "lookup quay.io on 10.0.0.10:53: server misbehaving", Kind.DNS),
        ("Error", "toomanyrequests: You have reached your unauthenticated pull rate limit", Kind.RATE),
        ("Error", "unexpected status code 429 Too Many Requests", Kind.RATE),
        ("Error", "reading manifest latest: manifest unknown", Kind.MISSING),
        ("Error", "Failed to find VM disk image file in the container image", Kind.BOOTC),
        ("Unschedulable", "pod has unbound immediate PersistentVolumeClaims", Kind.VOLUME),
        ("Error", "Scratch space required and none found", Kind.SCRATCH),
        ("Error", "dial tcp 10.0.0.1:443: i/o timeout", Kind.NETWORK),
        ("Error", "read: connection reset by peer", Kind.NETWORK),
        ("Error", "context deadline exceeded", Kind.NETWORK),
        ("Error", "DataVolume too small to contain image", Kind.SIZE),
        ("Error", "write /data/disk.img: no space left on device", Kind.SIZE),
        ("Error", "virtual size 21474836480 is larger than available size", Kind.SIZE),
        ("Error", "Could not parse image: invalid reference format", Kind.REFERENCE),
        ("Error", "pods is forbidden: exceeded quota: compute", Kind.QUOTA),
        ("Error", "exit status 1", Kind.CRASH),
        ("ImagePullFailed", "failed to pull image: quay.io/x", Kind.PULL),
        ("ImagePullFailed", "pull access: unauthorized", Kind.CREDENTIALS),
        ("Unschedulable", "0/3 nodes are available", Kind.SCHEDULING),
        ("Pending", "", None),
        ("Completed", "Import Complete", None),
        ("", "", None),
    ],
)
def test_the_condition_running(reason: str, message: str, kind: Kind | None) -> None:
    trouble = trouble_of(volume("ImportInProgress", ("Running", reason, message)))
    assert (trouble and trouble.kind) == kind


@pytest.mark.parametrize(
    ("phase", "reason", "message", "kind"),
    [
        ("", "ErrClaimNotValid", "no accessMode specified in StorageProfile x", Kind.CLAIM),
        ("Pending", "ErrExceededQuota", "exceeded quota: golden", Kind.QUOTA),
        ("Failed", "ClaimLost", "Claim Lost", Kind.LOST),
        ("ImportScheduled", "Pending", f"PVC {NAME} Pending", Kind.STUCK),
        ("ImportInProgress", "Pending", f"PVC {NAME} Pending", None),
    ],
)
def test_the_condition_bound(phase: str, reason: str, message: str, kind: Kind | None) -> None:
    trouble = trouble_of(volume(phase, ("Bound", reason, message)))
    assert (trouble and trouble.kind) == kind


@pytest.mark.parametrize(
    ("phase", "kind"),
    [
        ("", Kind.CLAIM),
        ("Pending", Kind.STUCK),
        ("PVCBound", Kind.STUCK),
        ("ImportScheduled", Kind.STUCK),
        ("CloneScheduled", Kind.STUCK),
        ("WaitForFirstConsumer", Kind.CONSUMER),
        ("PendingPopulation", Kind.CONSUMER),
        ("Failed", Kind.CRASH),
        ("Unknown", Kind.LOST),
        ("ImportInProgress", None),
        ("CloneInProgress", None),
        ("Succeeded", None),
    ],
)
def test_the_phase_alone(phase: str, kind: Kind | None) -> None:
    trouble = trouble_of(volume(phase))
    assert (trouble and trouble.kind) == kind


@pytest.mark.parametrize(("restarts", "kind"), [(3, None), (4, Kind.CRASH)])
def test_more_than_three_restarts_are_a_crash_loop_between_two_errors(restarts: int, kind: Kind | None) -> None:
    trouble = trouble_of(volume("ImportInProgress", restarts=restarts))
    assert (trouble and trouble.kind) == kind


def test_a_condition_that_is_true_is_no_trouble_whatever_it_says() -> None:
    told = Condition(type="Running", status="True", reason="Error", message="unauthorized")
    assert trouble_of(DataVolume(phase="ImportInProgress", conditions=(told,))) is None


def test_the_evidence_quotes_phase_condition_and_restarts() -> None:
    trouble = trouble_of(volume("ImportInProgress", ("Running", "Error", "boom " * 100 + "the end"), restarts=9))
    shown = both_ends("boom " * 100 + "the end")
    assert shown.endswith("boom the end")
    assert trouble is not None
    assert trouble.field == "status.conditions[type=Running]"
    assert trouble.evidence == f"phase ImportInProgress, Running False Error: {shown}, 9 restarts"
