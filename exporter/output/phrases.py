"""Words for what a report holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from exporter.cluster.resource import Ref
from exporter.report import Finding


def named(finding: Finding) -> str:
    """`Kind namespace/name` of the object."""
    ref = finding.object
    return str(Ref(ref.kind, ref.namespace, ref.name)).strip()


def blast(finding: Finding) -> str:
    """`12 DataSources and 74 Templates depend on it`, or ""."""
    parts = [counted(number, kind) for kind, number in finding.dependents.items() if number]
    if not parts:
        return ""
    verb = "depends" if sum(finding.dependents.values()) == 1 else "depend"
    return f"{joined(parts)} {verb} on it"


def counted(number: int, noun: str) -> str:
    """`1 Template`, `2 Templates`, `2 VolumeSnapshotClasses`."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{number} {noun if number == 1 else plural}"


def joined(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def age(since: datetime, at: datetime) -> str:
    """`3 d`, `5 h`, `7 min`: one unit is enough to tell whether it is new."""
    passed = max(at - since, timedelta())
    minutes = passed // timedelta(minutes=1)
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} d"
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"


def stamp(instant: datetime) -> str:
    """`2026-01-31 12:00:00 UTC`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def evidence(finding: Finding) -> str:
    """What was seen, and what should be, as far as the check says it."""
    parts = []
    if finding.observed:
        parts.append(f"{finding.field or 'observed'}: {finding.observed}")
    elif finding.field:
        parts.append(f"see {finding.field}")
    if finding.expected:
        parts.append(f"expected: {finding.expected}")
    return "; ".join(parts)


def lasting(finding: Finding, at: datetime) -> str:
    """`for 3 h, since 2026-01-31 12:00:00 UTC`, or ""."""
    return f"for {age(finding.since, at)}, since {stamp(finding.since)}" if finding.since else ""


def told_muted(finding: Finding) -> str:
    """A muted finding in one line: what, why, whose decision, until when."""
    why = finding.suppressed
    if why is None:
        return finding.summary
    until = f"until {stamp(why.until)}" if why.until else "for ever"
    return f"{finding.summary} ({finding.check} of {named(finding)}): {why.reason}; {why.owner}, {until}"
