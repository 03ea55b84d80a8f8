"""ClusterSnapshot: an immutable view of all tables, and joints: what is computed from them once and shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Generic, Protocol, TypeVar

from exporter.cluster.resource import Resource
from exporter.kube.contract import Key, Rejected, State
from exporter.model.wire import ABSENT, Absent

T = TypeVar("T")

STALE_AFTER: Final = timedelta(minutes=5)
"""How long rows count as known after their watch was lost: an API server restart must not blind us."""


class UndecodableError(LookupError):
    """The object exists but could not be decoded: whatever depends on it is unknown."""

    def __init__(self, kind: str, rejected: Rejected) -> None:
        where = f" at {rejected.field}" if rejected.field else ""
        name = rejected.key if rejected.key.name else f"{rejected.key}(without a name)"
        super().__init__(f"{kind} {name} cannot be read{where}: {rejected.problem}")


class HiddenError(UndecodableError):
    """The namespace of the object is not visible: whether the object exists is unknown."""

    def __init__(self, kind: str, namespace: str) -> None:
        LookupError.__init__(self, f"{kind} objects in namespace {namespace} are not visible to the exporter")


class UndeclaredReadError(LookupError):
    """A check or family looked at a table that it has not declared: a defect in the program."""


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """The rows of one resource, and what is known about them."""

    resource: Resource[T]
    state: State = State.PENDING
    detail: str = ""
    rows: Mapping[Key, T] = field(default_factory=lambda: MappingProxyType({}))
    rejected: Mapping[Key, Rejected] = field(default_factory=lambda: MappingProxyType({}))
    stale_since: datetime | None = None
    only: frozenset[str] | None = None
    """The namespaces whose objects may be read at all, by `--namespaces`; None: every namespace."""
    hidden: Mapping[str, State] = field(default_factory=lambda: MappingProxyType({}))
    """Namespaces that hold boot sources, or images of theirs, and whose objects are not visible; with the reason:
    forbidden (403), or disabled (left out of `--namespaces`)."""
    version: int = 0
    """Changes when rows, rejected or state change."""

    def known(self, now: datetime) -> bool:
        """The rows can be judged. What the cluster does not serve is known to be empty."""
        if self.state is State.STALE:
            return self.stale_since is not None and now - self.stale_since < STALE_AFTER
        return self.state in {State.LIVE, State.NOT_SERVED}

    def get(self, namespace: str, name: str) -> T | Absent:
        """The row, or ABSENT.

        Raises UndecodableError if the object is there but could not be decoded, or one without a name may be it, and
        HiddenError if its namespace is not visible.
        """
        key = Key(namespace, name)
        row = self.rows.get(key)
        if row is not None:
            return row
        if key in self.rejected:
            raise UndecodableError(self.resource.kind, self.rejected[key])
        self._rule_out(key)
        self.require(key.namespace)
        return ABSENT

    def require(self, namespace: str) -> None:
        """Ask for a namespace before you conclude anything from an object's absence. Raises HiddenError."""
        if namespace in self.hidden or (self.only is not None and namespace not in self.only):
            raise HiddenError(self.resource.kind, namespace)

    def lacks(self, key: Key) -> bool:
        """The object does not exist; one that cannot be read exists.

        Raises UndecodableError if one without a name may be it, and HiddenError if its namespace is not visible.
        """
        if key in self.rows or key in self.rejected:
            return False
        self._rule_out(key)
        self.require(key.namespace)
        return True

    def whole(self) -> Table[T]:
        """The table, for conclusions from what none of its rows says. Raises UndecodableError if one cannot be read."""
        for _, rejected in sorted(self.rejected.items()):
            raise UndecodableError(self.resource.kind, rejected)
        return self

    def _rule_out(self, key: Key) -> None:
        for nameless in (Key(key.namespace, ""), Key("", "")):
            if nameless in self.rejected:
                raise UndecodableError(self.resource.kind, self.rejected[nameless])

    def __iter__(self) -> Iterator[tuple[Key, T]]:
        """Keys and rows, in the order of their keys."""
        return iter(sorted(self.rows.items()))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.rows)


class View(Protocol):
    """What judges and measures see of a cluster: the tables and joints that they have declared."""

    def __getitem__(self, resource: Resource[T]) -> Table[T]:
        """The table of a resource."""

    def join(self, joint: Joint[T]) -> T:
        """The result of a joint, computed once per ClusterSnapshot."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint(Generic[T]):
    """Something computed from tables, pure, once per ClusterSnapshot. `reads` names all tables that it looks at."""

    compute: Callable[[View], T]
    reads: frozenset[Resource[Any]]

    def __call__(self, view: View) -> T:
        """The result for this view."""
        return view.join(self)


Input = Resource[Any] | Joint[Any]


def tables_of(inputs: tuple[Input, ...]) -> frozenset[Resource[Any]]:
    """All tables that these inputs look at."""
    return frozenset(r for i in inputs for r in (i.reads if isinstance(i, Joint) else (i,)))


def joint(*reads: Input) -> Callable[[Callable[[View], T]], Joint[T]]:
    """Declare a joint with what it reads: tables, and other joints."""

    def declare(compute: Callable[[View], T]) -> Joint[T]:
        return Joint(compute, tables_of(reads))

    return declare


class ClusterSnapshot:
    """All tables at one moment. Immutable to its readers; results of joints are memoised inside."""

    def __init__(self, tables: Mapping[Resource[Any], Table[Any]], before: ClusterSnapshot | None = None) -> None:
        """Results of joints whose tables are the same as in the snapshot before are taken over from it."""
        self._tables = dict(tables)
        self._memo: dict[Joint[Any], Any] = before.still_true(self._tables) if before else {}

    def __getitem__(self, resource: Resource[T]) -> Table[T]:
        """The table of a resource."""
        return self._tables[resource]

    def __iter__(self) -> Iterator[Table[Any]]:
        """All tables, in the order of declaration."""
        return iter(self._tables.values())

    def join(self, joint: Joint[T]) -> T:
        """The result of a joint. Computing it twice at once is harmless: it is pure."""
        if joint not in self._memo:
            self._memo[joint] = joint.compute(Restricted(self, joint.reads))
        result: T = self._memo[joint]
        return result

    def still_true(self, tables: Mapping[Resource[Any], Table[Any]]) -> dict[Joint[Any], Any]:
        """The results of joints that these tables would give as well."""
        changed = {r for r, table in tables.items() if self._tables.get(r) is not table}
        return {j: result for j, result in list(self._memo.items()) if changed.isdisjoint(j.reads)}

    def partly_hidden(self, resources: Iterable[Resource[Any]]) -> tuple[Resource[Any], ...]:
        """Those of the resources that are not visible in every namespace that matters, by name."""
        return tuple(sorted((r for r in resources if self._tables[r].hidden), key=str))

    def unknown(self, resources: frozenset[Resource[Any]], now: datetime) -> tuple[Resource[Any], ...]:
        """Those of the resources whose rows cannot be judged now, by name."""
        return tuple(sorted((r for r in resources if not self._tables[r].known(now)), key=str))


@dataclass(frozen=True, slots=True)
class Restricted:
    """A view of only some tables: looking at any other is a defect, found by its first test."""

    cluster: ClusterSnapshot
    allowed: frozenset[Resource[Any]]
    unknown: frozenset[Resource[Any]] = frozenset()
    """Declared as optional, and not known now."""

    def __getitem__(self, resource: Resource[T]) -> Table[T]:
        """The table, if it is declared."""
        if resource not in self.allowed:
            raise UndeclaredReadError(f"{resource} is read but not declared")
        return self.cluster[resource]

    def join(self, joint: Joint[T]) -> T:
        """The joint's result, if all that it reads is declared."""
        if not joint.reads <= self.allowed:
            missing = ", ".join(sorted(str(r) for r in joint.reads - self.allowed))
            raise UndeclaredReadError(f"{joint.compute.__name__} reads {missing}, which is not declared")
        return self.cluster.join(joint)

    def known(self, joint: Joint[Any]) -> bool:
        """The joint can be computed. Asking about one that is not declared at all is a defect like reading it."""
        if joint.reads & self.unknown:
            return False
        try:
            self.join(joint)
        except HiddenError:
            return False
        return True
