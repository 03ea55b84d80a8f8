"""The command line: which commands there are, and how a run begins and ends."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, NoReturn

from exporter.base import logs
from exporter.base.loading import fast_imports
from exporter.base.terminal import clean_line
from exporter.base.version import installed_version
from exporter.settings.options import (
    AUDIT,
    COLLECT,
    CONFIG_CHECK,
    DEMO,
    DOCTOR,
    EXPLAIN,
    LOG_FORMAT,
    LOG_LEVEL,
    OPTIONS,
    SERVE,
)
from exporter.settings.settings import ENVIRONMENT_PREFIX, Option, Settings, SettingsError, suggest
from exporter.settings.sources import settings_of

PROGRAM: Final = "bootsource-exporter"
USAGE: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that the program does."""

    name: str
    summary: str
    entry: str
    """`module:function`, imported only when it runs: --help is quick, and no command pays for another."""
    notes: str = ""
    takes_options_of: tuple[str, ...] = ()
    """It is about the settings of one of these commands: the one that the next word names, else the first."""

    def run(self, settings: Settings) -> int:
        """Do it."""
        module, _, function = self.entry.partition(":")
        with fast_imports():
            start: Callable[[Settings], int] = getattr(import_module(module), function)
        return start(settings)


COMMANDS: Final = (
    Command(SERVE, "watch a cluster; serve metrics and findings", "exporter.commands.serve:serve"),
    Command(
        AUDIT,
        "judge a live cluster, or a dump of one, once",
        "exporter.commands.audit:run",
        "exit code: 0 clean, 1 findings, 2 wrong usage, 3 something could not be judged",
    ),
    Command(
        COLLECT,
        "write what an audit reads of a cluster into one file, without secrets",
        "exporter.commands.collect:run",
        "read-only: it gets and lists; the file is for `audit --from FILE`\n"
        "exit code: 0 all was read, 2 wrong usage, 3 something could not be read",
    ),
    Command(
        DOCTOR,
        "tell what can be seen, and whether an alert would reach somebody",
        "exporter.doctor.run:run",
        "exit code: 0 it holds, 1 it is broken, 2 wrong usage, 3 it could not be told",
    ),
    Command(EXPLAIN, "tell what a check finds, why it matters, and what to do", "exporter.commands.explain:run"),
    Command(
        CONFIG_CHECK,
        "check file, environment and flags; show what counts",
        "exporter.commands.config_check:run",
        "takes the options of the command that is named, of serve without one\n"
        "exit code: 0 all is valid, 2 something is not: every mistake is told",
        (SERVE, AUDIT, DEMO),
    ),
    Command(DEMO, "serve a sample cluster that ships with the program", "exporter.demo:run"),
)


class _ArgumentParser(argparse.ArgumentParser):
    """Reports what is wrong in one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        """Raise what main turns into a message and an exit code."""
        text = message.removeprefix("argument ")
        raise SettingsError(f"{text}; see `{self.prog} --help`")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the return value is the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    _tolerate_odd_encodings()
    try:
        return _run(words)
    except SettingsError as error:
        for line in error.lines:
            sys.stderr.write(f"{PROGRAM}: {logs.redact_secrets(clean_line(line))}\n")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has closed it. Python would report an error when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        # A full disk or a port in use is not a bug of the program: one line says more than a traceback.
        sys.stderr.write(f"{PROGRAM}: {logs.redact_secrets(clean_line(str(error)))}\n")
        return USAGE


def _tolerate_odd_encodings() -> None:
    """A character that the terminal cannot show must not cost the report."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _run(words: list[str]) -> int:
    first = words[0] if words else "--help"
    if first in ("-h", "--help", "help"):
        sys.stdout.write(_overview())
        return 0 if words else USAGE
    if first in ("-V", "--version"):
        sys.stdout.write(f"{PROGRAM} {installed_version()}\n")
        return 0
    command, rest = _find_command(words)
    subject, rest = _subject(command, rest)
    flags = parse_options(command, rest, subject)
    if flags is None:
        return 0
    settings = settings_of(subject, flags, os.environ, thorough=bool(command.takes_options_of))
    logging = command.name in LOG_LEVEL.commands
    with logs.log_to_stderr(settings[LOG_FORMAT], settings[LOG_LEVEL]) if logging else nullcontext():
        code = command.run(settings)
        sys.stdout.flush()
    return code


def _find_command(words: list[str]) -> tuple[Command, list[str]]:
    """The command, of one word or two, and the words after it."""
    by_name = {command.name: command for command in COMMANDS}
    for length in (2, 1):
        command = by_name.get(" ".join(words[:length]))
        if command is not None:
            return command, words[length:]
    first = words[0]
    begun = next((name for name in by_name if name.startswith(f"{first} ")), "")
    if begun:
        raise SettingsError(f"{first!r} is half a command; write {begun!r}")
    what = "option" if first.startswith("-") else "command"
    remedy = suggest(first, by_name) or f"; choose from {', '.join(by_name)}"
    raise SettingsError(f"{first!r} is no {what}{remedy}")


def _subject(command: Command, words: list[str]) -> tuple[str, list[str]]:
    """The command whose settings count, and the words after it."""
    if words and words[0] in command.takes_options_of:
        return words[0], words[1:]
    return next(iter(command.takes_options_of), command.name), words


def parse_options(command: Command, words: Sequence[str], subject: str = "") -> Mapping[str, Sequence[str]] | None:
    """Parse the command line: texts by option name, for the options of `subject` (by default the command itself).

    None if --help was given and printed. Raises SettingsError.
    """
    subject = subject or command.name
    parser = build_parser(command, subject)
    if any(word in ("-h", "--help") for word in words):
        parser.print_help(sys.stdout)
        return None
    found, unknown = parser.parse_known_args(list(words))
    if unknown:
        known = [option.flag for option in OPTIONS if subject in option.commands and not option.positional]
        what = "option" if unknown[0].startswith("-") else "argument"
        remedy = suggest(unknown[0].partition("=")[0], known)
        raise SettingsError(f"{subject} takes no {what} {unknown[0]!r}{remedy or '; see --help'}")
    # A positional that is left out comes as None.
    given = {name: [text for text in texts or () if text is not None] for name, texts in vars(found).items()}
    return {name: texts for name, texts in given.items() if texts}


def build_parser(command: Command, subject: str) -> argparse.ArgumentParser:
    """The options of the subject as argparse wants them; what their values mean is settled elsewhere."""
    options = [option for option in OPTIONS if subject in option.commands]
    positional = "".join(f" [{option.flag}]" for option in options if option.positional)
    with_flags = not all(option.positional for option in options)
    words = f" [{'|'.join(command.takes_options_of)}]" if command.takes_options_of else ""
    notes = [command.notes] if command.notes else []
    if with_flags:
        notes.append(
            f"each option can also be set as {ENVIRONMENT_PREFIX}NAME, as in {ENVIRONMENT_PREFIX}LOG_LEVEL=debug"
        )
    parser = _ArgumentParser(
        prog=f"{PROGRAM} {command.name}",
        usage=f"%(prog)s{words}{' [OPTION]...' if with_flags else ''}{positional}",
        description=command.summary,
        epilog="\n".join(notes),
        formatter_class=_wide_formatter,
        allow_abbrev=False,
    )
    for option in options:
        _add_option(parser, option, subject, hidden=command.name != subject)
    return parser


def _wide_formatter(prog: str) -> argparse.HelpFormatter:
    width = min(shutil.get_terminal_size((80, 24)).columns, 110)
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=27, width=width)


def _add_option(parser: argparse.ArgumentParser, option: Option[Any], command: str, *, hidden: bool) -> None:
    told = option.help.replace("%", "%%") + _default(option, command).replace("%", "%%")
    text = argparse.SUPPRESS if hidden else told
    if option.positional:
        parser.add_argument(option.name, metavar=option.flag, nargs="?", action="append", help=text)
    elif option.switch:
        parser.add_argument(option.flag, dest=option.name, action="append_const", const="true", help=text)
    else:
        parser.add_argument(option.flag, dest=option.name, action="append", metavar=option.metavar, help=text)


def _default(option: Option[Any], command: str) -> str:
    default = option.default_of(command)
    if option.shown_default:
        return f" [{option.shown_default}]"
    return f" [{default}]" if isinstance(default, str | tuple) and default and not option.secret else ""


def _overview() -> str:
    width = max(len(command.name) for command in COMMANDS)
    lines = [
        f"usage: {PROGRAM} COMMAND [OPTION]...",
        "",
        "Tells whether the next virtual machine on OpenShift Virtualization / KubeVirt",
        "boots the right image, and what to fix.",
        "",
        "commands:",
        *(f"  {command.name:{width}}  {command.summary}" for command in COMMANDS),
        "",
        f"`{PROGRAM} COMMAND --help` lists the options of a command; --version prints the version.",
    ]
    return "\n".join(lines) + "\n"
