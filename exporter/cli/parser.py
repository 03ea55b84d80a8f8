"""From the words of a command line to a command and the texts of its options. What the texts mean is settled later."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from exporter.settings.commands import COMMANDS, Command, options_of
from exporter.settings.settings import Option, SettingsError, short_flags, suggest

HELP: Final = ("-h", "--help")


class _ArgumentParser(argparse.ArgumentParser):
    """Reports what is wrong in one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        """Raise what main turns into a message and an exit code."""
        text = message.removeprefix("argument ")
        raise SettingsError(f"{text}; see `{self.prog} --help`")


def find_command(words: Sequence[str], commands: Sequence[Command] = COMMANDS) -> tuple[Command, list[str]]:
    """The command, of one word or two, and the words after it. Raises SettingsError, naming commands that are near."""
    by_name = {command.name: command for command in commands}
    for length in (2, 1):
        command = by_name.get(" ".join(words[:length]))
        if command is not None:
            return command, list(words[length:])
    first = words[0]
    begun = next((name for name in by_name if name.startswith(f"{first} ")), "")
    if begun:
        raise SettingsError(f"incomplete command {first!r}; did you mean {begun!r}?")
    what = "flag" if first.startswith("-") else "command"
    remedy = suggest(first, by_name) or "; `--help` lists the commands"
    raise SettingsError(f"unknown {what} {first!r}{remedy}")


def find_subject(command: Command, words: list[str]) -> tuple[str, list[str]]:
    """The command whose settings are meant, and the words after it."""
    if words and words[0] in command.takes_options_of:
        return words[0], words[1:]
    return next(iter(command.takes_options_of), command.name), words


def parse_options(command: Command, words: Sequence[str], subject: str, prog: str) -> Mapping[str, Sequence[str]]:
    """The texts of each option of the subject, by the option's name. Raises SettingsError."""
    options = command.options or options_of(subject)
    parser = _build_parser(f"{prog} {command.name}", options)
    # Several paths may stand between flags; argparse by itself takes those before the first one only.
    mixed = any(option.positional and option.repeatable for option in options)
    found, unknown = (parser.parse_known_intermixed_args if mixed else parser.parse_known_args)(list(words))
    if unknown:
        first = unknown[0].partition("=")[0]
        flags = [option.flag for option in options if not option.positional]
        what = "flag" if first.startswith("-") else "argument"
        remedy = suggest(first, flags) or f"; see `{prog} {command.name} --help`"
        raise SettingsError(f"unknown {what} {first!r} for {subject!r}{remedy}")
    # A positional that is left out comes as None.
    given = {name: [text for text in texts or () if text is not None] for name, texts in vars(found).items()}
    return {name: texts for name, texts in given.items() if texts}


def _build_parser(prog: str, options: Sequence[Option[Any]]) -> _ArgumentParser:
    parser = _ArgumentParser(prog=prog, add_help=False, allow_abbrev=False)
    shorts = short_flags(options)
    for option in options:
        names = [name for name in (shorts.get(option.name), option.flag) if name]
        if option.positional:
            many = "*" if option.repeatable else "?"
            parser.add_argument(
                option.name, metavar=option.flag, nargs=many, action="extend" if option.repeatable else "append"
            )
        elif option.switch:
            parser.add_argument(*names, dest=option.name, action="append_const", const="true")
        else:
            parser.add_argument(*names, dest=option.name, action="append", metavar=option.metavar)
    return parser
