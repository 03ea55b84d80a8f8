"""Parts of objects that are kept as they are written, because a rule looks at more of them than a model names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Raw = Mapping[str, Any]
"""JSON as it was decoded. Nothing changes it after that."""
_DEEPEST: Final = 16
"""Levels that are kept. The specs of boot sources have at most eight."""
_MOST: Final = 256
"""Keys of an object and items of a list that are kept, and strings are cut at sixteen times that. The longest real
value is a URL. Both are far beyond every limit that a rule knows, so cutting does not change what a rule says."""


def limit_value(value: object, levels: int = _DEEPEST) -> Any:  # noqa: ANN401  (JSON)
    """The same JSON, limited in depth, length and number of items; what is no JSON becomes its text."""
    if isinstance(value, Mapping):
        kept = list(value.items())[:_MOST] if levels else []
        return {str(k)[: 16 * _MOST]: limit_value(v, levels - 1) for k, v in kept}
    if isinstance(value, list | tuple):
        return [limit_value(v, levels - 1) for v in value[:_MOST]] if levels else []
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[: 16 * _MOST]


def limit_object(value: object) -> Raw:
    """The same for what should be an object; anything else is an empty one."""
    kept = limit_value(value)
    return kept if isinstance(kept, dict) else {}
