"""Store: the only mutable state. One writer per table (or per namespace of a table), any number of readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from exporter.base.clock import Clock
from exporter.cluster.resource import Resource, Scope
from exporter.cluster.snapshot import ClusterSnapshot, Given, Table
from exporter.kube.contract import Item, Key, Rejected, State

T = TypeVar("T")

_WORST_FIRST: Final = (
    State.DISABLED,
    State.FORBIDDEN,
    State.FAILED,
    State.NOT_COLLECTED,
    State.PENDING,
    State.STALE,
    State.NOT_SERVED,
    State.LIVE,
)
_EMPTYING: Final = {State.FORBIDDEN, State.NOT_SERVED, State.DISABLED}
WHERE: Final = "-"
"""The part of a scoped table that holds whether its namespaces are known yet."""
ELSEWHERE: Final = "*"
"""In place of a namespace: all that are not visible, when it is unknown which of them hold boot sources."""
_WHOLE: Final = {"", WHERE}
_NAMED: Final = 5
"""How many hidden namespaces a detail names; the rest is counted."""


@dataclass(slots=True)
class _Part(Generic[T]):
    """What one reflector has written: a whole table, or one namespace of it."""

    rows: dict[Key, T] = field(default_factory=dict)
    rejected: dict[Key, Rejected] = field(default_factory=dict)
    state: State = State.PENDING
    detail: str = ""
    stale_since: datetime | None = None
    alive_at: datetime | None = None


class Store:
    """Holds the newest rows of all reflectors and freezes them into ClusterSnapshots."""

    def __init__(self, resources: Iterable[Resource[Any]], clock: Clock) -> None:
        self.clock = clock
        self.changed = Condition()
        self._parts: dict[Resource[Any], dict[str, _Part[Any]]] = {r: {} for r in resources}
        self._frozen: dict[Resource[Any], Table[Any]] = {r: Table(r) for r in self._parts}
        self._dirty: set[Resource[Any]] = set()
        self._supplied: dict[Given[Any], Any] = {}
        self._snapshot = ClusterSnapshot(self._frozen)
        self.generation = 0
        """Counts changes that a reader can see."""
        self.only: frozenset[str] | None = None
        """The only namespaces in which scoped resources are read; None: all that matter."""
        self._left_out: frozenset[str] = frozenset()

    def sink(self, resource: Resource[T], part: str = "") -> TableSink[T]:
        """A writer for one table, or for one part of it (a namespace)."""
        with self.changed:
            if part not in self._parts[resource]:
                self._parts[resource][part] = _Part()
                self.touch(resource)
            return TableSink(self, resource, self._parts[resource][part])

    def drop_part(self, resource: Resource[Any], part: str) -> None:
        """Remove a namespace from a table: it holds no boot sources now."""
        with self.changed:
            if self._parts[resource].pop(part, None) is not None:
                self.touch(resource)

    def settle(self, resource: Resource[Any], state: State, detail: str = "") -> None:
        """Set the state of a table that has no reflector."""
        self.settle_part(resource, "", state, detail)

    def switch_off(self, resources: Iterable[Resource[Any]], by: str) -> None:
        """Mark resources as switched off by the administrator; `by` names the option or the file that did it."""
        for resource in resources:
            self.settle(resource, State.DISABLED, f"switched off by {by}")

    def supply(self, given: Given[T], value: T) -> None:
        """Set what snapshots hold beside the tables. Everything is computed again, since anything may depend on it."""
        with self.changed:
            if self._supplied.get(given, given.default) != value:
                self._supplied[given] = value
                for resource in self._parts:
                    self.touch(resource)

    def look_only_in(self, namespaces: frozenset[str]) -> None:
        """Limit scoped resources to these namespaces (`--namespaces`); an empty set removes the limit."""
        with self.changed:
            self.only = namespaces or None
            self._touch_scoped()

    def leave_out(self, namespaces: frozenset[str]) -> None:
        """Set the namespaces with boot sources that `look_only_in` excludes, so that checks report them as hidden."""
        with self.changed:
            if namespaces != self._left_out:
                self._left_out = namespaces
                self._touch_scoped()

    def _touch_scoped(self) -> None:
        for resource in self._parts:
            if resource.scope is Scope.BOOT_SOURCES:
                self.touch(resource)

    def settle_part(self, resource: Resource[Any], part: str, state: State, detail: str = "") -> None:
        """Set the state of a part of a table that has no reflector."""
        self.sink(resource, part).state(state, detail)

    def freeze(self) -> ClusterSnapshot:
        """All tables as they are now; the same object as before if nothing has changed."""
        with self.changed:
            if self._dirty:
                for resource in self._dirty:
                    self._frozen[resource] = self._merged(resource)
                self._dirty.clear()
                self._snapshot = ClusterSnapshot(self._frozen, self._snapshot, self._supplied)
            return self._snapshot

    def wait_for_change(self, generation: int, seconds: float) -> bool:
        """Block until the generation differs from this one or `seconds` have passed; True if it differs."""
        with self.changed:
            return self.changed.wait_for(lambda: self.generation != generation, seconds)

    def wake(self) -> None:
        """Wake all threads in `wait_for_change`, for example when the program ends."""
        with self.changed:
            self.generation += 1
            self.changed.notify_all()

    def alive_at(self, resource: Resource[Any]) -> datetime | None:
        """When the oldest watch of this table last proved itself alive; None if any never has."""
        with self.changed:
            visible, _ = self._visible(resource)
            instants = [part.alive_at for name, part in visible.items() if name != WHERE]
        known = [i for i in instants if i is not None]
        return min(known) if known and len(known) == len(instants) else None

    def touch(self, resource: Resource[Any]) -> None:
        """Mark a table as changed. The caller must hold `changed`."""
        self._dirty.add(resource)
        self.generation += 1
        self.changed.notify_all()

    def _merged(self, resource: Resource[Any]) -> Table[Any]:
        parts, hidden = self._visible(resource)
        worst: _Part[Any] = min(parts.values(), key=lambda p: _WORST_FIRST.index(p.state), default=_Part())
        if worst.state is State.NOT_SERVED:
            hidden = {}  # not served: there are no objects in any namespace, so none can be hidden
        rows: dict[Key, Any] = {}
        rejected: dict[Key, Rejected] = {}
        for part in parts.values():
            rows.update(part.rows)
            rejected.update(part.rejected)
        return Table(
            resource,
            state=worst.state,
            detail="; ".join(filter(None, (worst.detail, _explain(hidden)))),
            rows=MappingProxyType(rows),
            rejected=MappingProxyType(rejected),
            stale_since=min((p.stale_since for p in parts.values() if p.stale_since), default=None),
            only=self.only if resource.scope is Scope.BOOT_SOURCES and worst.state is not State.NOT_SERVED else None,
            hidden=MappingProxyType(hidden),
            version=self.generation,
        )

    def _visible(self, resource: Resource[Any]) -> tuple[dict[str, _Part[Any]], dict[str, State]]:
        """The parts that decide the table's state, and the namespaces that are hidden.

        A 403 in one of several namespaces hides that namespace; a 403 in all of them is the state of the table.
        """
        parts = self._parts[resource]
        refused = {name for name, part in parts.items() if part.state is State.FORBIDDEN and name not in _WHOLE}
        if not parts.keys() - refused - _WHOLE:
            refused = set()
        hidden = dict.fromkeys(sorted(refused), State.FORBIDDEN)
        if resource.scope is Scope.BOOT_SOURCES:
            hidden |= dict.fromkeys(sorted(self._left_out), State.DISABLED)
        return {name: part for name, part in parts.items() if name not in refused}, hidden


def _explain(hidden: Mapping[str, State]) -> str:
    """Which namespaces are not visible and why; "" if all are."""
    reasons = {State.FORBIDDEN: "forbidden", State.DISABLED: "left out of --namespaces"}
    found = []
    for state, reason in reasons.items():
        names = [name for name, why in hidden.items() if why is state]
        if names:
            others = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            found.append(f"not visible in {', '.join(names[:_NAMED])}{others} ({reason})")
    return "; ".join(found)


class TableSink(Generic[T]):
    """Writes one reflector's rows into the store. An event that leaves the row equal does not start an evaluation."""

    def __init__(self, store: Store, resource: Resource[T], part: _Part[T]) -> None:
        self._store = store
        self._resource = resource
        self._part = part

    def replace(self, rows: dict[Key, T], rejected: dict[Key, Rejected]) -> None:
        """Swap in a complete list; a reader sees the old rows or the new ones, never a mixture."""
        with self._store.changed:
            part = self._part
            if part.rows != rows or part.rejected != rejected:
                part.rows, part.rejected = rows, rejected
                self._store.touch(self._resource)

    def apply(self, item: Item[T]) -> None:
        """Add or change one object."""
        rows, rejected = self._part.rows, self._part.rejected
        # This thread is the only writer of the part, so reading needs no lock. Nearly all events of VirtualMachines end
        # here: only a row that differs takes the lock.
        known = rows.get(item.key)
        if (known is item.row or known == item.row) and rejected.get(item.key) == item.rejected:
            return
        with self._store.changed:
            rows.pop(item.key, None)
            rejected.pop(item.key, None)
            if item.rejected is not None:
                rejected[item.key] = item.rejected
            elif item.row is not None:
                rows[item.key] = item.row
            self._store.touch(self._resource)

    def remove(self, key: Key) -> None:
        """Delete one object."""
        with self._store.changed:
            known = self._part.rows.pop(key, None) is not None
            refused = self._part.rejected.pop(key, None) is not None
            if known or refused:
                self._store.touch(self._resource)

    def state(self, state: State, detail: str = "") -> None:
        """Set the state of the part. FORBIDDEN and NOT_SERVED drop its rows."""
        with self._store.changed:
            part = self._part
            if part.state is state and part.detail == detail:
                return
            # Stale since the last bytes arrived, not since the error: a half-open connection is noticed late, and its
            # rows are that much older.
            since = part.stale_since or part.alive_at or self._store.clock.now()
            part.stale_since = since if state is State.STALE else None
            part.state, part.detail = state, detail
            if state in _EMPTYING:
                part.rows, part.rejected, part.alive_at = {}, {}, None
            self._store.touch(self._resource)

    def alive(self) -> None:
        """Record that bytes have arrived. Does not change the generation, so it starts no evaluation."""
        self._part.alive_at = self._store.clock.now()
