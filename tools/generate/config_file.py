"""The configuration file: its JSON Schema, and an example that holds everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from textwrap import indent
from typing import Any, Final

from exporter.base.durations import PATTERN, format_limit
from exporter.checks import CHECKS
from exporter.checks.check import Check, Threshold
from exporter.checks.policy import EVERY
from exporter.output.suppress_commands import configuration_entry
from exporter.report import Severity
from exporter.settings.commands import OPTIONS, needs_restart
from exporter.settings.policy import (
    ABOUT_CHECK,
    ABOUT_OBJECT,
    ABOUT_SUPPRESSION,
    CHECKS_KEY,
    SUPPRESSIBLE,
    SUPPRESSIONS_KEY,
)
from exporter.settings.settings import Option
from tools.generate.schemas import DIALECT

_SHOWN: Final = "import-outdated"
"""The check of the example."""
_UNTIL: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$"


def config_schema() -> str:
    """The JSON Schema of the configuration file. What it admits can still be wrong, as a file that is not there."""
    properties = {
        option.name: {"description": _description_of(option), **_nullable(_option(option))} for option in file_options()
    }
    checks = {check.id: _nullable(_check(check)) for check in CHECKS}
    properties[CHECKS_KEY] = _nullable(_mapping(checks, "What to think of checks."))
    properties[SUPPRESSIONS_KEY] = _nullable(
        {"type": "array", "items": _suppression(), "description": "Which findings are muted, why, and until when."}
    )
    return json.dumps({"$schema": DIALECT, "title": "Configuration of bootsource-exporter", **_mapping(properties)})


def file_options() -> Iterator[Option[Any]]:
    """The options that the file can hold."""
    return (option for option in OPTIONS if option.in_file)


def _mapping(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    about = {"description": description} if description else {}
    return {"type": "object", **about, "additionalProperties": False, "properties": properties}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """A key without a value counts as not set."""
    return {"anyOf": [{k: v for k, v in schema.items() if k != "description"}, {"type": "null"}], **_describe(schema)}


def _describe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": schema["description"]} if "description" in schema else {}


def _description_of(option: Option[Any]) -> str:
    when = "A change needs a restart." if needs_restart(option) else "A change counts at once." if option.live else ""
    text = f"{option.help[:1].upper()}{option.help[1:]}."
    return " ".join(filter(None, (text, option.detail, when)))


def _option(option: Option[Any]) -> dict[str, Any]:
    if option.switch:
        return {"type": "boolean"}
    # A list separated by commas stands in one text, which an enumeration cannot describe.
    one = {"enum": list(option.choices())} if option.choices else dict(option.schema)
    if not option.repeatable:
        return one
    return {"anyOf": [{"type": "string"}, {"type": "array", "items": one}]}


def _check(check: Check) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "enabled": {"type": "boolean", "description": ABOUT_CHECK["enabled"]},
        "severity": {"enum": list(Severity), "description": ABOUT_CHECK["severity"]},
    }
    if check.thresholds:
        limits = {threshold.name: _threshold(threshold) for threshold in check.thresholds}
        properties["thresholds"] = _mapping(limits, ABOUT_CHECK["thresholds"])
    return _mapping(properties, f"{check.summary}.")


def _threshold(threshold: Threshold[Any]) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 1000}
    if isinstance(threshold.default, timedelta):
        shape = {"type": "string", "pattern": f"^{PATTERN}$"}
    return {**shape, "description": threshold.meaning, "default": _plain(threshold.default)}


def _plain(value: timedelta | int) -> str | int:
    return format_limit(value) if isinstance(value, timedelta) else value


def _suppression() -> dict[str, Any]:
    ids = {"enum": list(SUPPRESSIBLE)}
    text = {"type": "string", "minLength": 1}
    shapes: dict[str, dict[str, Any]] = {
        "check": {"anyOf": [{"enum": [*SUPPRESSIBLE, EVERY]}, {"type": "array", "minItems": 1, "items": ids}]},
        "object": _mapping({key: {"type": "string", "description": about} for key, about in ABOUT_OBJECT.items()}),
        "reason": text,
        "owner": text,
        "until": {"type": "string", "pattern": _UNTIL},
    }
    described = {key: {**shapes[key], "description": about} for key, about in ABOUT_SUPPRESSION.items()}
    return {**_mapping(described), "required": ["check", "reason", "owner"]}


def example_file() -> str:
    """A file that is valid: every option that has a default with it, one check, and one suppression."""
    check = next(check for check in CHECKS if check.id == _SHOWN)
    blocks = [_example(option) for option in file_options()]
    limits = "\n".join(f"{t.name}: {format_limit(t.default)} # {t.meaning}" for t in check.thresholds)
    blocks += [
        f"# {CHECKS_KEY}: what to think of checks. A change counts at once.\n"
        f"{CHECKS_KEY}:\n  {check.id}:\n    enabled: true\n    severity: {check.severity}\n    thresholds:\n"
        + indent(limits, " " * 6)
        + "\n",
        f"# {SUPPRESSIONS_KEY}: which findings are muted. A change counts at once.\n{configuration_entry(check)}",
    ]
    return "\n".join(blocks) + "\n"


def _example(option: Option[Any]) -> str:
    """The default, in a comment where it depends on the command or where there is none."""
    when = " A change needs a restart." if needs_restart(option) else ""
    lines = [f"# {option.help[:1].upper()}{option.help[1:]}.{when}"]
    default = option.shown_default or str(option.default or "")
    written = json.dumps(default) if ":" in default else default
    if option.repeatable or not default:
        lines.append(f"# {option.name}: {f'[{option.metavar}]' if option.repeatable else option.metavar}")
    else:
        lines.append(f"{'# ' if option.defaults else ''}{option.name}: {written}")
    return "\n".join(lines) + "\n"
