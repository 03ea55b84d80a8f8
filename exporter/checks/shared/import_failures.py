"""Reads from a DataVolume why its import makes no progress."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from exporter.base.excerpts import both_ends
from exporter.model.data_volumes import DataVolume
from exporter.model.wire import ABSENT, Condition


class FailureKind(StrEnum):
    """Sorts of trouble: each has its own causes and its own remedy."""

    QUOTA = "exceeds a quota of its namespace"
    LOST = "has lost its claim"
    REFERENCE = "cannot be imported: its image reference is invalid"
    SIZE = "is too small: the image is larger than the requested size"
    BOOTC = "cannot be imported: its image holds no disk, as bootable containers (bootc) do not"
    FORMAT = "cannot be imported: its image holds no disk that CDI can read"
    CERTIFICATE = "cannot be imported: the registry's certificate is not trusted"
    RATE = "cannot be imported: the registry limits how often it may be pulled from (429, pull rate limit)"
    CREDENTIALS = "cannot be imported: the registry refuses the credentials (unauthorized)"
    MISSING = "cannot be imported: the registry does not have the image"
    DNS = "cannot be imported: the name of the registry cannot be resolved"
    NETWORK = "cannot be imported: the registry cannot be reached"
    PULL = "cannot be imported: its image cannot be pulled"
    SCHEDULING = "cannot be imported: no node takes the importer pod"
    CLAIM = "gets no claim: CDI cannot derive one from the StorageClass and its profile"
    VOLUME = "waits for a volume: its claim is Pending"
    SCRATCH = "waits for scratch space, a second claim to unpack the image in"
    CONSUMER = "waits for a first consumer that an image never has"
    CRASH = "fails and is tried again and again"
    COMPLETE = "has copied all of its data and does not end"
    STUCK = "makes no progress: its importer has not started"


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """What is wrong, and the words of CDI that show it."""

    kind: FailureKind
    field: str
    evidence: str


_MESSAGES: Final = (
    (FailureKind.QUOTA, r"exceeded quota"),
    (FailureKind.LOST, r"claim lost"),
    (FailureKind.VOLUME, r"unbound immediate persistentvolumeclaims?"),
    (FailureKind.REFERENCE, r"invalid reference format|could not parse image"),
    (FailureKind.BOOTC, r"bootc|bootable container|find (?:a )?(?:vm )?disk image"),
    (FailureKind.SIZE, r"too small|no space left|larger than"),
    (FailureKind.CERTIFICATE, r"x509|certificate"),
    # "You have reached your unauthenticated pull rate limit" comes with words that sound like refused credentials.
    (FailureKind.RATE, r"toomanyrequests|too many requests|rate limit|\b429\b"),
    (FailureKind.CREDENTIALS, r"unauthorized|authentication required|access to the resource is denied|\b40[13]\b"),
    (FailureKind.MISSING, r"manifest unknown|name unknown|\b404\b"),
    (FailureKind.DNS, r"no such host|server misbehaving|temporary failure in name resolution"),
    (
        FailureKind.NETWORK,
        r"timeout|timed out|deadline exceeded|connection (refused|reset)|no route to host|network is unreachable",
    ),
    (FailureKind.FORMAT, r"invalid (?:image )?format|unsupported (?:image )?format|backing file"),
)
_REASONS: Final = {
    "ErrExceededQuota": FailureKind.QUOTA,
    "ErrClaimNotValid": FailureKind.CLAIM,
    "ClaimLost": FailureKind.LOST,
    "ImagePullFailed": FailureKind.PULL,
    "Unschedulable": FailureKind.SCHEDULING,
    "CreatingScratchSpace": FailureKind.SCRATCH,
    "ScratchSpaceRequired": FailureKind.SCRATCH,
    "Error": FailureKind.CRASH,
}
_VAGUE: Final = (None, FailureKind.CRASH, FailureKind.PULL, FailureKind.SCHEDULING)
"""Reasons that the message explains."""
_SCRATCH: Final = "scratch space required"
"""What CDI writes where the image can only be converted in a second claim; it is no failure by itself."""
_PHASES: Final = {
    "": FailureKind.CLAIM,
    "Failed": FailureKind.CRASH,
    "Unknown": FailureKind.LOST,
    "WaitForFirstConsumer": FailureKind.CONSUMER,
    "PendingPopulation": FailureKind.CONSUMER,
    "Pending": FailureKind.STUCK,
    "PVCBound": FailureKind.STUCK,
    "ImportScheduled": FailureKind.STUCK,
    "CloneScheduled": FailureKind.STUCK,
}
"""Phases that last seconds or minutes when all is well."""
_MANY_RESTARTS: Final = 3
"""CDI's own alert counts more than this as unusual."""


def import_failure_of(volume: DataVolume) -> ImportFailure | None:
    """What holds up this DataVolume; None if it is done or making progress. Its age is for the caller to judge."""
    if volume.deleted is not None or volume.phase == "Succeeded":
        return None
    for type_ in ("Bound", "Running"):
        told = volume.condition(type_)
        kind = None if told is ABSENT or told.true else _kind_of(told)
        if kind is not None and told is not ABSENT:
            return ImportFailure(kind, f"status.conditions[type={type_}]", _evidence(volume, told))
    if volume.restart_count > _MANY_RESTARTS:
        return ImportFailure(FailureKind.CRASH, "status.restartCount", _evidence(volume))
    if volume.transferred:
        return ImportFailure(FailureKind.COMPLETE, "status.progress", f"{_evidence(volume)}, progress 100%")
    kind = _PHASES.get(volume.phase)
    if kind is FailureKind.CLAIM and volume.claim:
        kind = FailureKind.STUCK  # CDI writes a phase only when the importer pod has one
    return ImportFailure(kind, "status.phase", _evidence(volume, _waiting(volume))) if kind else None


def kind_of_message(message: str) -> FailureKind | None:
    """What a message of CDI, of a registry or of Kubernetes is about; None if no rule knows it."""
    return next((kind for kind, words in _MESSAGES if re.search(words, message, re.IGNORECASE)), None)


def _kind_of(condition: Condition) -> FailureKind | None:
    """What a condition that is not true means: its message is more precise than its reason."""
    known = _REASONS.get(condition.reason)
    if known not in _VAGUE:
        return known
    said = kind_of_message(condition.message)
    scratch = FailureKind.SCRATCH if _SCRATCH in condition.message.lower() else None
    return said or scratch or known


def _waiting(volume: DataVolume) -> Condition | None:
    """The condition that says most about an import that has not begun."""
    told = (volume.condition(type_) for type_ in ("Bound", "Running"))
    return next((c for c in told if c is not ABSENT and not c.true and c.message), None)


def _evidence(volume: DataVolume, condition: Condition | None = None) -> str:
    parts = [f"phase {volume.phase}" if volume.phase else "no phase"]
    if condition is not None:
        parts.append(f"{condition.type} {condition.status} {condition.reason}: {both_ends(condition.message)}")
    if volume.restart_count:
        parts.append(f"{volume.restart_count} restarts")
    return ", ".join(parts)
