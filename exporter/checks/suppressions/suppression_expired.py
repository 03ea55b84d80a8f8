"""A suppression whose time is over."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.suppression import STATEMENTS, Statement
from exporter.checks.suppressions._removal import place, removal
from exporter.report import Severity


@check(
    id="suppression-expired",
    severity=Severity.INFO,
    over=STATEMENTS,
    summary="A suppression has expired",
    meaning="Its `until` has passed. What it muted is reported again, and it has no effect any more.",
    impact="None on boot sources. Somebody should look whether the reason still holds.",
    diagnosis="The finding names the suppression, its reason and its owner, and how many failures it would still mute.",
    mitigation="Mend what it muted and remove it, or ask its owner for a new date.",
    alert_for=timedelta(hours=24),
)
def suppression_expired(statements: tuple[Statement, ...], ctx: Context) -> Verdict:
    """Judge the date alone, whether or not there is still something to mute."""
    return [
        Failed(
            summary=f"A suppression {place(ctx)} has expired and would mute {each.matches or 'nothing'}"
            f"{_describe_matches(each.matches)}: {each.rule.reason} ({each.rule.owner})",
            field=each.field,
            observed=f"until {each.rule.until:%Y-%m-%dT%H:%M:%SZ}: {each.text}",
            expected="a date to come, or no suppression",
            since=each.rule.until,
            part=each.text,
            fix=removal(each, statements, ctx),
        )
        for each in statements
        if each.rule is not None and each.expired
    ]


def _describe_matches(matches: int) -> str:
    return {0: "", 1: " failure"}.get(matches, " failures")
