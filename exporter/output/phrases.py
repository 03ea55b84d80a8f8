"""Short texts for parts of a report: names, counts, ages, evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from exporter.base.durations import format_age
from exporter.base.phrases import counted, joined
from exporter.cluster.resource import Ref
from exporter.report import Finding, FixKind, FixText


def object_name(finding: Finding) -> str:
    """`Kind namespace/name` of the object."""
    ref = finding.object
    return str(Ref(ref.kind, ref.namespace, ref.name)).strip()


_LABELS: Final[Mapping[FixKind, str]] = {
    FixKind.SAFE: "fix (safe)",
    FixKind.COSTS: "fix (costs)",
    FixKind.NONE: "what to do",
}


def label_of(fix: FixText) -> str:
    """`fix (safe)`, `fix (costs): The image is deleted`, `what to do: Renew the secret`."""
    told = ". ".join(filter(None, (fix.risk.rstrip("."), fix.note)))
    return f"{_LABELS[fix.kind]}: {told}" if told else _LABELS[fix.kind]


def told_fix(fix: FixText) -> str:
    """The label, and on the next line the command if there is one."""
    return f"{label_of(fix)}:\n{fix.command}" if fix.command else label_of(fix)


def describe_dependents(finding: Finding) -> str:
    """`12 DataSources and 74 Templates depend on it`, or ""."""
    parts = [counted(number, kind) for kind, number in finding.dependents.items() if number]
    if not parts:
        return ""
    verb = "depends" if sum(finding.dependents.values()) == 1 else "depend"
    return f"{joined(parts)} {verb} on it"


def format_time(instant: datetime) -> str:
    """`2026-01-31 12:00:00 UTC`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def describe_evidence(finding: Finding) -> str:
    """What was seen, and what should be, as far as the check says it."""
    parts = []
    if finding.observed:
        parts.append(f"{finding.field or 'observed'}: {finding.observed}")
    elif finding.field:
        parts.append(f"see {finding.field}")
    if finding.expected:
        parts.append(f"expected: {finding.expected}")
    return "; ".join(parts)


def describe_age(finding: Finding, at: datetime) -> str:
    """`for 3 hours, since 2026-01-31 12:00:00 UTC`, or ""."""
    return f"for {format_age(finding.since, at)}, since {format_time(finding.since)}" if finding.since else ""


def describe_suppressed(finding: Finding) -> str:
    """A suppressed finding in one line: what, why, whose decision, until when."""
    why = finding.suppressed
    if why is None:
        return finding.summary
    until = f"until {format_time(why.until)}" if why.until else "without an end"
    return f"{finding.summary} ({finding.check} of {object_name(finding)}): {why.reason}; {why.owner}, {until}"
