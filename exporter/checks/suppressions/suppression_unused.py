"""A suppression that mutes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.suppression import STATEMENTS, Statement
from exporter.checks.suppressions._removal import place, removal
from exporter.report import Severity

_GRACE: Final = Threshold(
    "grace", timedelta(hours=24), "how long a suppression may mute nothing, as problems come and go"
)


@check(
    id="suppression-unused",
    severity=Severity.INFO,
    over=STATEMENTS,
    summary="A suppression matches nothing",
    meaning=(
        "No check that the suppression names fails for an object that it selects: the problem is mended, or a name "
        "in it is not right. A check that cannot judge at the moment, or is switched off, may still match."
    ),
    impact="None today. Left behind, it hides the next problem of this sort.",
    diagnosis="Compare the names in the finding with the object: `bootsource-exporter audit --output json` lists all findings.",
    mitigation="Remove it, or correct its names.",
    thresholds=(_GRACE,),
    undated="nothing tells when the last failure that it matched has ended",
    alert_for=timedelta(hours=24),
)
def suppression_unused(statements: tuple[Statement, ...], ctx: Context) -> Verdict:
    """Judge what is in force; failures within their grace count as matched."""
    idle = [s for s in statements if s.rule is not None and not s.expired and not s.matches and not s.dormant]
    failed = list(_fail([s for s in idle if not s.waits_for], statements, ctx))
    waiting = sorted({check for s in idle for check in s.waits_for})
    if waiting and not failed:
        return Unknown(f"{', '.join(waiting)} cannot judge everything, so it may still match")
    return failed or PASSED


def _fail(idle: list[Statement], statements: tuple[Statement, ...], ctx: Context) -> Iterator[Failed]:
    for each in idle:
        if each.rule is not None:
            yield Failed(
                summary=f"A suppression {place(ctx)} matches nothing: {each.rule.reason} ({each.rule.owner})",
                field=each.field,
                observed=each.text,
                expected="a failure that it mutes, or no suppression",
                grace=ctx.limit(_GRACE),
                part=each.text,
                fix=removal(each, statements, ctx),
            )
