"""`config check`: shows the settings in effect and where each comes from. Mistakes are reported before this runs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from exporter.base.durations import format_limit, format_short
from exporter.base.terminal import clean_line
from exporter.checks import CHECKS
from exporter.checks.policy import Policy
from exporter.settings.commands import OPTIONS, options_of
from exporter.settings.policy import POLICY
from exporter.settings.settings import ENVIRONMENT_PREFIX, Option, Settings, suggest

_OF_A_SERVICE: Final = re.compile(r"_SERVICE_(HOST|PORT)|_PORT(_|$)")


def run(settings: Settings) -> int:
    """Print the settings as their command would see them, each with its origin."""
    lines = [_print_heading(settings), "", f"Options of {settings.command}", *_table(_print_options(settings))]
    policy = settings.section(POLICY)
    judged, muted = list(_checks(policy)), list(_suppressions(policy))
    if judged:
        lines += ["", "Checks", *_table(judged)]
    if muted:
        lines += ["", "Suppressions", *_table(muted)]
    strange = list(unknown_variables(os.environ))
    if strange:
        lines += ["", "Variables that nothing reads", *(f"  {line}" for line in strange)]
    sys.stdout.write("\n".join(map(clean_line, lines)) + "\n")
    return 0


def unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """Variables with our prefix that set nothing. Kubernetes itself makes some for a Service of our name."""
    known = [option.variable for option in OPTIONS if option.variable]
    for name in sorted(environ):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known and not _OF_A_SERVICE.search(name):
            yield f"{name}{suggest(name, known)}"


def _print_heading(settings: Settings) -> str:
    if settings.file is None:
        return "No configuration file is named; flags, environment and defaults count."
    return f"{settings.file.path} is valid (sha256 {settings.file.digest[:12]})."


def _print_options(settings: Settings) -> Iterator[tuple[str, ...]]:
    for option in options_of(settings.command):
        if not option.positional:
            origin = settings.origin(option)
            yield option.name, format_value(option, settings[option], set_by=origin), origin or "default"


def format_value(option: Option[Any], value: object, *, set_by: str) -> str:
    """A value as it is written, secrets masked."""
    if option.secret and value:
        return "(not shown)"
    if not set_by and option.shown_default:
        return option.shown_default
    return _format(value) or "none"


def _format(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return format_short(value)
    # An address is a tuple too, but not a list of things.
    return ", ".join(sorted(map(str, value))) if type(value) in (tuple, frozenset) else str(value)  # type: ignore[call-overload]


def _checks(policy: Policy) -> Iterator[tuple[str, ...]]:
    for check in CHECKS:
        told = ["disabled"] if check.id in policy.disabled else []
        if check.id in policy.severities:
            told.append(f"severity {policy.severities[check.id]} (by default {check.severity})")
        for threshold in check.thresholds:
            value = policy.limits.get(check.id, {}).get(threshold.name)
            if value is not None:
                told.append(f"{threshold.name} {format_limit(value)} (by default {format_limit(threshold.default)})")
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
