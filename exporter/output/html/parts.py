"""Small parts that every page uses: states, times, terms, commands, lists that are cut, pages of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

import htpy as h

from exporter.base.durations import format_age
from exporter.base.phrases import counted
from exporter.output.html.document import Place
from exporter.output.html.icons import icon
from exporter.output.phrases import format_time
from exporter.report import Severity

TONE_OF: Final[Mapping[Severity, str]] = {Severity.CRITICAL: "bad", Severity.WARNING: "warn", Severity.INFO: "note"}
_TERMS: Final = {
    "boot source": "an image from which new VMs get their disk",
    "DataImportCron": "the object that checks for newer images on a schedule and imports them",
    "DataSource": "the name under which templates and VMs find the newest image",
    "DataVolume": "a disk that is being filled, here with an imported image",
    "HyperConverged": "the configuration of OpenShift Virtualization, which lists the boot sources",
    "PersistentVolumeClaim": "a disk in the cluster's storage",
    "StorageClass": "a kind of storage that the cluster offers",
    "Template": "a form from which VMs are created",
    "VirtualMachine": "a VM",
    "VirtualMachineTemplate": "a form from which VMs are created",
    "VolumeSnapshot": "a saved state of a disk, from which disks are cloned",
}


def term(name: str, shown: str = "") -> h.Node:
    """A term of the API, explained on hover and to screen readers."""
    text = shown or name
    return h.abbr(title=_TERMS[name])[text] if name in _TERMS else text


def glossary() -> h.Node:
    """All terms of the API that the pages use, in text."""
    return h.details[
        h.summary["What the terms mean"],
        h.dl(".facts")[((h.dt[name], h.dd[meaning]) for name, meaning in _TERMS.items())],
    ]


def pill(tone: str, text: str) -> h.Node:
    """A short state: an icon and words, in the colour of its tone."""
    return h.span(f".pill.tone-{tone}")[icon(tone), text]


def severity_pill(severity: Severity) -> h.Node:
    """The severity of a finding."""
    return pill(TONE_OF[severity], severity.capitalize())


def moment(instant: datetime | None, at: datetime) -> h.Node:
    """A time as its distance from now, and exactly on hover; nothing where it is not known."""
    if instant is None:
        return None
    words = f"in {format_age(at, instant)}" if instant > at else f"{format_age(instant, at)} ago"
    return h.time(datetime=instant.isoformat(), title=format_time(instant))[words]


def command(text: str, label: str = "command") -> h.Node:
    """A command, with a button that copies it where scripts run."""
    return h.div(".command")[
        h.pre[h.code[text]],
        h.button(type="button", data_copy=True)["Copy", h.span(".unseen")[f": {label}"]],
    ]


def cut(items: Iterable[h.Node], total: int, most: int, noun: str, more: str = "") -> h.Node:
    """A list of at most so many items, and how many are left out, with the address at which they stand."""
    left = total - most
    words = f"and {counted(left, f'more {noun}')}"
    return h.ul(".plain")[
        (h.li[item] for item in islice(items, most)),
        left > 0 and h.li[h.a(href=more)[words] if more else words],
    ]


def facts(pairs: Iterable[tuple[h.Node, h.Node]]) -> h.Node:
    """Names and values; what has no value is left out."""
    return h.dl(".facts")[((h.dt[name], h.dd[value]) for name, value in pairs if value)]


def pages(place: Place, path: str, chosen: Mapping[str, str], page: int, total: int) -> h.Node:
    """Links to the other pages of a long list; nothing if it fits on one."""
    if total <= 1:
        return None
    near = sorted({1, total, *range(max(1, page - 2), min(total, page + 2) + 1)})
    links: list[h.Node] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            links.append(h.li(aria_hidden="true")["…"])
        address = place.page(path, {**chosen, "page": str(number) if number > 1 else ""})
        links.append(
            h.li[
                h.a(".button", href=address, data_soft=True, aria_current=number == page and "page")[
                    h.span(".unseen")["Page "], str(number)
                ]
            ]
        )
    return h.nav(".pages", aria_label="Pages of the list")[h.p(".dim")[f"Page {page} of {total}"], h.ul[links]]


def select(name: str, label: str, options: Sequence[tuple[str, str]], chosen: str) -> h.Node:
    """A labelled choice; the first option stands for "all"."""
    return h.div[
        h.label(for_=f"filter-{name}")[label],
        h.select(id=f"filter-{name}", name=name)[
            (h.option(value=value, selected=value == chosen)[text] for value, text in options)
        ],
    ]


def search(name: str, label: str, chosen: str) -> h.Node:
    """A labelled field for text to look for."""
    return h.div(".grow")[
        h.label(for_=f"filter-{name}")[label],
        h.input(id=f"filter-{name}", type="search", name=name, value=chosen, maxlength="100", autocomplete="off"),
    ]


def filters(
    place: Place, path: str, label: str, fields: Sequence[h.Node], kept: Mapping[str, str], *, active: bool
) -> h.Node:
    """A form that narrows a list down; it works without scripts, and its choice is in the address."""
    hidden = {**kept, "cluster": place.cluster}
    return h.form(".filters", role="search", aria_label=label, method="get", action=path, data_soft=True)[
        fields,
        (h.input(type="hidden", name=name, value=value) for name, value in hidden.items() if value),
        h.button(".primary", type="submit")["Apply"],
        active and h.a(".button", href=place.page(path), data_soft=True)["Clear"],
    ]
