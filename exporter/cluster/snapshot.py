"""ClusterSnapshot, an immutable view of all tables, and Joint, a value that is computed from tables once and shared."""

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
"""How long rows count as known after their watch was lost: a restart of the API server must not make checks blind."""


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
    """A check or family read a table that it has not declared: a bug in the program."""


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """The rows of one resource, the objects that could not be decoded, and the state of its watch."""

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

    def is_known(self, now: datetime) -> bool:
        """Whether checks can rely on the rows. A resource that the cluster does not serve is known to be empty."""
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
        """Raise HiddenError if the namespace is not visible: call this before you conclude anything from an absence."""
        if namespace in self.hidden or (self.only is not None and namespace not in self.only):
            raise HiddenError(self.resource.kind, namespace)

    def lacks(self, key: Key) -> bool:
        """Whether the object does not exist; one that cannot be decoded exists.

        Raises UndecodableError if one without a name may be it, and HiddenError if its namespace is not visible.
        """
        if key in self.rows or key in self.rejected:
            return False
        self._rule_out(key)
        self.require(key.namespace)
        return True

    def whole(self) -> Table[T]:
        """The table itself, for a conclusion that needs every row. Raises UndecodableError if one was rejected."""
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
    """What checks and families see of a cluster: the tables and joints that they have declared."""

    def __getitem__(self, resource: Resource[T]) -> Table[T]:
        """The table of a resource."""

    def join(self, joint: Joint[T]) -> T:
        """The result of a joint, computed once per ClusterSnapshot."""

    def given(self, given: Given[T]) -> T:
        """What has been supplied, else its default."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint(Generic[T]):
    """A value computed from tables by a pure function, once per ClusterSnapshot. `reads` holds every table it uses."""

    compute: Callable[[View], T]
    reads: frozenset[Resource[Any]]

    def __call__(self, view: View) -> T:
        """The result for this view."""
        return view.join(self)


@dataclass(frozen=True, slots=True, eq=False)
class Given(Generic[T]):
    """Something that joints and checks depend on and that no API server tells, such as what is configured.

    It is always known: `default` as long as nothing else has been supplied to the store.
    """

    name: str
    default: T


Input = Resource[Any] | Joint[Any] | Given[Any]


def tables_of(inputs: tuple[Input, ...]) -> frozenset[Resource[Any]]:
    """All tables that these inputs read, directly or through joints."""
    tables: set[Resource[Any]] = set()
    for read in inputs:
        if isinstance(read, Joint):
            tables |= read.reads
        elif isinstance(read, Resource):
            tables.add(read)
    return frozenset(tables)


def joint(*reads: Input) -> Callable[[Callable[[View], T]], Joint[T]]:
    """Decorator that declares a joint with what it reads: tables and other joints."""

    def declare(compute: Callable[[View], T]) -> Joint[T]:
        return Joint(compute, tables_of(reads))

    return declare


@dataclass(frozen=True, slots=True)
class _Result:
    """What a joint gave, and what it read for that."""

    value: Any
    """The result, or the UndecodableError that it raised."""
    read: tuple[tuple[Input, object], ...]
    """The tables, and the results of other joints."""


def keep_equal(old: Any, new: Any) -> Any:  # noqa: ANN401  (results of any joint)
    """The new value with the old objects in place of equal ones: the old value as a whole if nothing differs.

    The order of a mapping counts, as readers may go by it.
    """
    if type(old) is not dict or type(new) is not dict:
        return old if type(old) is type(new) and old == new else new
    kept = {key: old[key] if key in old and old[key] == value else value for key, value in new.items()}
    same = len(old) == len(kept) and all(map(_same_item, old.items(), kept.items()))
    return old if same else kept


def _same_item(one: tuple[object, object], other: tuple[object, object]) -> bool:
    return one[1] is other[1] and one[0] == other[0]


class ClusterSnapshot:
    """All tables at one moment. Immutable to its readers; results of joints are memoised inside.

    A joint is computed again only if something that it has read is another object than in the snapshot before, and
    what it then gives keeps the old objects where they are equal. So whatever was read is unchanged if, and as long
    as, it is the same object: that is all that anyone has to compare who keeps something computed from a snapshot.
    """

    def __init__(
        self,
        tables: Mapping[Resource[Any], Table[Any]],
        before: ClusterSnapshot | None = None,
        supplied: Mapping[Given[Any], Any] = MappingProxyType({}),
    ) -> None:
        """Results of joints are taken over from the snapshot before as far as these tables give the same."""
        self._tables = dict(tables)
        self._supplied = dict(supplied)
        self._results: dict[Joint[Any], _Result] = {}
        self._older = before.results() if before else {}

    def __getitem__(self, resource: Resource[T]) -> Table[T]:
        """The table of a resource."""
        return self._tables[resource]

    def __iter__(self) -> Iterator[Table[Any]]:
        """All tables, in the order of declaration."""
        return iter(self._tables.values())

    def join(self, joint: Joint[T]) -> T:
        """The result of a joint. Raises UndecodableError as it does, and again each time."""
        result = self.current(joint)
        if isinstance(result, UndecodableError):
            raise result.with_traceback(None)
        value: T = result
        return value

    def given(self, given: Given[T]) -> T:
        """What has been supplied, else its default."""
        value: T = self._supplied.get(given, given.default)
        return value

    def current(self, read: Input) -> Any:  # noqa: ANN401  (of any type)
        """The table, the result of the joint, or the UndecodableError that it raises: to be compared by identity."""
        if isinstance(read, Given):
            return self.given(read)
        if isinstance(read, Resource):
            return self._tables[read]
        if read not in self._results:
            # Computing it in two threads at once is harmless, but all readers must get the same object.
            self._results.setdefault(read, self._result(read))
        return self._results[read].value

    def results(self) -> dict[Joint[Any], _Result]:
        """The last result of each joint, that of an older snapshot if it has not been asked for since."""
        return self._older | self._results

    def _result(self, joint: Joint[Any]) -> _Result:
        old = self._older.pop(joint, None)
        if old is not None and all(self.current(read) is value for read, value in old.read):
            return old
        view = RestrictedView(self, joint.reads)
        try:
            value = joint.compute(view)
            if old is not None:
                value = keep_equal(old.value, value)
        except UndecodableError as error:
            value = error.with_traceback(None)
        return _Result(value, tuple((read, self.current(read)) for read in view.seen))

    def partly_hidden(self, resources: Iterable[Resource[Any]]) -> tuple[Resource[Any], ...]:
        """The resources that are not visible in at least one namespace with boot sources, sorted by name."""
        return tuple(sorted((r for r in resources if self._tables[r].hidden), key=str))

    def unknown(self, resources: frozenset[Resource[Any]], now: datetime) -> tuple[Resource[Any], ...]:
        """The resources whose tables are not known at `now`, sorted by name."""
        return tuple(sorted((r for r in resources if not self._tables[r].is_known(now)), key=str))


@dataclass(frozen=True, slots=True)
class RestrictedView:
    """A view of the declared tables only: reading another one raises UndeclaredReadError, in the first test."""

    cluster: ClusterSnapshot
    allowed: frozenset[Resource[Any]]
    unknown: frozenset[Resource[Any]] = frozenset()
    """Tables that are declared as optional and are not known now."""
    seen: set[Any] = field(default_factory=set)
    """The tables and joints that have been looked at, and whatever else a reader notes here."""

    def __getitem__(self, resource: Resource[T]) -> Table[T]:
        """The table. Raises UndeclaredReadError if it is not declared."""
        if resource not in self.allowed:
            raise UndeclaredReadError(f"{resource} is read but not declared")
        self.seen.add(resource)
        return self.cluster[resource]

    def join(self, joint: Joint[T]) -> T:
        """The joint's result. Raises UndeclaredReadError if it reads a table that is not declared."""
        if not joint.reads <= self.allowed:
            missing = ", ".join(sorted(str(r) for r in joint.reads - self.allowed))
            raise UndeclaredReadError(f"{joint.compute.__name__} reads {missing}, which is not declared")
        self.seen.add(joint)
        return self.cluster.join(joint)

    def given(self, given: Given[T]) -> T:
        """What has been supplied, else its default."""
        self.seen.add(given)
        return self.cluster.given(given)

    def is_known(self, joint: Joint[Any]) -> bool:
        """Whether all tables of the joint are known. Raises UndeclaredReadError if one is not declared at all."""
        if joint.reads & self.unknown:
            return False
        try:
            self.join(joint)
        except HiddenError:
            return False
        return True
