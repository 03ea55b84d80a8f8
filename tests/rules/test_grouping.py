"""Which alert tells of which finding."""

from __future__ import annotations

import re
from collections.abc import Iterator

import promql_parser as promql
import pytest

from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.report import SEVERITIES, Severity
from exporter.rules import ALERTS
from exporter.rules.alert import Alert
from exporter.rules.roots import HELD

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)


def selectors(expr: object) -> Iterator[promql.VectorSelector]:
    """All that an expression selects."""
    match expr:
        case promql.VectorSelector():
            yield expr
        case promql.BinaryExpr():
            yield from selectors(expr.lhs)
            yield from selectors(expr.rhs)
        case promql.AggregateExpr() | promql.ParenExpr():
            yield from selectors(expr.expr)
        case promql.Call():
            yield from (selector for argument in expr.args for selector in selectors(argument))


def selects(alert: Alert, labels: dict[str, str]) -> bool:
    """Whether a root cause with these labels makes it fire."""
    for selector in selectors(promql.parse(alert.expr)):
        matchers = selector.matchers.matchers
        if selector.name == HELD and all(matches(m, labels.get(m.name, "")) for m in matchers):
            return True
    return False


def matches(matcher: promql.Matcher, value: str) -> bool:
    """As Prometheus does; a label that is missing is empty."""
    found = bool(re.fullmatch(matcher.value, value))
    return not found if str(matcher.op).rpartition(".")[2] in ("NotEqual", "NotRe") else found


@each_check
@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_root_cause_has_one_alert_unless_it_is_hygiene(check: Check, severity: Severity) -> None:
    found = [alert for alert in ALERTS if selects(alert, {"area": check.area, "severity": severity.value})]
    assert len(found) == (severity is not Severity.INFO)
    assert all(check in (*alert.checks, *alert.also) and alert.severity is severity for alert in found)


@each_check
def test_nobody_is_told_earlier_than_the_check_asks(check: Check) -> None:
    for alert in ALERTS:
        if check in alert.checks and check.severity is alert.severity:
            assert alert.for_ >= check.alert_for


def test_an_area_that_the_rules_do_not_know_has_an_alert_too() -> None:
    """An exporter may be newer or older than the rules."""
    for area in ("of-tomorrow", ""):
        found = [alert.name for alert in ALERTS if selects(alert, {"area": area, "severity": "warning"})]
        assert found == ["BootSourceConfigurationIneffective"]
