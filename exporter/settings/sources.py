"""Where settings come from: flags, environment variables and a file, read together, and again when the file changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module

from exporter.settings.commands import options_of
from exporter.settings.options import CONFIG
from exporter.settings.settings import FileValues, Settings, SettingsError, resolve


def settings_of(
    command: str, flags: Mapping[str, Sequence[str]], environ: Mapping[str, str], *, thorough: bool = False
) -> Settings:
    """The settings of a command. Raises SettingsError with a line for everything that is wrong.

    Thorough: the file must be right for all commands.
    """
    again = partial(settings_of, command, flags, environ)
    options = options_of(command)
    path = resolve(command, [CONFIG], flags, environ)[CONFIG] if CONFIG in options else None
    if path is None:
        return resolve(command, options, flags, environ, again=again)
    problems: tuple[str, ...] = ()
    file: FileValues | None = None
    try:
        # Imported here: the file can name every check, and loading all checks would slow down commands without a file.
        file = import_module("exporter.settings.file").load_file(path, "" if thorough else command)
    except SettingsError as error:
        problems = error.lines
    try:
        settings = resolve(command, options, flags, environ, file, again=again)
    except SettingsError as error:
        problems += error.lines
    if problems:
        raise SettingsError(*problems)
    return settings
