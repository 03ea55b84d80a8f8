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
from exporter.checks import CHECKS
from exporter.checks.evaluate import evaluate_cluster
from exporter.commands.baseline import compare
from exporter.commands.baseline import load_report as read_report
from exporter.commands.observation import EmptyClusterError, observe
from exporter.output.facts import facts_of
from exporter.output.formats import render
from exporter.output.outline import ReportOutline
from exporter.report import NOTHING_TO_JUDGE, Report, Severity, Verdict, with_verdict
from exporter.settings.options import (
    BASELINE,
    FAIL_ON,
    OUTPUT,
)
from exporter.settings.policy import POLICY
from exporter.settings.settings import Settings

_log: Final = logging.getLogger(__name__)

CLEAN: Final = 0
FINDINGS: Final = 1
UNDECIDED: Final = 3
_CODES: Final[Mapping[Verdict, int]] = {"pass": CLEAN, "fail": FINDINGS, "unknown": UNDECIDED}


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

    Raises like `observe`.
    """
    seen = observe(settings, clock)
    evaluation = evaluate_cluster(seen.cluster, seen.at, policy=settings.section(POLICY))
    for check, crash in evaluation.crashed.items():
        _log.error("a check failed; please report this as a defect", extra={"check": check, "traceback": crash})
    report = with_verdict(
        dataclasses.replace(evaluation.report, at_source=seen.at_source, problems=seen.problems, skipped=seen.skipped)
    )
    if former is not None:
        report = dataclasses.replace(report, baseline=compare(former, report))
    return ReportOutline(
        report=report,
        facts=facts_of(seen.cluster),
        checks=CHECKS,
        fail_on=Severity(settings[FAIL_ON]),
        version=installed_version(),
    )
