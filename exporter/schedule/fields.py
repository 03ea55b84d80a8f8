"""The five fields of a schedule, and the words that stand for several. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

EVERY: Final = "@every "
"""The prefix of an interval, which stands in place of the five fields."""
DESCRIPTORS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a schedule: the values that it allows, and their names."""

    name: str
    low: int
    high: int
    names: Mapping[str, int]

    @property
    def all(self) -> tuple[int, ...]:
        """Every value that the field allows."""
        return tuple(range(self.low, self.high + 1))


MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: Final = (
    Field("minute", 0, 59, {}),
    Field("hour", 0, 23, {}),
    Field("day of month", 1, 31, {}),
    Field("month", 1, 12, {name: i for i, name in enumerate(MONTHS, 1)}),
    Field("day of week", 0, 6, {name: i for i, name in enumerate(WEEKDAYS)}),
)
