"""docs/configuration.md: every option, as flag and as environment variable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exporter.cli import COMMANDS, PROGRAM
from exporter.generate.text import code, listed, page, prose, table
from exporter.options import OPTIONS
from exporter.settings import ENVIRONMENT_PREFIX, Option


def configuration() -> str:
    """Commands, and the options that they take."""
    return page(
        "# Configuration",
        f"A flag wins over the environment variable, which wins over the default. An empty variable counts as not set. "
        f"Variables begin with `{ENVIRONMENT_PREFIX}`; a switch as a variable is `true` or `false`.",
        "## Commands",
        table(
            ("Command", "What it does"),
            [(code(f"{PROGRAM} {c.name}"), prose("; ".join(filter(None, (c.summary, c.notes))))) for c in COMMANDS],
        ),
        "## Options",
        table(("Flag", "Variable", "Commands", "Default", "What it is"), map(_row, OPTIONS)),
        *(block for option in OPTIONS if option.detail for block in _details(option)),
    )


def _row(option: Option[Any]) -> tuple[str, ...]:
    return (
        code(option.flag if option.positional or option.switch else f"{option.flag} {option.metavar}"),
        code(option.variable) if option.variable else "",
        listed(name for name in _commands(option)),
        _default(option),
        prose(option.help) + _choices(option),
    )


def _commands(option: Option[Any]) -> list[str]:
    return [command.name for command in COMMANDS if command.name in option.commands]


def _choices(option: Option[Any]) -> str:
    choices = option.choices() if option.choices else ()
    told = [code(choice) for choice in choices if choice not in option.help]
    return f": {listed(told)}" if told else ""


def _default(option: Option[Any]) -> str:
    """The default, and where a command has another one, that too."""
    if option.secret:
        return "not shown"
    if option.shown_default:
        return prose(option.shown_default)
    plain = _shown(option.default)
    others = [f"{name}: {_shown(value)}" for name, value in sorted(option.defaults.items())]
    return "; ".join((plain, *others))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return code(str(value)) if value else "none"


def _details(option: Option[Any]) -> Iterator[str]:
    yield f"### {code(option.flag)}"
    yield prose(option.detail)
