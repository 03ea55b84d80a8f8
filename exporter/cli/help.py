"""The texts of --help: of the program, and of each command."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from exporter.settings.commands import COMMANDS, Command, options_of
from exporter.settings.settings import ENVIRONMENT_PREFIX, Option, short_flags

_COLUMN: Final = 31
"""Where the descriptions of options begin."""


def render_overview(prog: str, commands: Sequence[Command] = COMMANDS) -> str:
    """The help of the program itself."""
    width = max(len(command.name) for command in commands)
    lines = [
        f"usage: {prog} COMMAND [OPTION]...",
        "",
        "Tells whether the next virtual machine on OpenShift Virtualization / KubeVirt",
        "boots the right image, and what to fix.",
        "",
        "commands:",
        *(f"  {command.name:{width}}  {command.summary}" for command in commands),
        "",
        f"`{prog} help COMMAND` describes a command; --version prints the version.",
    ]
    return "\n".join(lines) + "\n"


def render_help(command: Command, subject: str, prog: str) -> str:
    """The help of a command; `subject` is the command whose options it takes, usually itself."""
    options = command.options or options_of(subject)
    words = f" [{'|'.join(command.takes_options_of)}]" if command.takes_options_of else ""
    flags = " [OPTION]..." if any(not option.positional for option in options) else ""
    positional = "".join(
        f" {option.flag}..." if option.repeatable else f" [{option.flag}]" for option in options if option.positional
    )
    lines = [f"usage: {prog} {command.name}{words}{flags}{positional}", "", f"{command.summary}."]
    shorts = short_flags(options)
    shown = [line for option in options for line in _describe(option, command.name, shorts)] if command.options else []
    notes = [line for note in command.notes.splitlines() for line in textwrap.wrap(note, _width())]
    if flags:
        notes.append(f"Each option is an environment variable too, as in {ENVIRONMENT_PREFIX}LOG_LEVEL=debug.")
    return "\n".join([*lines, *(["", *shown] if shown else []), *(["", *notes] if notes else [])]) + "\n"


def _describe(option: Option[Any], command: str, shorts: Mapping[str, str]) -> Iterator[str]:
    short = f"{shorts[option.name]}, " if option.name in shorts else "    "
    value = f" {option.metavar}" if option.metavar and not (option.switch or option.positional) else ""
    names = f"  {option.flag}" if option.positional else f"  {short}{option.flag}{value}"
    default = default_text(option, command)
    words = option.help_of(command) + (f" [{default}]" if default else "")
    text = textwrap.wrap(words, _width() - _COLUMN, break_on_hyphens=False)
    if len(names) >= _COLUMN - 1:
        yield names
        names = ""
    yield f"{names:{_COLUMN}}{text[0]}"
    yield from (" " * _COLUMN + line for line in text[1:])


def default_text(option: Option[Any], command: str) -> str:
    """The default of an option as --help shows it; "" if there is nothing to show."""
    if option.shown_default:
        return option.shown_default
    default = option.default_of(command)
    return str(default) if isinstance(default, str | tuple) and default and not option.secret else ""


def _width() -> int:
    return max(60, min(shutil.get_terminal_size((80, 24)).columns, 110))
