"""What the words of CDI mean."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.base.excerpts import both_ends
from exporter.checks.shared.import_failures import FailureKind, import_failure_of
from exporter.model.data_volumes import DataVolume, DetailedVolume
from exporter.model.wire import Condition

NAME = "fedora-0123456789ab"


def volume(phase: str, *conditions: tuple[str, str, str], restarts: int = 0, **changes: Any) -> DataVolume:
    told = tuple(
        Condition(type=type_, status="False", reason=reason, message=text) for type_, reason, text in conditions
    )
    return DetailedVolume(phase=phase, conditions=told, restart_count=restarts, **changes)


@pytest.mark.parametrize(
    ("reason", "message", "kind"),
    [
        ("Error", "reading manifest in quay.io/x: unauthorized: authentication required", FailureKind.CREDENTIALS),
        ("Error", "unexpected status code 403", FailureKind.CREDENTIALS),
        ("Error", "requested access to the resource is denied", FailureKind.CREDENTIALS),
        ("Error", "tls: failed to verify certificate: x509: signed by unknown authority", FailureKind.CERTIFICATE),
        ("Error", "dial tcp: lookup quay.io: no such host", FailureKind.DNS),
        ("Error", "lookup quay.io on 10.0.0.10:53: server misbehaving", FailureKind.DNS),
        ("Error", "toomanyrequests: You have reached your unauthenticated pull rate limit", FailureKind.RATE),
        ("Error", "unexpected status code 429 Too Many Requests", FailureKind.RATE),
        ("Error", "reading manifest latest: manifest unknown", FailureKind.MISSING),
        ("Error", "Failed to find VM disk image file in the container image", FailureKind.BOOTC),
        ("Unschedulable", "pod has unbound immediate PersistentVolumeClaims", FailureKind.VOLUME),
        ("Error", "Scratch space required and none found", FailureKind.SCRATCH),
        ("Error", "dial tcp 10.0.0.1:443: i/o timeout", FailureKind.NETWORK),
        ("Error", "read: connection reset by peer", FailureKind.NETWORK),
        ("Error", "context deadline exceeded", FailureKind.NETWORK),
        ("Error", "DataVolume too small to contain image", FailureKind.SIZE),
        ("Error", "write /data/disk.img: no space left on device", FailureKind.SIZE),
        ("Error", "virtual size 21474836480 is larger than available size", FailureKind.SIZE),
        ("Error", "Could not parse image: invalid reference format", FailureKind.REFERENCE),
        ("Error", "pods is forbidden: exceeded quota: compute", FailureKind.QUOTA),
        ("Error", "exit status 1", FailureKind.CRASH),
        ("ImagePullFailed", "failed to pull image: quay.io/x", FailureKind.PULL),
        ("ImagePullFailed", "pull access: unauthorized", FailureKind.CREDENTIALS),
        ("Unschedulable", "0/3 nodes are available", FailureKind.SCHEDULING),
        ("Pending", "", None),
        ("Completed", "Import Complete", None),
        ("", "", None),
    ],
)
def test_the_condition_running(reason: str, message: str, kind: FailureKind | None) -> None:
    trouble = import_failure_of(volume("ImportInProgress", ("Running", reason, message)))
    assert (trouble and trouble.kind) == kind


@pytest.mark.parametrize(
    ("phase", "reason", "message", "kind"),
    [
        ("", "ErrClaimNotValid", "no accessMode specified in StorageProfile x", FailureKind.CLAIM),
        ("Pending", "ErrExceededQuota", "exceeded quota: golden", FailureKind.QUOTA),
        ("Failed", "ClaimLost", "Claim Lost", FailureKind.LOST),
        ("ImportScheduled", "Pending", f"PVC {NAME} Pending", FailureKind.STUCK),
        ("ImportInProgress", "Pending", f"PVC {NAME} Pending", None),
    ],
)
def test_the_condition_bound(phase: str, reason: str, message: str, kind: FailureKind | None) -> None:
    trouble = import_failure_of(volume(phase, ("Bound", reason, message)))
    assert (trouble and trouble.kind) == kind


@pytest.mark.parametrize(
    ("phase", "kind"),
    [
        ("", FailureKind.CLAIM),
        ("Pending", FailureKind.STUCK),
        ("PVCBound", FailureKind.STUCK),
        ("ImportScheduled", FailureKind.STUCK),
        ("CloneScheduled", FailureKind.STUCK),
        ("WaitForFirstConsumer", FailureKind.CONSUMER),
        ("PendingPopulation", FailureKind.CONSUMER),
        ("Failed", FailureKind.CRASH),
        ("Unknown", FailureKind.LOST),
        ("ImportInProgress", None),
        ("CloneInProgress", None),
        ("Succeeded", None),
    ],
)
def test_the_phase_alone(phase: str, kind: FailureKind | None) -> None:
    trouble = import_failure_of(volume(phase))
    assert (trouble and trouble.kind) == kind


@pytest.mark.parametrize(("restarts", "kind"), [(3, None), (4, FailureKind.CRASH)])
def test_more_than_three_restarts_are_a_crash_loop_between_two_errors(restarts: int, kind: FailureKind | None) -> None:
    trouble = import_failure_of(volume("ImportInProgress", restarts=restarts))
    assert (trouble and trouble.kind) == kind


def test_a_condition_that_is_true_is_no_trouble_whatever_it_says() -> None:
    told = Condition(type="Running", status="True", reason="Error", message="unauthorized")
    assert import_failure_of(DetailedVolume(phase="ImportInProgress", conditions=(told,))) is None


def test_the_evidence_quotes_phase_condition_and_restarts() -> None:
    trouble = import_failure_of(volume("ImportInProgress", ("Running", "Error", "boom " * 100 + "the end"), restarts=9))
    shown = both_ends("boom " * 100 + "the end")
    assert shown.endswith("boom the end")
    assert trouble is not None
    assert trouble.field == "status.conditions[type=Running]"
    assert trouble.evidence == f"phase ImportInProgress, Running False Error: {shown}, 9 restarts"
