"""Known: a cluster in which only what is known can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from exporter.cluster.resource import Resource
from exporter.cluster.snapshot import ClusterSnapshot, Joint, Table, UndecodableError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KnownView:
    """Gives None for what is not known."""

    cluster: ClusterSnapshot
    unknown: frozenset[Resource[Any]]

    def table(self, resource: Resource[T]) -> Table[T] | None:
        """The table, if it is known."""
        return None if resource in self.unknown else self.cluster[resource]

    def join(self, joint: Joint[T]) -> T | None:
        """The result of the joint, if all that it reads is known."""
        if joint.reads & self.unknown:
            return None
        try:
            return self.cluster.join(joint)
        except UndecodableError:
            return None
