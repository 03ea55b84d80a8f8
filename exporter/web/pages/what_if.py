"""The page that foresees what a switch leads to, before somebody turns it. It reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import htpy as h

from exporter.base.phrases import counted
from exporter.cluster.resources import HYPERCONVERGEDS, STORAGE_CLASSES
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.joins.entries import entries_of
from exporter.output.html.document import Page
from exporter.output.html.parts import pill, select, severity_pill
from exporter.report import Finding
from exporter.web.pages.state import PageState
from exporter.whatif.changes import Change, MakeDefault, SwitchEntry, SwitchGate
from exporter.whatif.document import Certainty, Foresight, Outage, Step
from exporter.whatif.render import conclusion, split_symptoms

PATH: Final = "/what-if"
_MOST_OPTIONS: Final = 200
_MOST_STEPS: Final = 200
_MOST_FINDINGS: Final = 50
_NO_CHANGE: Final = ("", "no change")
_GATE: Final = (_NO_CHANGE, ("on", "on"), ("off", "off"))
_CERTAINTIES: Final = {Certainty.DEPENDS: "Depends on ", Certainty.UNKNOWN: "Cannot be told: "}


_ABOUT: Final = (
    "What HCO, SSP and CDI would do if a switch were turned. Nothing is changed. For more changes, and for manifests, "
    "there is the command "
)


@dataclass(frozen=True, slots=True)
class SwitchChoice:
    """The switches as the address has them; "" leaves one as it is."""

    virt_default: str = ""
    default: str = ""
    gate: str = ""
    entry: str = ""
    """The name of an entry, after `+` or `-` for on or off."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> SwitchChoice:
        """What a request asks for."""
        return cls(
            query.get("virt-default", ""), query.get("default", ""), query.get("gate", ""), query.get("entry", "")
        )

    def changes(self, cluster: ClusterSnapshot) -> tuple[Change, ...] | None:
        """The changes; None if one names what is not there."""
        classes, entries = {"", *_classes(cluster)}, {"", *(f"{s}{n}" for n in _entries(cluster) for s in "+-")}
        known = self.virt_default in classes and self.default in classes and self.entry in entries
        if not known or self.gate not in ("", "on", "off"):
            return None
        return tuple(self._changes())

    def _changes(self) -> Iterator[Change]:
        if self.default:
            yield MakeDefault(self.default)
        if self.virt_default:
            yield MakeDefault(self.virt_default, virt=True)
        if self.gate:
            yield SwitchGate(self.gate == "on")
        if self.entry:
            yield SwitchEntry(self.entry[1:], on=self.entry[0] == "+")


def _classes(cluster: ClusterSnapshot) -> list[str]:
    return [key.name for key, _ in cluster[STORAGE_CLASSES]][:_MOST_OPTIONS]


def _entries(cluster: ClusterSnapshot) -> list[str]:
    return [item.name for _, hco in cluster[HYPERCONVERGEDS] for item in entries_of(hco)][:_MOST_OPTIONS]


def what_if_page(
    state: PageState, cluster: ClusterSnapshot, choice: SwitchChoice, foresight: Foresight | None, problem: str = ""
) -> Page:
    """The form, and what was foreseen; or why it was not."""
    answer: h.Node = None
    if problem:
        answer = h.div(".card")[problem]
    elif foresight is not None:
        answer = _answer(foresight)
    content = [
        h.h1["What if"],
        h.p(".dim")[_ABOUT, h.code["bootsource-exporter what-if"], "."],
        _form(state, cluster, choice),
        answer,
    ]
    return state.page("What if", content, PATH)


def _form(state: PageState, cluster: ClusterSnapshot, choice: SwitchChoice) -> h.Node:
    classes = [_NO_CHANGE, *((name, name) for name in _classes(cluster))]
    words = (("-", "off"), ("+", "on"))
    named = [(f"{sign}{name}", f"{name}: {word}") for name in _entries(cluster) for sign, word in words]
    entries = [_NO_CHANGE, *named]
    return h.form(".filters", aria_label="Switches", method="get", action=PATH)[
        select("virt-default", "Virt default StorageClass", classes, choice.virt_default),
        select("default", "Kubernetes default StorageClass", classes, choice.default),
        select("gate", "Common boot images", _GATE, choice.gate),
        select("entry", "Entry", entries, choice.entry),
        state.place.cluster and h.input(type="hidden", name="cluster", value=state.place.cluster),
        h.button(".primary", type="submit")["Foresee"],
    ]


def _answer(foresight: Foresight) -> h.Node:
    return [
        h.div(".card.stack")[
            h.h2[f"What if {' and '.join(foresight.changes)}?"],
            h.p[conclusion(foresight)],
        ],
        _section(
            "what-happens", "What happens", [_step(s) for s in foresight.steps[:_MOST_STEPS]], len(foresight.steps)
        ),
        _section(
            "outages", "Not usable for some time", [_outage(o) for o in foresight.outages], len(foresight.outages)
        ),
        _section("appear", "Findings that appear", _findings(foresight.appear), 0),
        _section("cleared", "Findings that are cleared", _findings(foresight.disappear), 0),
        _section("unknown", "Cannot be told", list(foresight.unknown), len(foresight.unknown)),
    ]


def _section(name: str, title: str, items: Sequence[h.Node], total: int) -> h.Node:
    if not items:
        return None
    left = total - len(items)
    return h.section(aria_labelledby=name)[
        h.h2(id=name)[title],
        h.div(".card")[h.ol[(h.li[item] for item in items), left > 0 and h.li[f"and {left} more"]]],
    ]


def _steps(steps: Sequence[Step]) -> list[h.Node]:
    return [_step(step) for step in steps[:_MOST_STEPS]]


def _step(step: Step) -> h.Node:
    marks = [
        step.irreversible and pill("warn", "Irreversible"),
        step.loss and pill("bad", "Loss"),
    ]
    said = _CERTAINTIES.get(step.certainty, "")
    return [
        h.span[f"{step.summary} "],
        marks,
        h.div(".small.dim")[f"{said}{step.depends_on}"] if said else None,
    ]


def _outages(outages: Sequence[Outage]) -> list[h.Node]:
    return [_outage(outage) for outage in outages]


def _outage(outage: Outage) -> h.Node:
    where = outage.object
    ends = f"; ends with {outage.ends_with}" if outage.ends_with else ""
    return f"{where.kind} {where.namespace}/{where.name}: {outage.duration}{ends}"


def _findings(findings: Sequence[Finding]) -> list[h.Node]:
    """Root causes; what follows from them is counted."""
    roots, symptoms = split_symptoms(findings)
    found: list[h.Node] = [[severity_pill(f.severity), f" {f.summary}"] for f in roots[:_MOST_FINDINGS]]
    return [*found, f"and {counted(symptoms, 'finding')} caused by these"] if symptoms else found
