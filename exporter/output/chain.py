"""The chain of a boot source, from HyperConverged to VMs: what each link is, how it is, and how to look at it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from exporter.base.phrases import counted
from exporter.boot_sources.document import BootSource, Cron, RowOrigin, Told
from exporter.cluster.resource import Ref
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    HYPERCONVERGEDS,
    IMAGE_STREAMS,
    PERSISTENT_VOLUME_CLAIMS,
    TEMPLATES,
    VIRTUAL_MACHINES,
)
from exporter.report import Finding, Severity

Tone = str
"""good, note, warn, bad, or none where nothing is known or nothing is there."""
_SEVERITY_TONES: Final = {Severity.WARNING: "warn", Severity.CRITICAL: "bad"}
_RANKS: Final = ("none", "good", "note", "warn", "bad")
_NAMED: Final = 20
"""Templates that are named; the others are counted."""
_SOURCES: Final = {"registry": "Registry", "imagestream": IMAGE_STREAMS.kind, "pvc": PERSISTENT_VOLUME_CLAIMS.kind}
_ORIGINS: Final[Mapping[RowOrigin | None, str]] = {
    RowOrigin.SSP: "made by SSP, not listed",
    RowOrigin.STANDALONE: "not listed, made by hand",
    RowOrigin.POINTER: "not listed, points at another",
    RowOrigin.PLACEHOLDER: "not listed, placeholder",
    RowOrigin.MANUAL: "not listed, made by hand",
}
_STAGES: Final[Mapping[str, tuple[Tone, str]]] = {
    "enabled": ("good", "listed"),
    "disabled": ("none", "disabled"),
    "not_deployed": ("warn", "not deployed"),
    "not_propagated": ("warn", "not taken over yet"),
}


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One link of the chain."""

    anchor: str
    kind: str
    """The kind of object, or what stands for one."""
    name: str
    tone: Tone
    state: str
    """In a few words."""
    when: str = ""
    """What `at` is the time of."""
    at: datetime | None = None
    detail: str = ""
    """What the object says, in a sentence."""
    command: str = ""
    """Shows the object."""
    ref: Ref | None = None
    problems: tuple[Finding, ...] = ()


def build_chain(
    source: BootSource, findings: Mapping[str, Finding], client: str, hyperconverged: Ref | None
) -> tuple[ChainLink, ...]:
    """The links in the order in which one makes the next. `client` is `oc` or `kubectl`."""
    about = [findings[mark] for mark in source.findings if mark in findings]
    links = _Links(source, client, hyperconverged).all()
    return tuple(_with_problems(link, about, source.entry.name if source.entry else "") for link in links)


def _with_problems(link: ChainLink, findings: list[Finding], entry: str) -> ChainLink:
    """A finding about the object of a link makes the link at least as bad."""
    names = {(link.ref.kind, link.ref.name)} if link.ref else set()
    if link.anchor == "entry" and entry:
        names.add(("Entry", entry))
    own = tuple(f for f in findings if (f.object.kind, f.object.name) in names and f.suppressed is None)
    tones = [link.tone, *(_SEVERITY_TONES[f.severity] for f in own if f.severity in _SEVERITY_TONES)]
    tone = max(tones, key=_RANKS.index)
    state = link.state if tone == link.tone else counted(len(own), "problem")
    return replace(link, tone=tone, state=state, problems=own)


@dataclass(frozen=True, slots=True)
class _Links:
    source: BootSource
    client: str
    hyperconverged: Ref | None

    def all(self) -> Iterator[ChainLink]:
        """Those that this boot source has."""
        yield self._entry()
        cron = self.source.cron
        if cron is not None:
            yield self._cron(cron)
            yield self._origin(cron)
            yield self._import(cron)
        yield self._image()
        yield self._data_source()
        yield self._templates()
        yield self._machines()

    def _show(self, ref: Ref | None) -> str:
        if ref is None or not ref.name:
            return ""
        where = ("-n", ref.namespace) if ref.namespace else ()
        return shlex.join((self.client, "get", ref.kind.lower(), ref.name, *where, "-o", "yaml"))

    def _of(self, ref: Ref, anchor: str, tone: Tone, state: str, **more: object) -> ChainLink:
        return ChainLink(
            anchor=anchor,
            kind=ref.kind,
            name=ref.name,
            tone=tone,
            state=state,
            command=self._show(ref),
            ref=ref,
            **more,  # type: ignore[arg-type]
        )

    def _entry(self) -> ChainLink:
        entry, hco = self.source.entry, self.hyperconverged
        if entry is None:
            state = _ORIGINS.get(self.source.row.origin, "not known whether listed")
            name = hco.name if hco else ""
            return ChainLink("entry", HYPERCONVERGEDS.kind, name, "none", state, command=self._show(hco), ref=None)
        tone, state = _STAGES.get(entry.state, ("none", entry.state))
        detail = f"The {entry.origin} entry {entry.name} is {state}."
        return ChainLink(
            "entry", HYPERCONVERGEDS.kind, entry.name, tone, state, detail=detail, command=self._show(hco), ref=hco
        )

    def _cron(self, cron: Cron) -> ChainLink:
        schedule = cron.schedule
        tone, state = {
            "valid": ("good", "checks on schedule"),
            "disabled": ("none", "checks switched off"),
            "never_fires": ("bad", "schedule never fires"),
        }.get(schedule.state, ("bad", "schedule refused"))
        detail = f"Schedule {schedule.text}." if schedule.text else "It has no schedule."
        if schedule.problem:
            detail += f" CDI refuses it: {schedule.problem}."
        at = self.source.row.last_polled
        return self._of(
            DATA_IMPORT_CRONS.ref(self.source.namespace, cron.name),
            "cron",
            tone,
            state,
            when="last checked",
            at=at,
            detail=detail,
        )

    def _origin(self, cron: Cron) -> ChainLink:
        kind, told = _SOURCES.get(cron.source, "Source"), cron.up_to_date
        ref = None
        if cron.source == "imagestream":
            ref = IMAGE_STREAMS.ref(self.source.namespace, cron.source_name)
        elif cron.source == "pvc":
            namespace, _, name = cron.source_name.rpartition("/")
            ref = PERSISTENT_VOLUME_CLAIMS.ref(namespace, name)
        tone, state = _tone_of(told, "newest is imported", "newer image available", "newest is not known")
        command = self._show(ref or DATA_IMPORT_CRONS.ref(self.source.namespace, cron.name))
        return ChainLink(
            "source",
            kind,
            ref.name if ref else cron.source_name,
            "warn" if tone == "bad" else tone,
            state,
            "since",
            told.since if told else None,
            _sentence(told),
            command,
            ref,
        )

    def _import(self, cron: Cron) -> ChainLink:
        volume, progress = self.source.data_volume, cron.progressing
        running = progress is not None and progress.status is True
        if volume is None:
            state, tone = (
                ("importing", "note") if running else ("imported", "good") if cron.last_import else ("none yet", "none")
            )
            return ChainLink(
                "import",
                DATA_VOLUMES.kind,
                "",
                tone,
                state,
                "last import",
                cron.last_import,
                _sentence(progress),
                shlex.join((self.client, "get", "datavolumes", "-n", self.source.namespace)),
            )
        done = volume.phase == "Succeeded"
        failed = volume.phase in ("Failed", "Unknown")
        tone = "good" if done else "bad" if failed else "note"
        return self._of(
            DATA_VOLUMES.ref(self.source.namespace, volume.name),
            "import",
            tone,
            "imported" if done else volume.phase or "waiting",
            when="last import",
            at=cron.last_import,
            detail=_sentence(progress),
        )

    def _image(self) -> ChainLink:
        source = self.source.data_source
        image = source.image if source else None
        if image is None:
            gone = self.source.row.usable is False
            return ChainLink("image", "Image", "", "bad" if gone else "none", "there is none" if gone else "not known")
        return self._of(
            Ref(image.kind, image.namespace, image.name),
            "image",
            "good" if image.ready else "bad",
            "ready" if image.ready else "not ready",
            when="created",
            at=image.created,
        )

    def _data_source(self) -> ChainLink:
        source = self.source.data_source
        ref = DATA_SOURCES.ref(self.source.namespace, self.source.name)
        if source is None:
            gone = self.source.row.usable is False
            return self._of(ref, "data-source", "bad" if gone else "none", "does not exist" if gone else "not known")
        tone, state = _tone_of(source.ready, "ready", "not ready", "not known whether ready")
        since = source.ready.since if source.ready else None
        return self._of(ref, "data-source", tone, state, when="since", at=since, detail=_sentence(source.ready))

    def _templates(self) -> ChainLink:
        consumers = self.source.consumers
        lists = (consumers.templates, consumers.virtual_machine_templates)
        if None in lists:
            return ChainLink("templates", "Templates", "", "none", "not known")
        names = [name for listed in lists if listed for name in listed]
        left = len(names) - _NAMED
        detail = ", ".join(names[:_NAMED]) + (f" and {left} more" if left > 0 else "")
        command = shlex.join((self.client, "get", f"{TEMPLATES.plural}.{TEMPLATES.group}", "-A"))
        return ChainLink(
            "templates",
            "Templates",
            "",
            "good" if names else "none",
            counted(len(names), "template") if names else "none",
            detail=detail,
            command=command if consumers.templates else "",
        )

    def _machines(self) -> ChainLink:
        number, waiting = self.source.consumers.virtual_machines, self.source.consumers.waiting_virtual_machines
        command = shlex.join((self.client, "get", f"{VIRTUAL_MACHINES.plural}.{VIRTUAL_MACHINES.group}", "-A"))
        if number is None:
            return ChainLink("machines", "VMs", "", "none", "not known", command=command)
        state = counted(number, "VM") if number else "none"
        detail = f"{counted(waiting, 'VM')} {'waits' if waiting == 1 else 'wait'} for a disk." if waiting else ""
        tone = "warn" if waiting else "good" if number else "none"
        return ChainLink(
            "machines",
            "VMs",
            "",
            tone,
            f"{state}, {waiting} waiting" if waiting else state,
            detail=detail,
            command=command,
        )


def _tone_of(told: Told | None, yes: str, no: str, unknown: str) -> tuple[Tone, str]:
    if told is None or told.status is None:
        return "none", unknown
    return ("good", yes) if told.status else ("bad", no)


def _sentence(told: Told | None) -> str:
    """What the condition says: its reason and its message."""
    return ": ".join(filter(None, (told.reason, told.message))) if told else ""
