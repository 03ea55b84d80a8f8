"""Draft: the tables of a cluster, changed step by step, with a log of the steps. The cluster itself stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from exporter.cluster.resource import Ref, Resource
from exporter.cluster.snapshot import ClusterSnapshot, Table
from exporter.kube.contract import Key, State
from exporter.report import ObjectRef
from exporter.whatif.document import Action, Actor, Certainty, FieldValue, Step
from exporter.whatif.rules import Rule

T = TypeVar("T")


@dataclass(slots=True)
class Draft:
    """A cluster that may be changed, and what was done to it."""

    cluster: ClusterSnapshot
    at: datetime
    """The instant of the changes."""
    steps: list[Step] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """What could not be foreseen, and why."""
    _tables: dict[Resource[Any], Table[Any]] = field(init=False)
    _view: ClusterSnapshot | None = None

    def __post_init__(self) -> None:
        self._tables = {table.resource: table for table in self.cluster}

    def view(self) -> ClusterSnapshot:
        """The cluster as it is now."""
        if self._view is None:
            self._view = ClusterSnapshot(self._tables, self.cluster)
        return self._view

    def rows(self, resource: Resource[T]) -> Mapping[Key, T]:
        """The rows of a resource by key; safe to iterate over while rows change."""
        return self._tables[resource].rows

    def get(self, resource: Resource[T], key: Key) -> T | None:
        """A row, or None if there is none that can be read."""
        row: T | None = self._tables[resource].rows.get(key)
        return row

    def is_known(self, resource: Resource[Any]) -> bool:
        """The rows of the resource were read."""
        return self._tables[resource].is_known(self.at)

    def is_served(self, resource: Resource[Any]) -> bool:
        """False only if the API server is known not to serve it."""
        return self._tables[resource].state is not State.NOT_SERVED

    def put(self, resource: Resource[T], key: Key, row: T) -> None:
        """Add or replace a row."""
        self._write(resource, {**self._tables[resource].rows, key: row})

    def drop(self, resource: Resource[Any], key: Key) -> None:
        """Delete a row, if it is there."""
        if key in self._tables[resource].rows:
            self._write(resource, {k: row for k, row in self._tables[resource].rows.items() if k != key})

    def _write(self, resource: Resource[Any], rows: Mapping[Key, Any]) -> None:
        table = self._tables[resource]
        self._tables[resource] = replace(table, rows=MappingProxyType(dict(rows)), version=table.version + 1)
        self._view = None

    def log(
        self,
        actor: Actor,
        action: Action,
        ref: Ref,
        summary: str,
        rule: Rule,
        *,
        depends: str = "",
        unknown: str = "",
        fields: Iterable[FieldValue] = (),
        **more: Any,  # noqa: ANN401  (further parts of a Step)
    ) -> Step:
        """Write down a step. `depends` and `unknown` say on what it depends, or why it cannot be told."""
        certainty = Certainty.UNKNOWN if unknown else Certainty.DEPENDS if depends else Certainty.KNOWN
        step = Step(
            number=len(self.steps) + 1,
            actor=actor,
            action=action,
            object=object_ref(ref),
            summary=summary,
            certainty=certainty,
            depends_on=unknown or depends,
            rule=rule.value,
            fields=tuple(fields),
            **more,
        )
        self.steps.append(step)
        return step


def object_ref(ref: Ref) -> ObjectRef:
    """A reference as documents write it."""
    return ObjectRef(kind=ref.kind, namespace=ref.namespace, name=ref.name)


def changed_fields(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FieldValue, ...]:
    """The fields in which two flat descriptions of an object differ."""
    paths = dict.fromkeys((*before, *after))
    return tuple(
        FieldValue(path=path, before=before.get(path, ""), after=after.get(path, ""))
        for path in paths
        if before.get(path, "") != after.get(path, "")
    )
