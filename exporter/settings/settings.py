"""Settings: how an option is declared, and how flags, environment variables, a file and defaults become values.

The options themselves are in exporter.options. Whatever lists options (flags, reference, configuration) derives from
their declarations.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

ENVIRONMENT_PREFIX: Final = "BOOTSOURCE_"
_SHORTEST: Final = 3
"""Letters that a word must have to be taken for the beginning of another one."""


class SettingsError(Exception):
    """Invalid options: a line per mistake, with the option, the value and the remedy."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Option(Generic[T]):
    """One thing that can be set. Flags, environment variables, help and reference derive from this."""

    name: str
    """As in the flag, without the dashes."""
    help: str
    """A few words for --help."""
    detail: str = ""
    """What else there is to know: for the reference."""
    parse: Callable[[Sequence[str]], T]
    """From one text per occurrence to the value; raises ValueError, worded to follow the text."""
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    """JSON Schema of one occurrence in the configuration file, where it has no choices and is no switch."""
    default: T
    defaults: Mapping[str, T] = field(default_factory=dict)
    """Per command, where it differs from the default."""
    shown_default: str = ""
    """The default in words, where the reference should not show it as it is."""
    metavar: str = ""
    short: str = ""
    """The short flag, with its dash; "" if there is none."""
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Per command, the choices that it takes. A variable or a file may have one for another command: it is ignored."""
    choices: Callable[[], Sequence[str]] | None = None
    """The values that are allowed; computed late, since some follow from declarations that take time to load."""
    switch: bool = False
    """The flag takes no value; the variable is true or false."""
    repeatable: bool = False
    positional: bool = False
    """A word on the command line instead of a flag; it has no environment variable."""
    in_environment: bool = True
    """It has an environment variable; what names something in one cluster has none."""
    secret: bool = False
    """Never shown."""
    in_file: bool = True
    """It can stand in the configuration file; what is about a single run cannot."""
    live: bool = False
    """A change of it in the file counts at once; of others, after a restart."""

    @property
    def flag(self) -> str:
        """The long option, or the name in capitals for a positional one."""
        return self.name.upper() if self.positional else f"--{self.name}"

    @property
    def variable(self) -> str:
        """The environment variable; "" if there is none."""
        return (
            ""
            if self.positional or not self.in_environment
            else ENVIRONMENT_PREFIX + self.name.upper().replace("-", "_")
        )

    def help_of(self, command: str) -> str:
        """A few words for the --help of a command."""
        return ", ".join(self.narrowed[command]) if command in self.narrowed else self.help

    def default_of(self, command: str) -> T:
        """The default for a command."""
        return self.defaults.get(command, self.default)


@dataclass(frozen=True, slots=True, eq=False)
class Section(Generic[T]):
    """A part of the configuration file that is more than one value. Neither flag nor variable can say it."""

    name: str
    default: T


@dataclass(frozen=True, slots=True)
class GivenValue:
    """The texts of an option in the file."""

    texts: tuple[str, ...]
    origin: str
    """File and line, for people."""


@dataclass(frozen=True, slots=True)
class FileValues:
    """A configuration file that has been read."""

    path: Path
    digest: str
    """Hash of its content."""
    options: Mapping[str, GivenValue] = field(default_factory=dict)
    """By the name of the option."""
    sections: Mapping[Section[Any], Any] = field(default_factory=dict)


def short_flags(options: Iterable[Option[Any]]) -> Mapping[str, str]:
    """The short flags of a command's options, by the option's name. One that two options have is the first one's."""
    found: dict[str, str] = {}
    for option in options:
        if option.short and option.short not in found.values():
            found[option.name] = option.short
    return found


def _never() -> Settings:
    raise LookupError("these settings were not read from anywhere")


class Settings:
    """The value of every option that a command takes, and where it came from."""

    def __init__(
        self,
        command: str,
        values: Mapping[Option[Any], Any],
        origins: Mapping[Option[Any], str],
        file: FileValues | None = None,
        again: Callable[[], Settings] = _never,
    ) -> None:
        self.command = command
        self.file = file
        self.again = again
        """Reads flags, environment and file again. Raises SettingsError."""
        self._values = dict(values)
        self._origins = dict(origins)

    def __getitem__(self, option: Option[T]) -> T:
        """The value of an option. Raises KeyError for an option that the command does not take, which is a bug."""
        value: T = self._values[option]
        return value

    def section(self, section: Section[T]) -> T:
        """The value of a section of the file, or its default."""
        value: T = self.file.sections.get(section, section.default) if self.file else section.default
        return value

    def origin(self, option: Option[Any]) -> str:
        """The flag or variable that set it; "" if it has its default."""
        return self._origins.get(option, "")


def resolve(
    command: str,
    options: Iterable[Option[Any]],
    flags: Mapping[str, Sequence[str]],
    environ: Mapping[str, str],
    file: FileValues | None = None,
    *,
    again: Callable[[], Settings] = _never,
) -> Settings:
    """Flags win over environment variables, these over the file, the file over defaults.

    `flags` holds texts by option name. Raises SettingsError for all values that are not valid.
    """
    values: dict[Option[Any], Any] = {}
    origins: dict[Option[Any], str] = {}
    problems: list[str] = []
    for option in options:
        origin, texts = _find_given(option, flags, environ, file)
        problem = describe_invalid(option, texts) if origin else ""
        if origin and not problem and command in option.narrowed and texts[-1] not in option.narrowed[command]:
            if option.name not in flags:
                origin = ""
            else:
                problem = f"{texts[-1]!r} is not one of {', '.join(option.narrowed[command])}"
        if problem:
            problems.append(f"{origin}{'' if problem.startswith('is ') else ':'} {problem}")
        elif origin:
            values[option], origins[option] = option.parse(texts), origin
        else:
            values[option] = option.default_of(command)
    if problems:
        raise SettingsError(*problems)
    return Settings(command, values, origins, file, again)


def _find_given(
    option: Option[Any], flags: Mapping[str, Sequence[str]], environ: Mapping[str, str], file: FileValues | None
) -> tuple[str, Sequence[str]]:
    texts = flags.get(option.name)
    if texts:
        return option.flag, texts
    text = environ.get(option.variable, "") if option.variable else ""
    # An empty variable counts as not set, because a plain manifest cannot omit a variable conditionally.
    if text:
        return option.variable, (text,)
    written = file.options.get(option.name) if file and option.in_file else None
    return (written.origin, written.texts) if written else ("", ())


def describe_invalid(option: Option[Any], texts: Sequence[str]) -> str:
    """Why the value is invalid, as text that follows the option's origin; "" if it is valid."""
    if len(texts) > 1 and not (option.repeatable or option.switch):
        return f"is given {len(texts)} times; give it once"
    try:
        option.parse(texts)
    except ValueError as error:
        shown = "(not shown)" if option.secret else ", ".join(map(repr, texts))
        return f"{shown} {error}"
    return ""


def suggest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'a' or 'b'?`, or "" if no known word begins like it or has most of its letters."""
    by_text = {_bare(name): name for name in known}
    text = _bare(word)
    begun = sorted((t for t in by_text if len(text) >= _SHORTEST and t.startswith(text)), key=len)
    close = begun[:1] or difflib.get_close_matches(text, list(by_text), n=2, cutoff=0.7)
    return f"; did you mean {' or '.join(repr(by_text[text]) for text in close)}?" if close else ""


def _bare(word: str) -> str:
    """Without what many words begin with, which would make all of them look alike."""
    return word.removeprefix(ENVIRONMENT_PREFIX).removeprefix("--").lower()
