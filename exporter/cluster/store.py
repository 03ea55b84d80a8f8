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
from exporter.cluster.snapshot import ClusterSnapshot, Table
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
"""The part of a scoped table that stands for knowing its namespaces."""
ELSEWHERE: Final = "*"
"""In place of a namespace: any of those that are not visible, as which of them matter is not known."""
_WHOLE: Final = {"", WHERE}
_NAMED: Final = 5
"""So many hidden namespaces are named in a detail; more of them are counted."""


@dataclass(slots=True)
class _Part(Generic[T]):
    """What one reflector has told: a whole table, or one namespace of it."""

    rows: dict[Key, T] = field(default_factory=dict)
    rejected: dict[Key, Rejected] = field(default_factory=dict)
    state: State = State.PENDING
    detail: str = ""
    stale_since: datetime | None = None
    alive_at: datetime | None = None


class Store:
    """Holds what the reflectors have learnt and freezes it into ClusterSnapshots."""

    def __init__(self, resources: Iterable[Resource[Any]], clock: Clock) -> None:
        self.clock = clock
        self.changed = Condition()
        self._parts: dict[Resource[Any], dict[str, _Part[Any]]] = {r: {} for r in resources}
        self._frozen: dict[Resource[Any], Table[Any]] = {r: Table(r) for r in self._parts}
        self._dirty: set[Resource[Any]] = set()
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
        """Forget a namespace of a table: nothing points into it any more."""
        with self.changed:
            if self._parts[resource].pop(part, None) is not None:
                self.touch(resource)

    def settle(self, resource: Resource[Any], state: State, detail: str = "") -> None:
        """Say what is known of a table that nobody watches."""
        self.settle_part(resource, "", state, detail)

    def switch_off(self, resources: Iterable[Resource[Any]], by: str) -> None:
        """Say that the administrator does not want these watched; `by` names where that was said."""
        for resource in resources:
            self.settle(resource, State.DISABLED, f"switched off by {by}")

    def look_only_in(self, namespaces: frozenset[str]) -> None:
        """Read scoped resources in these namespaces alone, as the administrator wants it; in all if there are none."""
        with self.changed:
            self.only = namespaces or None
            self._touch_scoped()

    def leave_out(self, namespaces: frozenset[str]) -> None:
        """Say which namespaces that matter `look_only_in` keeps from being read."""
        with self.changed:
            if namespaces != self._left_out:
                self._left_out = namespaces
                self._touch_scoped()

    def _touch_scoped(self) -> None:
        for resource in self._parts:
            if resource.scope is Scope.BOOT_SOURCES:
                self.touch(resource)

    def settle_part(self, resource: Resource[Any], part: str, state: State, detail: str = "") -> None:
        """Say what is known of a part that nobody watches."""
        self.sink(resource, part).state(state, detail)

    def freeze(self) -> ClusterSnapshot:
        """All tables as they are now; the same object as before if nothing has changed."""
        with self.changed:
            if self._dirty:
                for resource in self._dirty:
                    self._frozen[resource] = self._merged(resource)
                self._dirty.clear()
                self._snapshot = ClusterSnapshot(self._frozen, self._snapshot)
            return self._snapshot

    def wait_for_change(self, generation: int, seconds: float) -> bool:
        """Block until the generation differs from this one, at most this long; True if it does."""
        with self.changed:
            return self.changed.wait_for(lambda: self.generation != generation, seconds)

    def wake(self) -> None:
        """Let everyone who waits for a change look again, as when the program ends."""
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
        """A reader would see a difference; call it with `changed` held."""
        self._dirty.add(resource)
        self.generation += 1
        self.changed.notify_all()

    def _merged(self, resource: Resource[Any]) -> Table[Any]:
        parts, hidden = self._visible(resource)
        worst: _Part[Any] = min(parts.values(), key=lambda p: _WORST_FIRST.index(p.state), default=_Part())
        if worst.state is State.NOT_SERVED:
            hidden = {}  # there are none anywhere, wherever we may look
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
        """The parts that tell the table's state, and the namespaces that are hidden.

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
    """Writes what one reflector learns into the store. An event that changes nothing we keep changes nothing."""

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
        # Nobody else writes to this part, so looking needs no lock; nearly all events of a large kind end here.
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
        """Take note of what is known; states in which nothing can be seen drop the rows."""
        with self._store.changed:
            part = self._part
            if part.state is state and part.detail == detail:
                return
            # Old since the server was last heard, not since we noticed: a half-open connection is believed for a while.
            since = part.stale_since or part.alive_at or self._store.clock.now()
            part.stale_since = since if state is State.STALE else None
            part.state, part.detail = state, detail
            if state in _EMPTYING:
                part.rows, part.rejected, part.alive_at = {}, {}, None
            self._store.touch(self._resource)

    def alive(self) -> None:
        """Take note of the proof of life; costs no rendering."""
        self._part.alive_at = self._store.clock.now()
