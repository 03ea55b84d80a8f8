"""The record that `collect` puts at the end of its file: when it was made, and what it could not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from exporter.kube.contract import State

KIND: Final = "BootSourceCollection"
API_VERSION: Final = "bootsource.kubevirt.io/v1"
_STATES: Final = {state.value: state for state in (State.LIVE, State.NOT_SERVED, State.FORBIDDEN, State.FAILED)}
_LONGEST: Final = 500
"""Characters of a detail that are kept."""


@dataclass(frozen=True, slots=True)
class CollectionRecord:
    """What the file says about itself."""

    at: datetime
    states: Mapping[str, tuple[State, str]]
    """Per resource, by its plural: what came of reading it, and why it could not be read."""

    def document(self, version: str) -> dict[str, Any]:
        """As it is written."""
        resources = [
            {"resource": name, "state": state.value, **({"detail": detail} if detail else {})}
            for name, (state, detail) in self.states.items()
        ]
        return {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {"name": "collection"},
            "collectedAt": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "collectedBy": f"bootsource-exporter {version}",
            "resources": resources,
        }


def record_of(value: Mapping[str, Any]) -> CollectionRecord | None:
    """The record that a document is; None if it is none, or not one that can be read."""
    if value.get("apiVersion") != API_VERSION or value.get("kind") != KIND:
        return None
    try:
        at = datetime.fromisoformat(str(value.get("collectedAt")))
    except ValueError:
        return None
    listed = value.get("resources")
    states: dict[str, tuple[State, str]] = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and str(one.get("state")) in _STATES:
            detail = str(one.get("detail") or "")[:_LONGEST]
            states[str(one.get("resource"))] = (_STATES[str(one["state"])], detail)
    return CollectionRecord(at.astimezone(UTC), states) if at.tzinfo else None
