"""The rules keep our conventions; and the linter notices what does not."""

from __future__ import annotations

import re
from datetime import timedelta

import promql_parser
import pytest

from exporter.checks import CHECKS
from exporter.report import Severity
from exporter.rules import ALERTS, RECORDINGS
from exporter.rules.alert import Alert, Recording
from exporter.rules.groups import alert_by_name, build_groups
from tests.rules.catalogue import CATALOGUE
from tests.rules.linter import TARGET, complaints, filters, labels

RULES: tuple[Alert | Recording, ...] = (*ALERTS, *RECORDINGS)
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda a: a.name)
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)


@each_rule
def test_an_expression_is_in_order(rule: Alert | Recording) -> None:
    assert complaints(rule.expr, CATALOGUE) == []


@each_rule
def test_the_labels_that_are_declared_are_those_of_the_expression(rule: Alert | Recording) -> None:
    assert labels(promql_parser.parse(rule.expr), CATALOGUE) == set(rule.labels)


@each_alert
def test_an_alert_is_silent_while_all_is_well(alert: Alert) -> None:
    assert filters(alert.expr)


@each_alert
def test_texts_use_labels_that_are_there(alert: Alert) -> None:
    there = {*alert.labels, *dict(alert.static), "alertname", "severity", "team"}
    for text in (alert.summary, alert.description, alert.since, alert.command, alert.page, alert.anchor):
        assert set(re.findall(r"\$labels\.(\w+)", text)) <= there


@each_alert
def test_an_alert_is_named_by_the_rules(alert: Alert) -> None:
    assert re.fullmatch(r"BootSource([A-Z][a-z]+)+", alert.name)
    assert len(alert.name) <= 50
    assert not re.search("Critical|Warning|Info", alert.name)


@each_alert
def test_an_alert_waits_as_long_as_its_severity_asks(alert: Alert) -> None:
    low, high = {
        Severity.CRITICAL: (timedelta(minutes=5), timedelta(minutes=15)),
        Severity.WARNING: (timedelta(minutes=10 if "absent" in alert.expr else 15), timedelta(hours=2)),
        Severity.INFO: (timedelta(hours=1), timedelta(days=1)),
    }[alert.severity]
    assert low <= alert.for_ <= high


@each_alert
def test_a_summary_is_a_title_and_the_rest_says_the_effect_and_where_to_look(alert: Alert) -> None:
    assert not alert.summary.endswith(".")
    assert "Effect:" in alert.description
    assert alert.command


@each_alert
def test_texts_are_short_and_name_no_check(alert: Alert) -> None:
    """They come from metrics and labels, so that people can read the pages that show rules."""
    rules = [rule for group in build_groups()["groups"] for rule in group["rules"] if rule.get("alert") == alert.name]
    for text in (text for rule in rules for text in rule["annotations"].values()):
        assert len(text) < 400, len(text)
        assert not [check.id for check in CHECKS if check.id in text]
    assert not [check.id for check in CHECKS if f'"{check.id}' in alert.expr or f"|{check.id}" in alert.expr]


def test_commands_are_those_of_the_platform() -> None:
    for client, other in (("oc", "kubectl"), ("kubectl", "oc")):
        rules = [rule for group in build_groups(client)["groups"] for rule in group["rules"] if "alert" in rule]
        commands = [rule["annotations"]["command"] for rule in rules]
        assert not [command for command in commands if re.search(rf"\b{other} ", command)]
        assert all(f"{client} " in command for command in commands)


@each_alert
def test_static_labels_are_nobody_elses(alert: Alert) -> None:
    taken = {*TARGET, "kubernetes_operator_part_of", "kubernetes_operator_component", "operator_health_impact"}
    assert not taken & set(dict(alert.static))


def test_recordings_are_named_level_metric_operation() -> None:
    assert all(re.fullmatch(r"[a-z_]+(:[a-z0-9_]+){2,3}", rule.name) for rule in RECORDINGS)


def test_a_recording_comes_after_those_that_it_uses() -> None:
    seen: set[str] = set()
    for rule in RECORDINGS:
        used = {name for name in CATALOGUE if ":" in name and re.search(rf"{re.escape(name)}(?![\w:])", rule.expr)}
        assert used <= {*seen, rule.name}, rule.name
        seen.add(rule.name)


def test_every_recording_is_used_by_an_alert_or_documented() -> None:
    assert all(rule.help.endswith(".") for rule in RECORDINGS)


ROOTS = "bootsource_finding_root_dependents"
FAILURES = "bootsource_exporter_check_failures_total"


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("max by (", "does not parse"),
        ("max(bootsource_nonsense)", "no metric bootsource_nonsense"),
        (f"{ROOTS} > 0", "two replicas give two results"),
        (f"max without (instance) ({ROOTS})", "without() keeps what a scrape adds"),
        (f"max by (namespace) ({ROOTS})", "by (namespace): each platform"),
        (f"max by (instance) ({ROOTS})", "by (instance): each platform"),
        (f"max by (colour) ({ROOTS})", "by (colour): what is aggregated has no such label"),
        (f"max by (check) (max by (kind) ({ROOTS}))", "by (check): what is aggregated has no such label"),
        (f'max({ROOTS}{{colour="red"}})', "has no label colour"),
        (f'max({ROOTS}{{severity="fatal"}})', "never has severity=fatal"),
        (f'max({ROOTS}{{check=~"ssp-paused|gone"}})', "never has check=gone"),
        (f'max({ROOTS}{{check=~"ssp_paused"}})', "is no pattern"),
        (f'max({ROOTS}{{check=~"^ssp.*"}})', "anchored anyway"),
        (f"max({FAILURES}) > 0", "is used without rate() or increase()"),
        (f"max(rate({ROOTS}[5m]))", "which is no counter"),
        (f"max by (kind) ({ROOTS}) and max by (check) ({ROOTS})", "are matched without on()"),
        (f"max by (kind) ({ROOTS}) and ignoring (kind) max by (check) ({ROOTS})", "write on()"),
        (f"max({ROOTS}) or vector(0)", "where nothing is known"),
    ],
)
def test_the_linter_notices(expr: str, expected: str) -> None:
    assert any(expected in complaint for complaint in complaints(expr, CATALOGUE)), complaints(expr, CATALOGUE)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (f"max({ROOTS}) > 0", True),
        (f"absent({ROOTS})", True),
        (f"max({ROOTS}) > bool 0", False),
        (f"max({ROOTS})", False),
        (f"max({ROOTS}) > 0 or max({ROOTS})", False),
        (f"max({ROOTS}) and max({ROOTS}) > 0", True),
        (f'label_replace(max by (kind) ({ROOTS}) > 0, "a", "$1", "kind", "(.*)")', True),
    ],
)
def test_the_linter_knows_what_is_silent(expr: str, expected: bool) -> None:
    assert filters(expr) is expected


def test_an_alert_is_found_by_its_name() -> None:
    assert alert_by_name("BootSourceExporterDown").expr.startswith("absent(")
