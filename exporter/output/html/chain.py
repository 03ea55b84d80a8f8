"""The chain of a boot source as a picture, and its links one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import htpy as h

from exporter.base.durations import format_age
from exporter.output.chain import ChainLink
from exporter.output.html.console import console_link
from exporter.output.html.document import Place
from exporter.output.html.findings import finding_link
from exporter.output.html.parts import command, moment, pill, term
from exporter.report import Report

_WIDTH: Final = 1240
_HEIGHT: Final = 104
_GAP: Final = 36
_IN_ROW: Final = 4
_NARROW: Final = 320
_CHARACTER: Final = 7.6
"""Pixels of an average character at the size of the texts; what is longer is cut, and whole in the list below."""


def chain_picture(links: Sequence[ChainLink], at: datetime) -> h.Node:
    """The picture: rows for wide screens, one below the other for narrow ones; each link leads to its details."""
    label = "From HyperConverged to VMs: " + "; ".join(f"{link.kind}, {link.state}" for link in links)
    return h.figure(".chain")[
        _picture("across", links, _IN_ROW, (_WIDTH - _GAP * (_IN_ROW - 1)) // _IN_ROW, label, at),
        _picture("down", links, 1, _NARROW, label, at),
    ]


def _picture(name: str, links: Sequence[ChainLink], in_row: int, box: int, label: str, at: datetime) -> h.Node:
    places = [(number % in_row * (box + _GAP), number // in_row * (_HEIGHT + _GAP)) for number in range(len(links))]
    width, height = in_row * (box + _GAP) - _GAP, places[-1][1] + _HEIGHT
    return h.svg(f".{name}", viewBox=f"-2 -2 {width + 4} {height + 4}", role="group", aria_label=label)[
        [_edge(*here, *there, box) for here, there in pairwise(places)],
        [_box(link, *place, box, at) for link, place in zip(links, places, strict=True)],
    ]


def _box(link: ChainLink, x: int, y: int, width: int, at: datetime) -> h.Node:
    room = int((width - 26) / _CHARACTER)
    when = f"{link.when} {format_age(link.at, at)} ago" if link.at else ""
    lines = (
        ("kind", link.kind, 22),
        ("what", link.name or link.kind, 42),
        ("mood", link.state, 66),
        ("kind", when, 86),
    )
    texts = [
        h.Element("text")(x=x + 18, y=y + height, class_=name)[_cut(text, room)] for name, text, height in lines if text
    ]
    return h.a(f".tone-{link.tone}", href=f"#link-{link.anchor}")[
        h.title[f"{link.kind} {link.name}: {link.state}"],
        h.Element("rect")(x=x, y=y, width=width, height=_HEIGHT, rx=8, class_="box"),
        h.Element("rect")(x=x, y=y + 10, width=5, height=_HEIGHT - 20, rx=2, class_="bar"),
        texts,
    ]


def _edge(x: int, y: int, to_x: int, to_y: int, box: int) -> h.Node:
    """An arrow from one box to the next: to the right, or down to the row below."""
    middle = y + _HEIGHT // 2
    if to_y == y:
        return [h.path(".edge", d=f"M{x + box} {middle}H{to_x - 6}"), h.path(".head", d=f"M{to_x} {middle}l-8 -5v10z")]
    start, end = x + box // 2, to_x + box // 2
    line = f"M{start} {y + _HEIGHT}V{to_y - _GAP // 2}H{end}V{to_y - 6}"
    return [h.path(".edge", d=line), h.path(".head", d=f"M{end} {to_y}l-5 -8h10z")]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def chain_steps(links: Sequence[ChainLink], report: Report, place: Place) -> h.Node:
    """Each link with what it says, its problems, and the command to look at it."""
    return h.ol(".steps")[(_step(link, report, place) for link in links)]


def _step(link: ChainLink, report: Report, place: Place) -> h.Node:
    console = console_link(place, *link.ref) if link.ref else None
    return h.li(".stack", id=f"link-{link.anchor}")[
        h.div(".row")[
            h.h3[term(link.kind), " ", h.span(".mono")[link.name] if link.name else None],
            pill(link.tone, link.state[:1].upper() + link.state[1:]),
            h.span(".dim")[link.when, " ", moment(link.at, report.at)] if link.at else None,
            console,
        ],
        h.p[link.detail] if link.detail else None,
        h.ul(".plain")[(h.li[finding_link(finding, report, place)] for finding in link.problems)]
        if link.problems
        else None,
        h.details[h.summary["Command to look at it"], command(link.command)] if link.command else None,
    ]
