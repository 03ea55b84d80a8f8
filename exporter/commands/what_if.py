"""`what-if`: foresees what a change would lead to, on a dump or a live cluster, and writes nothing to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from exporter.base.clock import Clock, SystemClock
from exporter.base.logs import redact_secrets
from exporter.base.terminal import Progress, Style, clean_line
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.store import Store
from exporter.collect.collector import Collector, UnreadableClusterError
from exporter.dump import load
from exporter.dump.documents import BrokenPart, FoundObject, decode_text, pieces
from exporter.dump.files import SkippedFile, files, require_paths
from exporter.dump.limits import LIMITS, ExceededError, ReadBudget
from exporter.kube.contract import State
from exporter.report import SEVERITIES, Severity
from exporter.settings.options import AT, COMPLETE, CONTEXT, FROM, KUBECONFIG, OUTPUT, TIMEOUT
from exporter.settings.policy import POLICY
from exporter.settings.settings import Settings, SettingsError
from exporter.settings.what_if import (
    CHANGES,
    COMMON_BOOT_IMAGES,
    DEFAULT_STORAGE_CLASS,
    DELETE,
    DISABLE_ENTRY,
    ENABLE_ENTRY,
    FORMAT,
    MANIFESTS,
    NO_DEFAULT,
    STOP_ON,
    UPGRADE,
    VIRT_DEFAULT,
)
from exporter.watch.connect import connect
from exporter.whatif import Foresight, foresee, to_json
from exporter.whatif.changes import (
    Change,
    ChangeError,
    DeleteObject,
    MakeDefault,
    NoDefault,
    SetFormat,
    SwitchEntry,
    SwitchGate,
)
from exporter.whatif.document import Action
from exporter.whatif.manifests import ApplyManifest
from exporter.whatif.render import render_foresight
from exporter.whatif.upgrade import Upgrade

FORESEEN: Final = 0
STOPPED: Final = 1
UNDECIDED: Final = 3


class _Taken(NamedTuple):
    """When the cluster was like this, and what there is to say about it."""

    at: datetime
    at_source: str
    problems: tuple[str, ...] = ()


def run(settings: Settings) -> int:
    """Foresee what the settings ask for, print it, and return the exit code."""
    clock = SystemClock()
    changes = tuple(changes_of(settings, clock))
    if not changes:
        raise SettingsError(f"what-if needs a change; name one with {', '.join(option.flag for option in CHANGES)}")
    store, progress = Store(WATCHED, clock), Progress(sys.stderr, clock.monotonic)
    try:
        taken = _read(settings, store, clock, progress)
    except UnreadableClusterError as error:
        sys.stderr.write(f"bootsource-exporter: {redact_secrets(clean_line(str(error)))}\n")
        return UNDECIDED
    finally:
        progress.clear()
    given = settings[AT]
    at, source = (given, "given") if given is not None else (taken.at, taken.at_source)
    policy = settings.section(POLICY)
    try:
        foresight = foresee(store.freeze(), changes, at, policy, at_source=source, problems=taken.problems)
    except ChangeError as error:
        raise SettingsError(str(error)) from None
    style = Style.for_stream(sys.stdout, os.environ)
    as_json = settings[OUTPUT] == "json"
    sys.stdout.write(to_json(foresight, indent=2).decode() + "\n" if as_json else render_foresight(foresight, style))
    stops = settings[STOP_ON]
    return exit_code(foresight, stops)


def exit_code(foresight: Foresight, stops: Iterable[str]) -> int:
    """What happens for certain goes before what cannot be told."""
    asked = set(stops)
    if foresight.summary.refused or asked & set(consequences(foresight)):
        return STOPPED
    return UNDECIDED if foresight.problems or (asked and foresight.unknown) else FORESEEN


def consequences(foresight: Foresight) -> Iterator[str]:
    """Which of the things that --fail-on names happen."""
    summary = foresight.summary
    if summary.sources_lost or any(step.loss for step in foresight.steps):
        yield "loss"
    if summary.images_deleted or any(step.action is Action.IMPORT for step in foresight.steps):
        yield "reimport"
    least = SEVERITIES.index(Severity.WARNING)
    if any(SEVERITIES.index(f.severity) >= least for f in foresight.appear):
        yield "finding"


# -- what is asked for --------------------------------------------------------------------------------------


def changes_of(settings: Settings, clock: Clock) -> Iterator[Change]:
    """The changes, in the order in which they are made. An upgrade comes first: its rules hold for the others."""
    if settings[UPGRADE]:
        yield Upgrade(settings[UPGRADE])
    if settings[NO_DEFAULT]:
        if settings[DEFAULT_STORAGE_CLASS] or settings[VIRT_DEFAULT]:
            raise SettingsError(f"{NO_DEFAULT.flag} and a default contradict each other; leave one out")
        yield NoDefault()
    if settings[DEFAULT_STORAGE_CLASS]:
        yield MakeDefault(settings[DEFAULT_STORAGE_CLASS])
    if settings[VIRT_DEFAULT]:
        yield MakeDefault(settings[VIRT_DEFAULT], virt=True)
    yield from (SetFormat(f.storage_class, f.form) for f in settings[FORMAT])
    if settings[COMMON_BOOT_IMAGES]:
        yield SwitchGate(settings[COMMON_BOOT_IMAGES] == "on")
    off, on = settings[DISABLE_ENTRY], settings[ENABLE_ENTRY]
    both = set(off).intersection(on)
    if both:
        raise SettingsError(f"{', '.join(sorted(both))} cannot be both enabled and disabled; leave one out")
    yield from (SwitchEntry(name, on=False) for name in off)
    yield from (SwitchEntry(name, on=True) for name in on)
    yield from _manifests(settings[MANIFESTS], clock)
    yield from (DeleteObject(o.kind, o.namespace, o.name) for o in settings[DELETE])


def _manifests(paths: tuple[str, ...], clock: Clock) -> Iterator[Change]:
    """Every manifest of these files, in their order. Raises SettingsError."""
    if not paths:
        return
    require_paths(paths)
    wanted = frozenset(resource.kind for resource in WATCHED)
    budget, found = ReadBudget(LIMITS, clock.monotonic), 0
    try:
        for file in files(paths, budget):
            if isinstance(file, SkippedFile):
                continue
            for manifest in _objects(file.name, file.data, file.problem, wanted):
                budget.take_object()
                found += 1
                yield ApplyManifest(manifest, file.name)
    except ExceededError as error:
        raise SettingsError(f"{MANIFESTS.flag}: the manifests are more than is read: {error}") from None
    if not found:
        raise SettingsError(
            f"{MANIFESTS.flag}: {', '.join(paths)} holds no manifest of a kind that boot sources depend on"
        )


def _objects(name: str, data: bytes, problem: str, wanted: frozenset[str]) -> Iterator[dict[str, Any]]:
    if problem:
        raise SettingsError(f"{MANIFESTS.flag}: {name} {problem}")
    try:
        text = decode_text(data)
    except UnicodeError:
        raise SettingsError(f"{MANIFESTS.flag}: {name} is not text in UTF-8") from None
    for piece in pieces(text, wanted):
        if isinstance(piece, BrokenPart):
            raise SettingsError(f"{MANIFESTS.flag}: {name} line {piece.line} {piece.what}")
        if isinstance(piece, FoundObject) and piece.value.get("kind") in wanted:
            yield piece.value


# -- the cluster --------------------------------------------------------------------------------------------


def _read(settings: Settings, store: Store, clock: Clock, progress: Callable[[str], None]) -> _Taken:
    if settings[FROM]:
        for option in (KUBECONFIG, CONTEXT):
            if settings.origin(option).startswith("--"):
                raise SettingsError(f"{option.flag} is about a cluster and {FROM.flag} about a dump; leave one out")
        paths = settings[FROM]
        facts = load(paths, store, WATCHED, complete=settings[COMPLETE], progress=progress)
        return _Taken(facts.at, facts.at_source, facts.problems)
    if settings[COMPLETE] and settings.origin(COMPLETE).startswith("--"):
        raise SettingsError(f"{COMPLETE.flag} is about a dump; name one with {FROM.flag}, or leave it out")
    _list(settings, store, clock, progress)
    return _Taken(clock.now(), "now")


def _list(settings: Settings, store: Store, clock: Clock, progress: Callable[[str], None]) -> None:
    """Read the cluster by `get` and `list` alone. Raises UnreadableClusterError."""

    def write(resource: Resource[Any], _: str, items: Iterable[dict[str, Any]]) -> None:
        codec, sink = resource.codec(), store.sink(resource)
        for item in items:
            sink.apply(codec.from_value(item))

    client = connect(settings, clock)
    try:
        collector = Collector(client, clock, settings[TIMEOUT].total_seconds(), write, progress)
        collector.collect(WATCHED)
    finally:
        client.close()
    for resource, (state, detail) in collector.states.items():
        store.settle(resource, State(state), detail)
