"""Sizes of storage for people."""

from __future__ import annotations

from typing import Final

GIB: Final = 2**30


def format_gib(size: int) -> str:
    """A number of bytes: `120 GiB`, below 10 GiB with one decimal unless that is 0, as `5 GiB` or `0.4 GiB`."""
    gib = size / GIB
    if gib >= 10 or gib == round(gib):
        return f"{round(gib)} GiB"
    return f"{gib:.1f} GiB"
