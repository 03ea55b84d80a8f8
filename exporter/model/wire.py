"""How a model is declared and decoded: frozen, slotted, tolerant of what Kubernetes leaves out or sends as null."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import field
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Final, TypeVar, cast, dataclass_transform

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass

from exporter.base.excerpts import excerpt
from exporter.model.bounds import LONGEST_ANNOTATION, LONGEST_MESSAGE
from exporter.model.interning import intern

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field, field))
def wire(cls: type[T]) -> type[T]:
    """Declare a model: keyword-only, frozen, slotted; camelCase on the wire; unknown fields are dropped."""
    config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")
    return cast("type[T]", dataclass(frozen=True, slots=True, kw_only=True, config=config)(cls))


def problem_of(error: ValidationError) -> tuple[tuple[str, ...], str]:
    """The path of the first thing that does not fit, and what is wrong with it."""
    first = error.errors(include_url=False, include_context=False)[0]
    return tuple(map(str, first["loc"])), f"{first['msg']}, found {short_repr(first['input'])}"


def short_repr(value: object) -> str:
    """A value in a message: at most 60 characters of it."""
    try:
        text = repr(value)
    except RecursionError:
        return "something nested too deeply"
    return text if len(text) <= 60 else text[:57] + "..."


class Absent(Enum):
    """The type of ABSENT: something that is known not to exist. Not usable as a boolean, so that no guess slips in."""

    ABSENT = "absent"

    def __bool__(self) -> bool:
        """Refuse: compare with `is ABSENT`."""
        raise TypeError("ABSENT has no truth value: compare with `is ABSENT`")


ABSENT: Final = Absent.ABSENT


def _or_default(empty: Callable[[], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: empty() if value is None else value)


def _text(value: object) -> object:
    """Of null "", of equal strings one; what is no string is for the validation after this."""
    return intern(value) if type(value) is str else "" if value is None else value


Many = Annotated[tuple[T, ...], _or_default(tuple)]
"""A list; null counts as empty, as it does for Go clients."""
Text = Annotated[str, BeforeValidator(_text)]
"""A string; null counts as empty."""
Given = Annotated[str | None, BeforeValidator(lambda value: intern(value) if type(value) is str else value)]
"""A string for which it matters whether it was given: null, or nothing, is None."""
Flag = Annotated[bool, _or_default(bool)]
"""A boolean; null counts as false."""
Number = Annotated[int, _or_default(int)]
"""An integer; null counts as 0."""

SUPPRESS: Final = "bootsource.kubevirt.io/suppress"
"""The annotation by which an administrator mutes findings about an object."""
_KEPT = ("kubevirt.io", "is-default-class", "operator-sdk/primary-resource", "kubernetes.io/arch")


def _keep_known(value: object) -> object:
    """Drop labels and annotations nobody reads; last-applied-configuration alone can be larger than the object."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        return value
    return {k: _cut_long(v) for k, v in value.items() if isinstance(k, str) and is_kept(k)}


def is_kept(key: str) -> bool:
    """Some rule reads a label or an annotation of this kind."""
    return any(part in key for part in _KEPT)


def _cut_long(value: object) -> object:
    """One character more than is read, so that a reader sees that there was more."""
    return value[: LONGEST_ANNOTATION + 1] if isinstance(value, str) else value


def _message(value: object) -> object:
    return excerpt(value, LONGEST_MESSAGE) if isinstance(value, str) else "" if value is None else value


Marks = Annotated[dict[str, str], BeforeValidator(_keep_known)]
"""Labels or annotations, reduced to the keys that a rule of ours reads."""


@wire
class Owner:
    """One entry of metadata.ownerReferences."""

    kind: Text = ""
    name: Text = ""
    uid: Text = ""


@wire
class Metadata:
    """The parts of ObjectMeta that matter here."""

    name: Text = ""
    namespace: Text = ""
    uid: Text = ""
    resource_version: Text = field(default="", compare=False)
    """Not compared: a new version that changes nothing we keep is no change."""
    generation: int | None = None
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: Marks = Field(default_factory=dict)
    annotations: Marks = Field(default_factory=dict)
    finalizers: Many[str] = ()
    owner_references: Many[Owner] = ()


@wire
class Condition:
    """One entry of status.conditions. `reason` and `message` are free text to us; only known reasons become labels."""

    type: Text = ""
    status: Text = ""
    reason: Text = ""
    message: Annotated[str, BeforeValidator(_message)] = ""
    last_transition_time: datetime | None = None
    observed_generation: int | None = None

    @property
    def true(self) -> bool:
        """The status is exactly True."""
        return self.status == "True"

    @property
    def false(self) -> bool:
        """The status is exactly False; neither true nor false means that the object has not said."""
        return self.status == "False"


def copy_with(row: T, **fields: Any) -> T:  # noqa: ANN401  (the fields of any model)
    """A copy of a row with other values in these fields, which are of the declared types: nothing is decoded again.

    `dataclasses.replace` decodes, and takes a field by its name on the wire: one of two fields that are read from the
    same place, as `spec` and `written` of a DataImportCron, would be lost.
    """
    new = copy(row)
    for name, value in fields.items():
        if name not in row.__dataclass_fields__:  # type: ignore[attr-defined]
            raise TypeError(f"{type(row).__name__} has no field {name}")
        object.__setattr__(new, name, value)
    return new


def find_condition(conditions: tuple[Condition, ...], type_: str) -> Condition | Absent:
    """The condition of this type, or ABSENT if the controller has not written it."""
    return next((c for c in conditions if c.type == type_), ABSENT)


def parse_instant(text: str) -> datetime | None:
    """An RFC 3339 instant out of an annotation, in UTC; None if it is none.

    Go's zero time (year 1) is returned as it is: CDI writes it for a schedule that never fires again.
    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
