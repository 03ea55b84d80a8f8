"""What an overlay changes in an object of its base: a strategic merge patch, which names only the differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_KEYS: Final = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}
"""By what Kubernetes tells the items of these lists apart; other lists are replaced as a whole."""


def build_patch(base: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The patch that turns one object into the other, with what it takes to find it."""
    kind = {"apiVersion": wanted["apiVersion"], "kind": wanted["kind"]}
    meta = {key: wanted["metadata"][key] for key in ("name", "namespace") if key in wanted["metadata"]}
    changed = dict(_changes(base, wanted))
    return {**kind, "metadata": {**meta, **changed.pop("metadata", {})}, **changed}


def _changes(base: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in wanted:
        if key not in base:
            yield key, wanted[key]
        elif base[key] != wanted[key]:
            yield key, _change(key, base[key], wanted[key])
    yield from ((key, None) for key in base if key not in wanted)


def _change(key: str, base: Any, wanted: Any) -> Any:  # noqa: ANN401  (any part of an object)
    if isinstance(base, Mapping) and isinstance(wanted, Mapping):
        return dict(_changes(base, wanted))
    if key in _KEYS:
        return list(_items(_KEYS[key], base, wanted))
    return wanted


def _items(key: str, base: list[Any], wanted: list[Any]) -> Iterator[dict[str, Any]]:
    before = {item[key]: item for item in base}
    for item in wanted:
        if item[key] not in before:
            yield item
        elif item != before[item[key]]:
            yield {key: item[key], **dict(_changes(before[item[key]], item))}
    gone = set(before) - {item[key] for item in wanted}
    yield from ({"$patch": "delete", key: name} for name in sorted(gone))
