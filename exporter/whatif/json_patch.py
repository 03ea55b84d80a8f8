"""JSON patches (RFC 6902), as far as HCO's annotations use them. Nothing is changed in place."""

from __future__ import annotations

import json
from typing import Any, Final

_MOST: Final = 200
"""Operations that are applied; a patch with more is not foreseen."""


class PatchError(ValueError):
    """The patch cannot be applied; HCO reports the same as an error."""


def apply_json_patch(document: Any, text: str) -> Any:  # noqa: ANN401  (JSON)
    """The document after the patch in this text. Raises PatchError."""
    try:
        operations = json.loads(text)
    except ValueError:
        raise PatchError("the patch is not valid JSON") from None
    if not isinstance(operations, list) or len(operations) > _MOST:
        raise PatchError(f"the patch is not a list of at most {_MOST} operations")
    for operation in operations:
        document = _apply(document, operation if isinstance(operation, dict) else {})
    return document


def _apply(document: Any, operation: dict[str, Any]) -> Any:  # noqa: ANN401  (JSON)
    verb, path = operation.get("op"), _steps(operation.get("path"))
    if verb == "test":
        if _read(document, path) != operation.get("value"):
            raise PatchError(f"the test of {operation.get('path')} fails")
        return document
    if verb in ("move", "copy"):
        origin = _steps(operation.get("from"))
        value = _read(document, origin)
        document = _write(document, origin, "remove", None) if verb == "move" else document
        return _write(document, path, "add", value)
    if verb not in ("add", "replace", "remove"):
        raise PatchError(f"{verb!r} is not an operation of a JSON patch")
    return _write(document, path, verb, operation.get("value"))


def _steps(pointer: object) -> list[str]:
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise PatchError(f"{pointer!r} is not a JSON pointer")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _read(value: Any, path: list[str]) -> Any:  # noqa: ANN401  (JSON)
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise PatchError(f"nothing stands at /{'/'.join(path)}")
    return value


def _write(value: Any, path: list[str], verb: str, new: Any) -> Any:  # noqa: ANN401  (JSON)
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        return _write_item(value, step, rest, verb, new)
    if not isinstance(value, dict) or (step not in value and (rest or verb != "add")):
        raise PatchError(f"nothing stands at {step}")
    if rest:
        return {**value, step: _write(value[step], rest, verb, new)}
    left = {key: below for key, below in value.items() if key != step}
    return left if verb == "remove" else {**value, step: new}


def _write_item(value: list[Any], step: str, rest: list[str], verb: str, new: Any) -> list[Any]:  # noqa: ANN401
    end = step == "-"
    if not end and not (step.isdigit() and int(step) <= len(value)):
        raise PatchError(f"{step} is not an index of the list")
    index = len(value) if end else int(step)
    if verb == "add" and not rest:
        return [*value[:index], new, *value[index:]]
    if index >= len(value):
        raise PatchError(f"the list has no item {step}")
    if rest:
        return [*value[:index], _write(value[index], rest, verb, new), *value[index + 1 :]]
    return [*value[:index], *([new] if verb == "replace" else []), *value[index + 1 :]]
