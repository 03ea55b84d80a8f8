"""What a check is made of: its declaration, what it sees, and the verdicts that it can return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Generic, NotRequired, TypedDict, TypeVar, Unpack, overload

from exporter.checks.fixes import Fixes
from exporter.checks.ids import CheckId
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.snapshot import Input, Joint, RestrictedView, Table, UndeclaredReadError, tables_of
from exporter.joins.platform import Platform
from exporter.report import Severity
from exporter.schedule.schedule import Schedule
from exporter.schedule.timetable import FireTimes, Timetable

T = TypeVar("T")
U = TypeVar("U")
S = TypeVar("S")
Limit = TypeVar("Limit", timedelta, int)


@dataclass(frozen=True, slots=True)
class Cause:
    """Another finding that would explain this one, if it exists."""

    check: CheckId
    """Id of the check."""
    ref: Ref | None = None
    """Its object; None means whatever object that check has found."""
    part: str = ""
    """Which of several findings about that object, by `Failed.part` up to its first slash; "" means any."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing wrong."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The object has not said, or cannot be read: neither a finding nor an all-clear."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Something is wrong with the subject."""

    summary: str
    """One sentence that names the object and what is wrong with it."""
    field: str = ""
    """Path of the field that shows it."""
    observed: str = ""
    expected: str = ""
    since: datetime | None = None
    """Since when, where the object tells; else the engine remembers when it was first seen."""
    grace: timedelta = timedelta()
    """Not a finding until it has lasted this long: the time that healthy reconciles take."""
    causes: tuple[Cause, ...] = ()
    """What would explain it; those that exist make it a symptom."""
    affects: tuple[Ref, ...] = ()
    """Objects that suffer from it, where no link from the object that it is about leads to them."""
    fix: Fixes = None
    """What to run or to decide: one or several. Those that cost something are withheld while they could not work."""
    severity: Severity | None = None
    """Where it differs from the check's."""
    about: Ref | None = None
    """The object to name, where it is not the subject."""
    part: str = ""
    """Tells several findings of one check about one object apart; part of the fingerprint, so keep it stable.

    What concerns one of several entries begins with the entry's name, and goes on after a slash if it must.
    """


Verdict = Passed | Unknown | Failed | Sequence[Failed]
PASSED: Final = Passed()


@dataclass(frozen=True, slots=True)
class Threshold(Generic[Limit]):
    """A number that a check judges by and that an administrator may change."""

    name: str
    """As in the configuration; unique within a check. `grace` is how long a healthy reconcile may take."""
    default: Limit
    meaning: str
    """Half a sentence that says what is longer, or more, than usual."""


_AT_ONCE: Final = datetime.min.replace(tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Context:
    """All that a check sees besides its subject. Reading anything that it has not declared raises."""

    at: datetime
    """The instant as of which to judge, for this class alone: what a check learns of the time has to be noted.

    The view notes the tables and joints that a verdict has looked at, and as an instant from when on it may be
    another one.
    """
    ref: Ref
    """Names the subject."""
    view: RestrictedView
    timetable: Timetable
    """When schedules fire."""
    platform: Platform
    """Versions, namespaces and the client's name, as far as they are known."""
    limits: Mapping[Threshold[Any], Any] = field(default_factory=lambda: MappingProxyType({}))
    """The values of the check's thresholds."""

    def about(self, ref: Ref) -> Context:
        """The same for another subject. There are thousands of them, and `dataclasses.replace` takes three times as long."""
        return Context(self.at, ref, self.view, self.timetable, self.platform, self.limits)

    def __getitem__(self, resource: Resource[T]) -> Table[T]:
        """A declared table."""
        return self.view[resource]

    def join(self, joint: Joint[T]) -> T:
        """The result of a declared joint."""
        return self.view.join(joint)

    def consult(self, joint: Joint[T], otherwise: U) -> T | U:
        """The result of a joint that is declared as optional; `otherwise` if what it reads is not known."""
        return self.view.join(joint) if self.view.is_known(joint) else otherwise

    def limit(self, threshold: Threshold[Limit]) -> Limit:
        """The value of a declared threshold: the configured one, else its default."""
        if threshold not in self.limits:
            raise UndeclaredReadError(f"threshold {threshold.name} is read but not declared")
        value: Limit = self.limits[threshold]
        return value

    def older(self, instant: datetime | None, than: timedelta) -> bool:
        """The instant is known and lies more than this long ago."""
        if instant is None:
            return False
        if self.at - instant > than:
            return True
        with suppress(OverflowError):  # never, in the calendar that there is
            self.view.seen.add(instant + than + _TICK)
        return False

    def days_since(self, instant: datetime) -> int:
        """Whole days that have passed since the instant, rounded down."""
        days = (self.at - instant).days
        with suppress(OverflowError):
            self.view.seen.add(instant + timedelta(days=days + 1))
        return days

    def fires(self, schedule: Schedule) -> FireTimes:
        """The runs of a schedule around the instant as of which to judge."""
        fires = self.timetable.around(schedule, self.at)
        self.view.seen.add(fires.next or _AT_ONCE)
        return fires


Subjects = Joint[Mapping[Ref, Any]]
"""A joint whose result names the subjects of a check."""


@dataclass(frozen=True, slots=True, eq=False)
class Afterwards(Generic[S]):
    """Subjects that exist only when all other checks have been evaluated; S is the type of each."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One judgement. Metrics, documentation, alerts and suppression derive from this declaration."""

    id: str
    """Names the problem and reads after "allow"; also the module, the page and the metric label."""
    severity: Severity
    over: Resource[Any] | Subjects | Afterwards[Any] | None
    """Judged once per row, once per subject of a joint or of what comes afterwards, or once per cluster."""
    reads: tuple[Input, ...] = ()
    """What must be known besides `over`, or the check is blind."""
    optional: tuple[Input, ...] = ()
    """Consulted where it is known, to name causes and to word commands. A subject that cannot do without it is unknown."""
    summary: str
    """The problem in one line."""
    meaning: str
    impact: str
    diagnosis: str
    mitigation: str
    alert_for: timedelta
    """How long it must last before someone is notified."""
    thresholds: tuple[Threshold[Any], ...] = ()
    """What it judges by and an administrator may change."""
    undated: str = ""
    """Why no object may tell since when it fails, in half a sentence; "" if one always does. A restart then shortens
    the grace: what a process finds failing at its first look may be of any age, and is reported at once."""
    scenarios: tuple[str, ...] = ()
    """The scenarios of docs/coverage.md that it finds."""
    judge: Callable[[Any, Context], Verdict]
    tables: frozenset[Resource[Any]] = field(default_factory=frozenset)
    """All tables that must be known: derived."""
    wishes: frozenset[Resource[Any]] = field(default_factory=frozenset)
    """Tables that it can do without: derived."""

    @property
    def area(self) -> str:
        """The part of the causal chain that it belongs to: the folder of its module."""
        return self.judge.__module__.split(".")[-2]


Declares = Callable[[Callable[[S, Context], Verdict]], Check]
"""Makes a check of the function that judges subjects of type S."""


class Declaration(TypedDict):
    """The keywords of `check`, besides `over`. What each means stands at the field of the same name of Check."""

    id: str
    severity: Severity
    reads: NotRequired[tuple[Input, ...]]
    optional: NotRequired[tuple[Input, ...]]
    summary: str
    meaning: str
    impact: str
    diagnosis: str
    mitigation: str
    alert_for: timedelta
    thresholds: NotRequired[tuple[Threshold[Any], ...]]
    undated: NotRequired[str]
    scenarios: NotRequired[tuple[str, ...]]


@overload
def check(*, over: Resource[S], **declaration: Unpack[Declaration]) -> Declares[S]: ...
@overload
def check(*, over: Joint[Mapping[Ref, S]], **declaration: Unpack[Declaration]) -> Declares[S]: ...
@overload
def check(*, over: Afterwards[S], **declaration: Unpack[Declaration]) -> Declares[S]: ...
@overload
def check(*, over: None, **declaration: Unpack[Declaration]) -> Declares[None]: ...
def check(
    *, over: Resource[Any] | Subjects | Afterwards[Any] | None, **declaration: Unpack[Declaration]
) -> Callable[[Callable[[Any, Context], Verdict]], Check]:
    """Declare a check around the function that judges one subject: `(subject, ctx) -> Verdict`.

    `over` says what the subjects are, and so which type the function takes: a row, the value of a joint, the
    suppressions at an object, or nothing at all. The type checker holds one against the other.
    """

    def declare(judge: Callable[[Any, Context], Verdict]) -> Check:
        subjects = (over,) if isinstance(over, Resource | Joint) else ()
        tables = tables_of((*declaration.get("reads", ()), *subjects))
        wishes = tables_of(declaration.get("optional", ())) - tables
        return Check(judge=judge, over=over, tables=tables, wishes=wishes, **declaration)

    return declare
