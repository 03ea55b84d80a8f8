"""Options that select what of a cluster is shown, and how much is said of it."""

from __future__ import annotations

from typing import Final

from exporter.settings import values as read
from exporter.settings.settings import Option

STATES: Final = (
    *("not-usable", "unknown", "outdated", "unchecked", "importing"),
    *("updating", "up-to-date", "static", "empty", "disabled"),
)
"""As in `exporter.boot_sources.state`, which takes longer to load than --help may."""
ORIGINS: Final = ("common", "modified", "custom", "ssp", "standalone", "pointer", "placeholder", "manual")
"""As in `exporter.boot_sources.document`."""

NAMESPACE: Final[Option[frozenset[str]]] = Option(
    name="namespace",
    short="-n",
    help="show only this namespace (list, repeatable)",
    detail="What is outside of it is read and evaluated all the same, since boot sources depend on it.",
    parse=read.parse_namespaces,
    schema=read.NAMESPACE,
    default=frozenset(),
    shown_default="all",
    metavar="NAMESPACE",
    repeatable=True,
    in_file=False,
)
ALL_NAMESPACES: Final[Option[bool]] = Option(
    name="all-namespaces",
    short="-A",
    help="show all namespaces, which is the default",
    parse=read.parse_one(read.parse_switch),
    default=False,
    switch=True,
    in_file=False,
)
STATE: Final[Option[frozenset[str]]] = Option(
    name="state",
    help="show only these states (list, repeatable)",
    parse=read.words_parser(*STATES),
    default=frozenset(),
    shown_default="all",
    metavar="STATE",
    choices=lambda: STATES,
    repeatable=True,
    in_file=False,
)
ORIGIN: Final[Option[frozenset[str]]] = Option(
    name="origin",
    help="show only these origins (list, repeatable)",
    parse=read.words_parser(*ORIGINS),
    default=frozenset(),
    shown_default="all",
    metavar="ORIGIN",
    choices=lambda: ORIGINS,
    repeatable=True,
    in_file=False,
)
WATCH: Final[Option[bool]] = Option(
    name="watch",
    short="-w",
    help="print boot sources again when they change",
    parse=read.parse_one(read.parse_switch),
    default=False,
    switch=True,
    in_file=False,
)
