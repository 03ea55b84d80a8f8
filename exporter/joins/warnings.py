"""Warning events: what Kubernetes and drivers say of objects that imports and polls depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exporter.cluster.resource import Ref
from exporter.cluster.resources import EVENTS
from exporter.cluster.snapshot import View, joint
from exporter.model.core import Event

Warnings = Mapping[str, tuple[Event, ...]]
"""Events by their namespace, in the order of their names."""


@joint(EVENTS)
def warnings(view: View) -> Warnings:
    """The events of each namespace."""
    found: dict[str, list[Event]] = {}
    for key, event in view[EVENTS]:
        found.setdefault(key.namespace, []).append(event)
    return {namespace: tuple(events) for namespace, events in found.items()}


def said_of(known: Warnings, *objects: Ref) -> tuple[str, ...]:
    """`Reason: message` of each event about these objects, every text once."""
    wanted = {(ref.namespace, ref.kind, ref.name) for ref in objects}
    spaces = dict.fromkeys(ref.namespace for ref in objects)
    events = ((space, event) for space in spaces for event in known.get(space, ()))
    return quoted(e for space, e in events if (space, e.kind, e.name) in wanted)


def quoted(events: Iterable[Event]) -> tuple[str, ...]:
    """`Reason: message` of each, every text once."""
    return tuple(dict.fromkeys(f"{event.reason}: {event.message}" for event in events))
