"""The state of a boot source: one value to filter by, and the same in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from exporter.base.durations import format_age
from exporter.boot_sources.updates import Updates
from exporter.joins.entries import ListedEntry, Stage
from exporter.model.cdi import DataSource
from exporter.model.wire import ABSENT


class SourceState(StrEnum):
    """Whether virtual machines can be made from a boot source, and whether its image is the newest."""

    UP_TO_DATE = "up-to-date"
    """Usable, and the newest image when it was last checked, which was in time."""
    UPDATING = "updating"
    """Usable; a newer image is being imported."""
    OUTDATED = "outdated"
    """Usable; a newer image is known and not imported."""
    UNCHECKED = "unchecked"
    """Usable; whether there is a newer image is not known."""
    STATIC = "static"
    """Usable; no DataImportCron updates it."""
    IMPORTING = "importing"
    """Not usable yet: the first import is running."""
    NOT_USABLE = "not-usable"
    """No virtual machine can be made from it."""
    EMPTY = "empty"
    """A placeholder of SSP: an administrator may provide an image."""
    DISABLED = "disabled"
    """No image, and HyperConverged is told not to import one."""
    UNKNOWN = "unknown"
    """Whether it is usable is not known."""


WORST_FIRST: Final = (
    SourceState.NOT_USABLE,
    SourceState.UNKNOWN,
    SourceState.OUTDATED,
    SourceState.UNCHECKED,
    SourceState.IMPORTING,
    SourceState.UPDATING,
    SourceState.UP_TO_DATE,
    SourceState.STATIC,
    SourceState.EMPTY,
    SourceState.DISABLED,
)
"""The order in which people want to read them."""
_NOT_READY: Final = {
    "NoSource": "no image has been imported",
    "NotFound": "its image does not exist",
    "SnapshotNotReady": "the VolumeSnapshot of its image is not ready",
    "MaxReferenceDepthReached": "it points at a DataSource that points at another one",
    "SelfReference": "it points at itself",
    "CrossNamespaceReference": "it points into another namespace",
}
"""CDI's reasons on a DataSource that is not ready."""


@dataclass(frozen=True, slots=True)
class StateInputs:
    """What the state of a boot source follows from."""

    usable: bool | None
    """A virtual machine can be made from it; None if that is not known."""
    entry: ListedEntry | None
    source: DataSource | None
    updates: Updates | None
    """None if no DataImportCron updates it, or if that is not known."""
    crons_known: bool
    image_missing: bool
    """The image that it stands for is known not to exist."""
    has_problem: bool
    """A finding above info is about it."""
    now: datetime


def state_of(inputs: StateInputs) -> SourceState:
    """The state that follows."""
    if inputs.usable is None:
        return SourceState.UNKNOWN
    return _usable_state(inputs) if inputs.usable else _unusable_state(inputs)


def _usable_state(inputs: StateInputs) -> SourceState:
    updates = inputs.updates
    if updates is None:
        return SourceState.STATIC if inputs.crons_known else SourceState.UNCHECKED
    if updates.newest is None:
        return SourceState.UNCHECKED
    if updates.newest:
        return SourceState.UP_TO_DATE
    # An import that fails goes on for ever by CDI's account.
    is_updating = updates.importing and not inputs.has_problem
    return SourceState.UPDATING if is_updating else SourceState.OUTDATED


def _unusable_state(inputs: StateInputs) -> SourceState:
    if inputs.updates is not None:
        first_import = inputs.updates.importing and not inputs.has_problem
        return SourceState.IMPORTING if first_import else SourceState.NOT_USABLE
    if inputs.source is not None and inputs.source.placeholder:
        return SourceState.EMPTY
    disabled = inputs.entry is not None and inputs.entry.stage is Stage.DISABLED
    return SourceState.DISABLED if disabled else SourceState.NOT_USABLE


_PHRASES: Final = {
    SourceState.IMPORTING: "not usable yet: the first import is running",
    SourceState.EMPTY: "placeholder without an image",
    SourceState.DISABLED: "disabled, no image",
}


def describe_state(state: SourceState, inputs: StateInputs) -> str:
    """The state as a phrase: `usable, newest, checked 20 minutes ago`."""
    match state:
        case SourceState.NOT_USABLE:
            return f"not usable: {_why_not_usable(inputs)}"
        case SourceState.UNKNOWN:
            return f"unknown: {_why_unknown(inputs)}"
        case SourceState.STATIC:
            return f"usable, not updated{_why_static(inputs)}"
        case _:
            return _PHRASES.get(state) or f"usable, {_describe_updates(state, inputs)}"


def _describe_updates(state: SourceState, inputs: StateInputs) -> str:
    updates = inputs.updates
    if updates is None:
        return "updates unknown"
    checked = f", checked {format_age(updates.last_polled, inputs.now)} ago" if updates.last_polled else ""
    match state:
        case SourceState.UP_TO_DATE:
            return f"newest{checked}"
        case SourceState.UPDATING:
            return "a newer image is being imported"
        case SourceState.OUTDATED:
            since = f" for {format_age(updates.outdated_since, inputs.now)}" if updates.outdated_since else ""
            return f"outdated{since}{checked}"
        case _ if updates.is_overdue and updates.last_polled is not None:
            return f"last checked {format_age(updates.last_polled, inputs.now)} ago"
        case _:
            return "not known whether it is the newest"


def _why_not_usable(inputs: StateInputs) -> str:
    if inputs.source is None:
        stage = inputs.entry.stage if inputs.entry is not None else None
        if stage is Stage.NOT_DEPLOYED:
            return "HyperConverged does not deploy it"
        return "its DataSource does not exist"
    ready = inputs.source.ready
    if inputs.image_missing or ready is ABSENT or ready.true:
        return _NOT_READY["NotFound"] if inputs.image_missing else "its image is lost"
    return _NOT_READY.get(ready.reason, f"CDI says {ready.reason}" if ready.reason else "CDI does not say why")


def _why_unknown(inputs: StateInputs) -> str:
    return "its DataSource is not readable" if inputs.source is None else "CDI has not reported on it yet"


def _why_static(inputs: StateInputs) -> str:
    if inputs.entry is not None and inputs.entry.stage is Stage.DISABLED:
        return ": disabled"
    if inputs.source is not None and inputs.source.cron:
        return f": DataImportCron {inputs.source.cron} does not exist"
    return ""
