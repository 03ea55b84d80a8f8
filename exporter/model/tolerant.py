"""Decodes an item of a list so that what is wrong in it costs this item's field, not the whole object around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import Any, Final

from pydantic import ValidationError, ValidatorFunctionWrapHandler

from exporter.model.raw import limit_object

_ROUNDS: Final = 8
"""Leaving a field out can bring the next mistake to light. Whoever needs more rounds keeps the name alone."""


def decode_item(value: object, decode: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401  (the item's type)
    """Decode an item that has the fields `written` and `unreadable`.

    `written` becomes the item as it is on the wire, `unreadable` the paths of the fields that do not have the type that
    the API prescribes; these are left out.
    """
    if is_dataclass(value):  # decoded before: a model is made of another one
        return decode(value)
    written = limit_object(value)
    item, unreadable = written, [] if isinstance(value, dict) else [""]
    for _ in range(_ROUNDS):
        try:
            return decode({**item, "written": written, "unreadable": unreadable})
        except ValidationError as error:
            wrong = [e["loc"] for e in error.errors(include_url=False, include_context=False, include_input=False)]
        for path in wrong:
            item = _without(item, path)
        unreadable = [*unreadable, *(".".join(map(str, path)) for path in wrong)]
    name = written.get("metadata", {}).get("name", "") if isinstance(written.get("metadata"), dict) else ""
    return decode({"metadata": {"name": str(name)}, "written": written, "unreadable": [*unreadable, "spec"]})


def _without(value: Any, path: Sequence[int | str]) -> Any:  # noqa: ANN401  (JSON)
    """A copy without what stands at this path; without what lies above it where the path leads nowhere."""
    step, rest = (path[0], path[1:]) if path else ("", ())
    here = dict(enumerate(value)) if isinstance(value, list) else value
    if not isinstance(here, dict) or step not in here:
        return {}
    below = here[step]
    left = {k: v for k, v in here.items() if k != step}
    if rest and isinstance(below, dict | list) and below:
        left = {k: _without(below, rest) if k == step else v for k, v in here.items()}
    return list(left.values()) if isinstance(value, list) else left
