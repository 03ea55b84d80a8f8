"""Settings: how an option is declared, and how flags, environment variables and defaults become values.

The options themselves are in exporter.options. Whatever lists options (flags, reference, configuration) derives from
their declarations.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

ENVIRONMENT_PREFIX: Final = "BOOTSOURCE_"


class SettingsError(Exception):
    """What the user asked for cannot be done: one line that names the option, the value and the remedy."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Option(Generic[T]):
    """One thing that can be set. Flags, environment variables, help and reference derive from this."""

    name: str
    """As in the flag, without the dashes."""
    help: str
    """A few words for --help."""
    detail: str = ""
    """What else there is to know: for the reference."""
    commands: frozenset[str]
    """Which commands take it."""
    parse: Callable[[Sequence[str]], T]
    """From one text per occurrence to the value; raises ValueError, worded to follow the text."""
    default: T
    defaults: Mapping[str, T] = field(default_factory=dict)
    """Per command, where it differs from the default."""
    shown_default: str = ""
    """The default in words, where the reference should not show it as it is."""
    metavar: str = ""
    choices: Callable[[], Sequence[str]] | None = None
    """The values that are allowed; computed late, since some follow from declarations that take time to load."""
    switch: bool = False
    """The flag takes no value; the variable is true or false."""
    repeatable: bool = False
    positional: bool = False
    """A word on the command line instead of a flag; it has no environment variable."""
    secret: bool = False
    """Never shown."""

    @property
    def flag(self) -> str:
        """The long option, or the name in capitals for a positional one."""
        return self.name.upper() if self.positional else f"--{self.name}"

    @property
    def variable(self) -> str:
        """The environment variable; "" if there is none."""
        return "" if self.positional else ENVIRONMENT_PREFIX + self.name.upper().replace("-", "_")

    def default_of(self, command: str) -> T:
        """The default for a command."""
        return self.defaults.get(command, self.default)


class Settings:
    """The value of every option that a command takes, and where it came from."""

    def __init__(self, command: str, values: Mapping[Option[Any], Any], origins: Mapping[Option[Any], str]) -> None:
        self.command = command
        self._values = dict(values)
        self._origins = dict(origins)

    def __getitem__(self, option: Option[T]) -> T:
        """The value of an option; asking for one that the command does not take is a defect."""
        value: T = self._values[option]
        return value

    def origin(self, option: Option[Any]) -> str:
        """The flag or variable that set it; "" if it has its default."""
        return self._origins.get(option, "")


def resolve(
    command: str, options: Iterable[Option[Any]], flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]
) -> Settings:
    """Flags win over environment variables, these over defaults. `flags` holds texts by option name.

    Raises SettingsError for the first value that is not valid.
    """
    values: dict[Option[Any], Any] = {}
    origins: dict[Option[Any], str] = {}
    for option in options:
        if command not in option.commands:
            continue
        origin, texts = _given(option, flags, environ)
        if origin:
            values[option], origins[option] = _parsed(option, origin, texts), origin
        else:
            values[option] = option.default_of(command)
    return Settings(command, values, origins)


def _given(
    option: Option[Any], flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]
) -> tuple[str, Sequence[str]]:
    texts = flags.get(option.name)
    if texts:
        return option.flag, texts
    text = environ.get(option.variable, "") if option.variable else ""
    # An empty variable counts as not set: manifests cannot leave a variable out conditionally.
    return (option.variable, (text,)) if text else ("", ())


def _parsed(option: Option[T], origin: str, texts: Sequence[str]) -> T:
    if len(texts) > 1 and not (option.repeatable or option.switch):
        raise SettingsError(f"{origin} is given {len(texts)} times; give it once")
    try:
        return option.parse(texts)
    except ValueError as error:
        shown = "(not shown)" if option.secret else ", ".join(map(repr, texts))
        raise SettingsError(f"{origin}: {shown} {error}") from None


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean a or b?`, or "" if nothing known is near."""
    close = difflib.get_close_matches(word.lower(), list(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(close)}?" if close else ""
