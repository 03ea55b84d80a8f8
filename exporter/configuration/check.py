"""`config check`: shows what counts of flags, environment, file and defaults. Mistakes are told before this runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from exporter.checks import CHECKS
from exporter.checks.policy import Policy
from exporter.configuration.sections import POLICY
from exporter.options import OF_COMMAND, OPTIONS
from exporter.settings import Option, Settings
from exporter.spans import limit, short
from exporter.terminal import clean


def run(settings: Settings) -> int:
    """Print the settings as the command would see them, each with its origin."""
    command = settings[OF_COMMAND]
    lines = [_heading(settings), "", f"Options of {command}", *_table(_options(settings, command))]
    policy = settings.section(POLICY)
    judged, muted = list(_checks(policy)), list(_suppressions(policy))
    if judged:
        lines += ["", "Checks", *_table(judged)]
    if muted:
        lines += ["", "Suppressions", *_table(muted)]
    sys.stdout.write("\n".join(map(clean, lines)) + "\n")
    return 0


def _heading(settings: Settings) -> str:
    if settings.file is None:
        return "No configuration file is named; flags, environment and defaults count."
    return f"{settings.file.path} is valid (sha256 {settings.file.digest[:12]})."


def _options(settings: Settings, command: str) -> Iterator[tuple[str, ...]]:
    for option in OPTIONS:
        if command in option.commands and settings.command in option.commands:
            origin = settings.origin(option)
            value = settings[option] if origin else option.default_of(command)
            yield option.name, shown(option, value, set_by=origin), origin or "default"


def shown(option: Option[Any], value: object, *, set_by: str) -> str:
    """A value as it is written, secrets masked."""
    if option.secret and value:
        return "(not shown)"
    if not set_by and option.shown_default:
        return option.shown_default
    return _written(value) or "none"


def _written(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case timedelta():
            return short(value)
        case frozenset() | list():
            return ", ".join(sorted(map(str, value)))
        case None:
            return ""
    return str(value)


def _checks(policy: Policy) -> Iterator[tuple[str, ...]]:
    for check in CHECKS:
        told = ["disabled"] if check.id in policy.disabled else []
        if check.id in policy.severities:
            told.append(f"severity {policy.severities[check.id]} (by default {check.severity})")
        for threshold in check.thresholds:
            value = policy.limits.get(check.id, {}).get(threshold.name)
            if value is not None:
                told.append(f"{threshold.name} {limit(value)} (by default {limit(threshold.default)})")
        if told:
            yield check.id, ", ".join(told)


def _suppressions(policy: Policy) -> Iterator[tuple[str, ...]]:
    for rule in policy.rules:
        until = f"until {rule.until:%Y-%m-%dT%H:%M:%SZ}" if rule.until else "for ever"
        yield ", ".join(rule.checks), str(rule.selector), until, f"{rule.reason} ({rule.owner})"


def _table(rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> list[str]:
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
