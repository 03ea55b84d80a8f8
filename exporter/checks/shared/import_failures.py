"""Reads from a DataVolume why its import does not get on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from exporter.model.data_volumes import DataVolume
from exporter.model.wire import ABSENT, Condition


class Kind(StrEnum):
    """Sorts of trouble: each has its own causes and its own remedy."""

    QUOTA = "exceeds a quota of its namespace"
    LOST = "has lost its claim"
    REFERENCE = "cannot be imported: its image reference is invalid"
    SIZE = "is too small: the image is larger than the requested size"
    CERTIFICATE = "cannot be imported: the registry's certificate is not trusted"
    CREDENTIALS = "cannot be imported: the registry refuses the credentials (unauthorized)"
    NETWORK = "cannot be imported: the registry cannot be reached"
    PULL = "cannot be imported: its image cannot be pulled"
    SCHEDULING = "cannot be imported: no node takes the importer pod"
    CLAIM = "gets no claim: CDI cannot derive one from the StorageClass and its profile"
    CONSUMER = "waits for a first consumer that an image never has"
    CRASH = "fails and is tried again and again"
    STUCK = "does not get on"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and the words of CDI that show it."""

    kind: Kind
    field: str
    evidence: str


_MESSAGES: Final = (
    (Kind.QUOTA, r"exceeded quota"),
    (Kind.LOST, r"claim lost"),
    (Kind.REFERENCE, r"invalid reference format|could not parse image"),
    (Kind.SIZE, r"too small|no space left|larger than"),
    (Kind.CERTIFICATE, r"x509|certificate"),
    (Kind.CREDENTIALS, r"unauthorized|authentication required|access to the resource is denied|\b40[13]\b"),
    (
        Kind.NETWORK,
        r"no such host|timeout|timed out|deadline exceeded|connection (refused|reset)|no route to host|network is unreachable",
    ),
)
_REASONS: Final = {
    "ErrExceededQuota": Kind.QUOTA,
    "ErrClaimNotValid": Kind.CLAIM,
    "ClaimLost": Kind.LOST,
    "ImagePullFailed": Kind.PULL,
    "Unschedulable": Kind.SCHEDULING,
    "Error": Kind.CRASH,
}
_PHASES: Final = {
    "": Kind.CLAIM,
    "Failed": Kind.CRASH,
    "Unknown": Kind.LOST,
    "WaitForFirstConsumer": Kind.CONSUMER,
    "PendingPopulation": Kind.CONSUMER,
    "Pending": Kind.STUCK,
    "PVCBound": Kind.STUCK,
    "ImportScheduled": Kind.STUCK,
    "CloneScheduled": Kind.STUCK,
}
"""Phases that last seconds or minutes when all is well."""
_MANY_RESTARTS: Final = 3
"""CDI's own alert counts more than this as unusual."""


def trouble_of(volume: DataVolume) -> Trouble | None:
    """What holds up this DataVolume; None if it is done or making progress. Its age is for the caller to judge."""
    if volume.deleted is not None or volume.phase == "Succeeded":
        return None
    for type_ in ("Bound", "Running"):
        told = volume.condition(type_)
        kind = None if told is ABSENT or told.true else _told(told)
        if kind is not None and told is not ABSENT:
            return Trouble(kind, f"status.conditions[type={type_}]", _evidence(volume, told))
    if volume.restart_count > _MANY_RESTARTS:
        return Trouble(Kind.CRASH, "status.restartCount", _evidence(volume))
    kind = _PHASES.get(volume.phase)
    return Trouble(kind, "status.phase", _evidence(volume)) if kind else None


def _told(condition: Condition) -> Kind | None:
    """What a condition that is not true means: its message is more precise than its reason."""
    known = _REASONS.get(condition.reason)
    if known in (None, Kind.CRASH, Kind.PULL):
        said = next((kind for kind, words in _MESSAGES if re.search(words, condition.message, re.IGNORECASE)), None)
        return said or known
    return known


def _evidence(volume: DataVolume, condition: Condition | None = None) -> str:
    parts = [f"phase {volume.phase}" if volume.phase else "no phase"]
    if condition is not None:
        parts.append(f"{condition.type} {condition.status} {condition.reason}: {condition.message[:200]}")
    if volume.restart_count:
        parts.append(f"{volume.restart_count} restarts")
    return ", ".join(parts)
