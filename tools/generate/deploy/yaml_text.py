"""YAML as people write it: lists indented, no quotes where none are needed, and comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

WIDE: Final = 1_000_000
STEP: Final = "  "


@dataclass(frozen=True)
class Noted:
    """An item of a list with a comment above it."""

    value: Any
    note: str


def dumped(node: Any) -> str:  # noqa: ANN401  (what YAML can say)
    """A document."""
    return "\n".join(lines(node)) + "\n"


def lines(node: Any) -> Iterator[str]:  # noqa: ANN401
    """The lines of a dict, a list or a scalar, without indentation."""
    match node:
        case Mapping() if node:
            for key, child in node.items():
                yield from entry(key, child)
        case list() if node:
            for child in node:
                yield from item(child)
        case _:
            yield scalar(node)


def entry(key: str, child: Any) -> Iterator[str]:  # noqa: ANN401
    """The lines of one key of a dict."""
    if isinstance(child, str) and "\n" in child:
        yield f"{scalar(key)}: |" + ("" if child.endswith("\n") else "-")
        yield from (STEP + line if line else "" for line in child.splitlines())
    elif isinstance(child, Mapping | list) and child:
        yield f"{scalar(key)}:"
        yield from (STEP + line for line in lines(child))
    else:
        yield f"{scalar(key)}: {scalar(child)}"


def item(child: Any) -> Iterator[str]:  # noqa: ANN401
    """The lines of one item of a list."""
    if isinstance(child, Noted):
        yield f"# {child.note}"
        child = child.value
    yield from dashed(lines(child))


def dashed(texts: Iterator[str]) -> Iterator[str]:
    """The first line after a dash, the others under it."""
    for number, text in enumerate(texts):
        yield (STEP if number else "- ") + text


def scalar(value: Any) -> str:  # noqa: ANN401
    """A scalar, or an empty dict or list, in one line."""
    return yaml.safe_dump(value, width=WIDE, allow_unicode=True, default_flow_style=True).removesuffix("...\n").strip()
