"""Where panels stand: 24 columns, each panel as high up as there is room for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.generate.dashboards.model import Panel

COLUMNS = 24


def place(panels: Sequence[Panel], top: int) -> Iterator[tuple[Panel, int, int]]:
    """Each panel with its left column and its upper line."""
    floor = [top] * COLUMNS
    for panel in panels:
        rooms = ((max(floor[x : x + panel.width]), x) for x in range(COLUMNS - panel.width + 1))
        y, x = min(rooms)
        floor[x : x + panel.width] = [y + panel.height] * panel.width
        yield panel, x, y


def height_of(panels: Sequence[Panel]) -> int:
    """Lines that they take."""
    return max(y + panel.height for panel, _, y in place(panels, 0))
