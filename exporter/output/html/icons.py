"""Icons as inline SVG. Each stands beside the words that it repeats, and is hidden from screen readers."""

from __future__ import annotations

from typing import Final

import htpy as h

TONES: Final = ("bad", "warn", "note", "good", "none")
"""From the worst to the mildest; the style sheet has the colours of each."""
_SHAPES: Final = {
    "bad": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm2.8 8.7-1.1 1.1L8 9.1l-1.7 1.7-1.1-1.1L6.9 8 5.2 6.3l1.1-1.1L8 6.9"
    "l1.7-1.7 1.1 1.1L9.1 8Z",
    "warn": "M8 1.2 15.4 14.5H.6ZM7.2 6v4.2h1.6V6Zm0 5.3v1.6h1.6v-1.6Z",
    "note": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-.8 3h1.6v1.6H7.2Zm0 2.8h1.6V12H7.2Z",
    "good": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-1 10L3.9 7.900l1.1-1.100L7 8.800l4-4 1.1 1.100Z",
    "none": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Z"
    "m0 1.600a5.4 5.4 0 1 1 0 10.800A5.4 5.4 0 0 1 8 2.600ZM5 7.200h6v1.600H5Z",
}


def icon(tone: str) -> h.Node:
    """The sign of a tone."""
    return h.svg(f".icon.tone-{tone}", viewBox="0 0 16 16", aria_hidden="true")[
        h.path(d=_SHAPES[tone], fill="currentColor", fill_rule="evenodd")
    ]


def logo() -> h.Node:
    """A disk with an arrow upward."""
    return h.svg(viewBox="0 0 24 24", aria_hidden="true")[
        h.path(
            d="M12 2C6.9 2 3 3.8 3 6v12c0 2.2 3.9 4 9 4s9-1.8 9-4V6c0-2.2-3.9-4-9-4Z",
            fill="currentColor",
            opacity="0.18",
        ),
        h.path(
            d="M12 2C6.9 2 3 3.8 3 6v12c0 2.2 3.9 4 9 4s9-1.8 9-4V6c0-2.2-3.9-4-9-4Zm0 1.800c4.5 0 7.2 1.4"
            " 7.2 2.200S16.5 8.2 12 8.2 4.8 6.8 4.8 6 7.5 3.8 12 3.800Zm-.9 14.400v-4.600l-1.6 1.6-1.2-1.200L12"
            " 10.300l3.7 3.7-1.2 1.2-1.6-1.600v4.600Z",
            fill="currentColor",
            fill_rule="evenodd",
        ),
    ]
