"""What Lists leave out of their items."""

from __future__ import annotations

from typing import Any


def with_item_type(item: object, head: dict[str, Any]) -> object:
    """The item with the kind and version that a typed list (DataSourceList) states once for all its items."""
    kind = str(head.get("kind", ""))
    if not isinstance(item, dict) or "kind" in item or kind in ("", "List"):
        return item
    return {"apiVersion": head.get("apiVersion"), "kind": kind.removesuffix("List"), **item}
