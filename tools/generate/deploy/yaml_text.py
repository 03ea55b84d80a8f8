"""YAML as people write it: lists indented, no quotes where none are needed, and comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

WIDE: Final = 1_000_000
STEP: Final = "  "


@dataclass(frozen=True)
class Commented:
    """An item of a list with a comment above it."""

    value: Any
    note: str


def dump_document(node: Any) -> str:  # noqa: ANN401  (what YAML can say)
    """A document."""
    return "\n".join(node_lines(node)) + "\n"


def node_lines(node: Any) -> Iterator[str]:  # noqa: ANN401
    """The lines of a dict, a list or a scalar, without indentation."""
    match node:
        case Mapping() if node:
            for key, child in node.items():
                yield from entry_lines(key, child)
        case list() if node:
            for child in node:
                yield from item_lines(child)
        case _:
            yield format_scalar(node)


def entry_lines(key: str, child: Any) -> Iterator[str]:  # noqa: ANN401
    """The lines of one key of a dict."""
    if isinstance(child, str) and "\n" in child:
        yield f"{format_scalar(key)}: |" + ("" if child.endswith("\n") else "-")
        yield from (STEP + line if line else "" for line in child.splitlines())
    elif isinstance(child, Mapping | list) and child:
        yield f"{format_scalar(key)}:"
        yield from (STEP + line for line in node_lines(child))
    else:
        yield f"{format_scalar(key)}: {format_scalar(child)}"


def item_lines(child: Any) -> Iterator[str]:  # noqa: ANN401
    """The lines of one item of a list."""
    if isinstance(child, Commented):
        yield f"# {child.note}"
        child = child.value
    yield from indent_item(node_lines(child))


def indent_item(texts: Iterator[str]) -> Iterator[str]:
    """The first line after a dash, the others under it."""
    for number, text in enumerate(texts):
        yield (STEP if number else "- ") + text


def format_scalar(value: Any) -> str:  # noqa: ANN401
    """A scalar, or an empty dict or list, in one line."""
    return yaml.safe_dump(value, width=WIDE, allow_unicode=True, default_flow_style=True).removesuffix("...\n").strip()
