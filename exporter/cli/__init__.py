"""The command line: how a run begins and ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib import import_module
from typing import Final

from exporter.base import logs
from exporter.base.loading import fast_imports
from exporter.base.terminal import clean_line
from exporter.base.version import installed_version
from exporter.cli.help import render_help, render_overview
from exporter.cli.parser import HELP, find_command, find_subject, parse_options
from exporter.settings.commands import COMMANDS, Command
from exporter.settings.options import LOG_FORMAT, LOG_LEVEL
from exporter.settings.settings import Settings, SettingsError
from exporter.settings.sources import settings_of

PROGRAM: Final = "bootsource-exporter"
USAGE: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141


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
    first = words[0] if words else ""
    if first == "help" and len(words) > 1:
        words = [*words[1:], HELP[0]]
        first = words[0]
    if first in ("", "help", *HELP):
        sys.stdout.write(render_overview(PROGRAM, COMMANDS))
        return 0 if words else USAGE
    if first in ("-V", "--version"):
        sys.stdout.write(f"{PROGRAM} {installed_version()}\n")
        return 0
    command, rest = find_command(words, COMMANDS)
    subject, rest = find_subject(command, rest)
    if any(word in HELP for word in rest):
        sys.stdout.write(render_help(command, subject, PROGRAM))
        return 0
    flags = parse_options(command, rest, subject, PROGRAM)
    settings = settings_of(subject, flags, os.environ, thorough=bool(command.takes_options_of))
    has_logs = LOG_LEVEL in command.options
    with logs.log_to_stderr(settings[LOG_FORMAT], settings[LOG_LEVEL]) if has_logs else nullcontext():
        code = _start(command, settings)
        sys.stdout.flush()
    return code


def _start(command: Command, settings: Settings) -> int:
    module, _, function = command.entry.partition(":")
    with fast_imports():
        start: Callable[[Settings], int] = getattr(import_module(module), function)
    return start(settings)
