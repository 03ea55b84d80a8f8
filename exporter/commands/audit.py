"""`audit`: evaluates a dump or a live cluster once."""

from __future__ import annotations

import dataclasses
import logging
import os
import sys
from collections.abc import Mapping
from typing import Final

from exporter.base.clock import Clock, SystemClock
from exporter.base.logs import redact_secrets
from exporter.base.terminal import Style, clean_line
from exporter.base.version import installed_version
from exporter.boot_sources.builder import build_boot_sources
from exporter.boot_sources.document import Row
from exporter.boot_sources.state import WORST_FIRST
from exporter.checks import CHECKS
from exporter.checks.evaluate import evaluate_cluster
from exporter.commands.baseline import compare
from exporter.commands.baseline import load_report as read_report
from exporter.commands.observation import EmptyClusterError, Observation, observe
from exporter.output.facts import facts_of
from exporter.output.formats import render
from exporter.output.outline import ReportOutline
from exporter.output.selection import select_findings
from exporter.report import NOTHING_TO_JUDGE, Report, Severity, Verdict, with_verdict
from exporter.schedule.timetable import Timetable
from exporter.settings.options import (
    BASELINE,
    FAIL_ON,
    OUTPUT,
)
from exporter.settings.policy import POLICY
from exporter.settings.selection import ALL_NAMESPACES, NAMESPACE, QUIET, SEVERITY, SUMMARY
from exporter.settings.selection import CHECKS as CHECKS_OPTION
from exporter.settings.settings import Settings, SettingsError

_log: Final = logging.getLogger(__name__)

CLEAN: Final = 0
FINDINGS: Final = 1
UNDECIDED: Final = 3
_CODES: Final[Mapping[Verdict, int]] = {"pass": CLEAN, "fail": FINDINGS, "unknown": UNDECIDED}


def run(settings: Settings) -> int:
    """Audit as the settings say, print the report, and return the exit code."""
    if settings[ALL_NAMESPACES] and settings[NAMESPACE]:
        raise SettingsError(f"{ALL_NAMESPACES.flag} and {NAMESPACE.flag} contradict each other; leave one out")
    if settings[SUMMARY] and settings[OUTPUT] != "table" and settings.origin(OUTPUT).startswith("-"):
        raise SettingsError(f"{SUMMARY.flag} prints a table; leave out {OUTPUT.flag}")
    # Read the baseline first: a mistake in its path should not show only after minutes of reading a cluster.
    path = settings[BASELINE]
    former = read_report(path) if path is not None else None
    try:
        finished = build_report(settings, SystemClock(), former)
    except EmptyClusterError as error:
        sys.stderr.write(f"bootsource-exporter: {redact_secrets(clean_line(str(error)))}\n")
        return UNDECIDED
    if not settings[QUIET]:
        _print(finished, settings)
    return exit_code(finished)


def _print(finished: ReportOutline, settings: Settings) -> None:
    style = Style.for_stream(sys.stdout, os.environ)
    output = "summary" if settings[SUMMARY] else settings[OUTPUT]
    sys.stdout.write(render(finished, output, style))
    if output == "json":
        # The table and the other formats show these themselves; the report's keys are a contract.
        for problem in finished.problems:
            if problem != NOTHING_TO_JUDGE:
                sys.stderr.write(f"bootsource-exporter: {redact_secrets(clean_line(problem))}\n")


def exit_code(finished: ReportOutline) -> int:
    """The exit code of the verdict. Findings win over what is undecided, because they are certain."""
    return _CODES[finished.verdict]


def build_report(settings: Settings, clock: Clock, former: Report | None = None) -> ReportOutline:
    """Evaluate the dump or cluster that the settings name, and compare it with a former report.

    Raises like `observe`.
    """
    seen = observe(settings, clock)
    evaluation = evaluate_cluster(seen.cluster, seen.at, policy=settings.section(POLICY))
    for check, crash in evaluation.crashed.items():
        _log.error("a check failed; please report this as a defect", extra={"check": check, "traceback": crash})
    report = with_verdict(
        dataclasses.replace(evaluation.report, at_source=seen.at_source, problems=seen.problems, skipped=seen.skipped)
    )
    report = _select(report, settings)
    if former is not None:
        report = dataclasses.replace(report, baseline=compare(_select(former, settings), report))
    return ReportOutline(
        report=report,
        facts=facts_of(seen.cluster),
        checks=CHECKS,
        rows=_rows(seen, report) if settings[OUTPUT] == "html" else (),
        fail_on=Severity(settings[FAIL_ON]),
        version=installed_version(),
    )


def _rows(seen: Observation, report: Report) -> tuple[Row, ...]:
    """The boot sources, those that need attention first."""
    document = build_boot_sources(seen.cluster, report, seen.at, Timetable())
    rows = (source.row for source in document.boot_sources)
    return tuple(sorted(rows, key=lambda row: (WORST_FIRST.index(row.state), row.name, row.namespace)))


def _select(report: Report, settings: Settings) -> Report:
    namespaces, checks = settings[NAMESPACE], settings[CHECKS_OPTION]
    return select_findings(report, namespaces, checks, Severity(settings[SEVERITY]))
