"""The sections of the configuration file: settings of checks, and suppressions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from exporter.base.durations import parse_duration
from exporter.checks import CHECKS
from exporter.checks.annotation import MalformedError, parse_check_ids, parse_expiry
from exporter.checks.check import Afterwards, Check, Threshold
from exporter.checks.policy import DEFAULT, EVERY, ObjectPattern, Policy, SuppressionRule
from exporter.checks.runner import CLUSTER
from exporter.cluster.resources import WATCHED
from exporter.report import Severity
from exporter.settings.settings import Section, suggest
from exporter.settings.values import choice_parser

if TYPE_CHECKING:  # without a file nothing reads YAML, which costs a megabyte
    from exporter.settings.yaml_document import YamlDocument, YamlValue

CHECKS_KEY: Final = "checks"
SUPPRESSIONS_KEY: Final = "suppressions"
ABOUT_CHECK: Final = {
    "enabled": "false: the check is not judged at all; findings that it would explain become root causes",
    "severity": "the severity of all its findings, instead of what the check says",
    "thresholds": "what it judges by",
}
ABOUT_SUPPRESSION: Final = {
    "check": "ids of the checks whose findings are muted, or * for all",
    "object": "the objects that it is about; what is left out matches anything",
    "reason": "why the findings are accepted",
    "owner": "who answers for it",
    "until": "the last day in UTC, or the last instant, at which it counts; without it, for ever",
}
ABOUT_OBJECT: Final = {
    "kind": "as in the findings, or a pattern with *, ? and [...]",
    "namespace": 'its namespace, or a pattern; "" for what is in none',
    "name": "its name, or a pattern",
}
POLICY: Final = Section("checks and suppressions", DEFAULT)
"""Both sections together."""
SUPPRESSIBLE: Final = tuple(check.id for check in CHECKS if not isinstance(check.over, Afterwards))
KINDS: Final = (CLUSTER.kind, *sorted(resource.kind for resource in WATCHED))
"""The kinds of objects that a finding can be about."""


def parse_policy(document: YamlDocument, checks: YamlValue | None, suppressions: YamlValue | None, file: str) -> Policy:
    """Parse both sections into a Policy. Mistakes are added to `document.mistakes`, and their parts left out."""
    severities: dict[str, Severity] = {}
    limits: dict[str, dict[str, Any]] = {}
    disabled: set[str] = set()
    by_id = {check.id: check for check in CHECKS}
    for name, value in document.mapping(checks, by_id, "check").items() if checks else ():
        parts = document.mapping(value, ABOUT_CHECK) if not value.nothing else {}
        severity = _parse_word(document, parts.get("severity"), tuple(Severity))
        if severity:
            severities[name] = Severity(severity)
        if _parse_word(document, parts.get("enabled"), ("true", "false")) == "false":
            disabled.add(name)
        if "thresholds" in parts:
            limits[name] = dict(_parse_limits(document, parts["thresholds"], by_id[name]))
    rules = tuple(_parse_rules(document, suppressions)) if suppressions else ()
    return Policy(severities=severities, disabled=frozenset(disabled), limits=limits, rules=rules, file=file)


def _parse_word(document: YamlDocument, value: YamlValue | None, words: tuple[str, ...]) -> str:
    text = document.text(value) if value else ""
    if value and text:
        try:
            return choice_parser(*words)(text.lower() if words[0] == "true" else text)
        except ValueError as error:
            document.wrong(value, f"{text!r} {error}")
    return ""


def _parse_limits(document: YamlDocument, value: YamlValue, check: Check) -> Iterator[tuple[str, Any]]:
    declared = {threshold.name: threshold for threshold in check.thresholds}
    if not declared:
        document.wrong(value, "is not there: this check has no thresholds")
        return
    for name, inner in document.mapping(value, declared, "threshold").items():
        text = document.text(inner)
        if text:
            try:
                yield name, parse_limit(declared[name], text)
            except ValueError as error:
                document.wrong(inner, f"{text!r} {error}")


def parse_limit(threshold: Threshold[Any], text: str) -> timedelta | int:
    """Parse the value of a threshold. Raises ValueError, whose message continues a sentence after the text."""
    if isinstance(threshold.default, timedelta):
        return parse_duration(text)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1000):
        raise ValueError("is not a whole number from 1 to 1000")
    return int(text)


def _parse_rules(document: YamlDocument, value: YamlValue) -> Iterator[SuppressionRule]:
    seen: dict[tuple[object, ...], int] = {}
    for item in document.sequence(value):
        rule = _parse_rule(document, item)
        if rule is None:
            continue
        same = (frozenset(rule.checks), rule.selector)
        if same in seen:
            document.wrong(item, f"names the same checks and objects as that in line {seen[same]}; keep one")
            continue
        seen[same] = item.line
        yield rule


def _parse_rule(document: YamlDocument, item: YamlValue) -> SuppressionRule | None:
    before = len(document.mistakes)
    parts = document.mapping(item, ABOUT_SUPPRESSION)
    texts: dict[str, str] = {k: document.text(parts[k]) or "" for k in ("reason", "owner", "until") if k in parts}
    lacking = [key for key in ("check", "reason", "owner") if key not in parts or texts.get(key) == ""]
    if lacking and len(document.mistakes) == before:
        document.wrong(item, f"lacks {' and '.join(lacking)}")
    checks = _parse_checks(document, parts["check"]) if "check" in parts else ()
    until = _parse_until(document, parts["until"], texts["until"]) if texts.get("until") else None
    selector = _parse_selector(document, parts["object"]) if "object" in parts else ObjectPattern()
    if len(document.mistakes) > before:
        return None
    return SuppressionRule(checks=checks, selector=selector, reason=texts["reason"], owner=texts["owner"], until=until)


def _parse_checks(document: YamlDocument, value: YamlValue) -> tuple[str, ...]:
    words = document.texts(value)
    unknown = [word for word in words if word not in SUPPRESSIBLE and word != EVERY]
    for word in unknown:
        document.wrong(value, f"{word!r} is no check that can be suppressed{suggest(word, SUPPRESSIBLE)}")
    if not unknown:
        try:
            return parse_check_ids(words, SUPPRESSIBLE)
        except MalformedError as error:
            document.wrong(value, str(error))
    return ()


def _parse_until(document: YamlDocument, value: YamlValue, text: str) -> datetime | None:
    try:
        return parse_expiry(text)
    except ValueError as error:
        document.wrong(value, f"{text!r} {error}")
        return None


def _parse_selector(document: YamlDocument, value: YamlValue) -> ObjectPattern:
    parts = document.mapping(value, ABOUT_OBJECT) if not value.nothing else {}
    texts = {key: document.text(inner) for key, inner in parts.items() if not inner.nothing}
    kind = texts.get("kind")
    if kind and kind not in KINDS and not set(kind) & set("*?["):
        document.wrong(parts["kind"], f"{kind!r} is no kind that findings are about{suggest(kind, KINDS)}")
    return ObjectPattern(**{key: text for key, text in texts.items() if text is not None})
