"""`audit`: evaluates a dump or a live cluster once."""

from __future__ import annotations

import dataclasses
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from exporter.base.clock import Clock, SystemClock
from exporter.base.logs import redact_secrets
from exporter.base.terminal import Progress, Style, clean_line
from exporter.base.version import installed_version
from exporter.checks import CHECKS
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.cluster.store import Store
from exporter.commands.baseline import compare
from exporter.commands.baseline import load_report as read_report
from exporter.dump import holds_boot_source, load
from exporter.joins.lifecycle import IMAGE_POLICY
from exporter.kube.contract import State
from exporter.output.facts import facts_of
from exporter.output.formats import render
from exporter.output.outline import ReportOutline
from exporter.report import NOTHING_TO_JUDGE, Report, Severity, Verdict, with_verdict
from exporter.settings.images import IMAGES
from exporter.settings.options import (
    AT,
    BASELINE,
    COMPLETE,
    CONTEXT,
    DISABLE,
    FAIL_ON,
    FROM,
    KUBECONFIG,
    NAMESPACES,
    OUTPUT,
    TIMEOUT,
)
from exporter.settings.policy import POLICY
from exporter.settings.settings import Settings, SettingsError

_log: Final = logging.getLogger(__name__)

CLEAN: Final = 0
FINDINGS: Final = 1
UNDECIDED: Final = 3
_CODES: Final[Mapping[Verdict, int]] = {"pass": CLEAN, "fail": FINDINGS, "unknown": UNDECIDED}
_UNREAD: Final = (State.PENDING, State.FORBIDDEN, State.FAILED)

SyncOnce = Callable[[Settings, Store, Iterable[Resource[Any]], Callable[[str], None]], None]
"""Reads these resources of the cluster that the settings name into the store, for at most their timeout.

What could not be read is settled as such in the store. Raises SettingsError if the cluster cannot be reached as asked.
"""


@dataclass(frozen=True, slots=True)
class _Input:
    """Where the rows come from, and what there is to say about it."""

    at: datetime
    at_source: str
    problems: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class EmptyClusterError(Exception):
    """Nothing at all could be read from the cluster: there is nothing to report on."""


def run(settings: Settings) -> int:
    """Audit as the settings say, print the report, and return the exit code."""
    # Read the baseline first: a mistake in its path should not show only after minutes of reading a cluster.
    path = settings[BASELINE]
    former = read_report(path) if path is not None else None
    try:
        finished = build_report(settings, SystemClock(), former)
    except EmptyClusterError as error:
        sys.stderr.write(f"bootsource-exporter: {redact_secrets(clean_line(str(error)))}\n")
        return UNDECIDED
    text = render(finished, settings[OUTPUT], Style.for_stream(sys.stdout, os.environ))
    sys.stdout.write(text)
    if settings[OUTPUT] == "json":
        # The table and the other formats show these themselves; the report's keys are a contract.
        for problem in finished.problems:
            if problem != NOTHING_TO_JUDGE:
                _log.error("%s", problem)
    return exit_code(finished)


def exit_code(finished: ReportOutline) -> int:
    """The exit code of the verdict. Findings win over what is undecided, because they are certain."""
    return _CODES[finished.verdict]


def build_report(settings: Settings, clock: Clock, former: Report | None = None) -> ReportOutline:
    """Evaluate the dump or cluster that the settings name, and compare it with a former report.

    Raises SettingsError if a dump holds nothing to evaluate or the cluster cannot be reached, and EmptyClusterError if
    no table can be read.
    """
    store = Store(WATCHED, clock)
    disabled = settings[DISABLE]
    store.switch_off(disabled, settings.origin(DISABLE))
    resources = tuple(r for r in WATCHED if r not in disabled)
    progress = Progress(sys.stderr, clock.monotonic)
    try:
        read = _from_dump if settings[FROM] else _from_cluster
        source = read(settings, store, resources, progress)
    finally:
        progress.clear()
    store.supply(IMAGE_POLICY, settings.section(IMAGES))
    return _evaluate(store.freeze(), source, settings, former)


def _from_dump(
    settings: Settings, store: Store, resources: tuple[Resource[Any], ...], progress: Callable[[str], None]
) -> _Input:
    for option in (KUBECONFIG, CONTEXT, NAMESPACES):
        # A variable may be set for all commands; a flag is meant for this one.
        if settings.origin(option).startswith("--"):
            raise SettingsError(f"{option.flag} is about a cluster and {FROM.flag} about a dump; leave one out")
    paths = settings[FROM]
    facts = load(paths, store, resources, complete=settings[COMPLETE], progress=progress)
    nothing = () if holds_boot_source(store.freeze()) else (NOTHING_TO_JUDGE,)
    return _Input(facts.at, facts.at_source, (*facts.problems, *nothing), facts.skipped_files)


def _from_cluster(
    settings: Settings, store: Store, resources: tuple[Resource[Any], ...], progress: Callable[[str], None]
) -> _Input:
    if settings[COMPLETE] and settings.origin(COMPLETE).startswith("--"):
        raise SettingsError(f"{COMPLETE.flag} is about a dump; name one with {FROM.flag}, or leave it out")
    # Loaded late: an audit of a dump needs no client.
    sync_once: SyncOnce = import_module("exporter.watch.once").sync_once
    store.look_only_in(settings[NAMESPACES])
    progress(f"connecting, for at most {settings[TIMEOUT]}")
    sync_once(settings, store, resources, progress)
    _require_objects(store.freeze(), resources)
    return _Input(store.clock.now(), "now")


def _require_objects(cluster: ClusterSnapshot, resources: tuple[Resource[Any], ...]) -> None:
    """Raise EmptyClusterError if no table could be read; one reason then says more than a report of blind checks."""
    tables = [cluster[resource] for resource in resources]
    if not tables or any(table.state not in _UNREAD for table in tables):
        return
    first = tables[0]
    others = f" and {len(tables) - 1} more resources" if len(tables) > 1 else ""
    raise EmptyClusterError(f"the cluster cannot be read ({first.resource}{others}): {first.state}, {first.detail}")


def _evaluate(cluster: ClusterSnapshot, source: _Input, settings: Settings, former: Report | None) -> ReportOutline:
    given = settings[AT]
    at, at_source = (given, "given") if given is not None else (source.at, source.at_source)
    evaluation = evaluate_cluster(cluster, at, policy=settings.section(POLICY))
    for check, crash in evaluation.crashed.items():
        _log.error("a check failed; please report this as a defect", extra={"check": check, "traceback": crash})
    report = with_verdict(
        dataclasses.replace(evaluation.report, at_source=at_source, problems=source.problems, skipped=source.skipped)
    )
    if former is not None:
        report = dataclasses.replace(report, baseline=compare(former, report))
    return ReportOutline(
        report=report,
        facts=facts_of(cluster),
        checks=CHECKS,
        fail_on=Severity(settings[FAIL_ON]),
        version=installed_version(),
    )
