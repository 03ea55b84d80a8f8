"""An annotation that should mute findings and cannot be understood."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.suppression import STATEMENTS, Statement
from exporter.checks.suppressions._removal import place, removal
from exporter.report import Severity


@check(
    id="suppression-malformed",
    severity=Severity.INFO,
    over=STATEMENTS,
    summary="A suppression on an object cannot be understood and mutes nothing",
    meaning=(
        "An object has the annotation `bootsource.kubevirt.io/suppress`, and a line of it is not of the form "
        "`CHECK[,CHECK]...; reason=TEXT; owner=TEXT[; until=DATE]`. That line is ignored. So is what comes after the 20th line or after 16,384 characters."
    ),
    impact="Findings that somebody believes to be muted are reported as ever.",
    diagnosis="The finding quotes the line and says what is wrong with it.",
    mitigation="Correct the line; the page of each check has one to copy. The command of the finding removes it.",
    alert_for=timedelta(hours=24),
)
def suppression_malformed(statements: tuple[Statement, ...], ctx: Context) -> Verdict:
    """Judge annotations only: a configuration with a mistake is refused as a whole."""
    return [
        Failed(
            summary=f"A suppression {place(ctx)} is ignored: it {each.problem}",
            field=each.field,
            observed=each.text,
            expected="CHECK[,CHECK]...; reason=TEXT; owner=TEXT[; until=DATE]",
            part=each.text,
            fix=removal(each, statements, ctx),
        )
        for each in statements
        if each.rule is None
    ]
