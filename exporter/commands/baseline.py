"""Compares a report with a former one: new, changed and fixed findings, and those that are unknown now."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from exporter.report import REPORT, SCHEMA, SEVERITIES, Change, Comparison, Finding, Report
from exporter.settings.options import BASELINE
from exporter.settings.settings import SettingsError


def load_report(path: Path) -> Report:
    """Load a report from a JSON file. Raises SettingsError if the file is not a report."""
    try:
        return REPORT.validate_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{BASELINE.flag}: {path} cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = f"{where}: {first['msg']}" if where else first["msg"]
        raise SettingsError(
            f"{BASELINE.flag}: {path} is no report of {SCHEMA} ({what}); name what `audit --output json` has printed"
        ) from None


def compare(before: Report, now: Report) -> Comparison:
    """Compare two reports finding by finding; the same fingerprint means the same finding."""
    old = {finding.fingerprint: finding for finding in before.findings}
    current = {finding.fingerprint for finding in now.findings}
    telling = {s.check for s in now.checks if s.status in ("pass", "fail") and not s.unknown and not s.blind_on}
    # What could not be read of a dump may have held the object.
    gone = [finding for finding in before.findings if finding.fingerprint not in current]
    told = [] if now.problems else [finding for finding in gone if finding.check in telling]
    changes = (_describe_change(old[f.fingerprint], f) for f in now.findings if f.fingerprint in old)
    return Comparison(
        at=before.at,
        new=tuple(f.fingerprint for f in now.findings if f.fingerprint not in old),
        changed=tuple(change for change in changes if change.what),
        fixed=tuple(told),
        unknown=tuple(finding for finding in gone if finding not in told),
    )


def _describe_change(before: Finding, now: Finding) -> Change:
    """What has changed in a finding. Summaries are not compared, because they contain ages."""
    pairs = (
        ("severity", before.severity.value, now.severity.value),
        ("muted", _suppression_of(before), _suppression_of(now)),
        ("field", before.field, now.field),
        ("observed", before.observed, now.observed),
        ("expected", before.expected, now.expected),
    )
    worse = SEVERITIES.index(now.severity) > SEVERITIES.index(before.severity)
    unmuted = before.suppressed is not None and now.suppressed is None
    return Change(
        fingerprint=now.fingerprint,
        worse=worse or unmuted,
        what=tuple(f"{name}: {old or 'none'}, now {new or 'none'}" for name, old, new in pairs if old != new),
    )


def _suppression_of(finding: Finding) -> str:
    return "yes" if finding.suppressed is not None else "no"
