"""The interfaces between a reflector and its user: Codec decodes objects, Sink receives rows and states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Key(NamedTuple):
    """Namespace and name of one object of a kind; the namespace of a cluster-scoped object is ""."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """`namespace/name`, or just the name."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class State(StrEnum):
    """The state of one table. The values are label values of metrics."""

    PENDING = "pending"
    """Not listed yet."""
    LIVE = "live"
    """Listed, and the watch has proved itself alive lately."""
    STALE = "stale"
    """Listed once; the watch has not proved itself alive since. The last rows are kept."""
    FORBIDDEN = "forbidden"
    """The API server answered 403."""
    NOT_SERVED = "not_served"
    """The API server does not serve this resource (404): a state of the cluster, not an error."""
    FAILED = "failed"
    """Never listed, because of the error in the detail (500, 503, no connection, ...)."""
    NOT_COLLECTED = "not_collected"
    """A dump does not hold it, and nothing in the dump needs it. A live cluster never has this state."""
    DISABLED = "disabled"
    """The administrator has switched this resource off."""


NOT_IN_DUMP = "the dump holds none"
"""The detail of a table that is LIVE because a dump is said to hold everything; it may not even be served."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An object that could not be decoded. It exists; its content is unknown."""

    key: Key
    field: str
    """Path of the offending field, "" if the object as a whole is at fault."""
    problem: str
    """What is wrong with it, as text for the administrator."""


class Item(NamedTuple, Generic[T_co]):
    """One decoded object. A tuple, because one is created per event and dataclasses cost more.

    `row` is None if the object was rejected, or if nothing of it is kept; the table then has no row for it.
    """

    key: Key
    resource_version: str
    row: T_co | None = None
    rejected: Rejected | None = None


class Codec(Protocol[T_co]):
    """Decodes the objects of one resource straight from bytes. A bad object is returned as rejected, never raised."""

    def from_event(self, line: bytes) -> Item[T_co]:
        """One line of a watch, `{"type":...,"object":{...}}`, whose type is ADDED, MODIFIED or DELETED."""

    def from_value(self, value: dict[str, Any]) -> Item[T_co]:
        """One object that is already parsed, out of a list or a dump."""


class Sink(Protocol[T]):
    """Receives the rows and states of one reflector. Called from that reflector's thread only, in order."""

    def replace(self, rows: dict[Key, T], rejected: dict[Key, Rejected]) -> None:
        """A list is complete: these are all rows. The sink takes ownership of both mappings."""

    def apply(self, item: Item[T]) -> None:
        """An object was added or changed. If the item's row is None, its row is removed."""

    def remove(self, key: Key) -> None:
        """An object was deleted."""

    def state(self, state: State, detail: str = "") -> None:
        """The state has changed. FORBIDDEN and NOT_SERVED drop all rows; STALE keeps them."""

    def alive(self) -> None:
        """Proof of life: bytes from the server have just arrived on the watch."""
