"""The report as workflow commands of GitHub Actions, which show them as annotations of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from exporter.base.terminal import clean_line
from exporter.output.gaps import find_gaps
from exporter.output.outline import ReportOutline, visible_findings
from exporter.output.phrases import object_name, told_fix
from exporter.report import Severity

_COMMANDS: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def render_github(finished: ReportOutline) -> str:
    """A command for each finding that is not suppressed, and one for whatever was not checked."""
    lines = [
        annotation(
            finding.severity,
            f"{finding.check}: {object_name(finding)}",
            "\n".join((finding.summary, *map(told_fix, finding.offered))),
        )
        for finding in visible_findings(finished.report)
    ]
    lines += [annotation(Severity.WARNING, gap.what, gap.why) for gap in find_gaps(finished.report)]
    return "".join(f"{line}\n" for line in lines)


def annotation(severity: Severity, title: str, message: str, file: str = "", line: int = 0, column: int = 0) -> str:
    """One workflow command. Nothing in a text can end it, or begin another one."""
    place = {"file": file, "line": str(line or ""), "col": str(column or ""), "title": title}
    told = ",".join(f"{key}={_escape_property(value)}" for key, value in place.items() if value)
    text = "%0A".join(_escape(part) for part in message.splitlines())
    return f"::{_COMMANDS[severity]} {told}::{text}"


def _escape(text: str) -> str:
    return clean_line(text).replace("%", "%25")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
