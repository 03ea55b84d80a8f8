"""Completion in shells: which words may follow on a command line, and the scripts by which shells ask for them.

The scripts only call the program; what it answers derives from the declarations of commands and options. kubectl and oc
ask in the same way for plugins, by a program called `kubectl_complete-bootsource`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from exporter.cli.parser import HELP, find_command, find_subject
from exporter.settings.commands import COMMANDS, Command, options_of
from exporter.settings.selection import SHELL
from exporter.settings.settings import Option, Settings, SettingsError

COMPLETE: Final = "__complete"
"""The word by which a script asks; what is on the command line follows, the last word as far as it is typed."""
_DIRECTIVE: Final = ":0"
"""What kubectl expects after the words: it may complete names of files where there are none."""
_SCRIPTS: Final = {
    "bash": """\
# bash completion for bootsource-exporter: source <(bootsource-exporter completion bash)
_bootsource_exporter() {
  local words
  words=$("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _bootsource_exporter bootsource-exporter kubectl-bootsource oc-bootsource
""",
    "zsh": """\
#compdef bootsource-exporter kubectl-bootsource oc-bootsource
# zsh completion for bootsource-exporter: source <(bootsource-exporter completion zsh)
_bootsource_exporter() {
  local -a found
  found=(${(f)"$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( ${#found} )); then compadd -- "${found[@]}"; else _files; fi
}
if (( $+functions[compdef] )); then
  compdef _bootsource_exporter bootsource-exporter kubectl-bootsource oc-bootsource
fi
""",
    "fish": """\
# fish completion for bootsource-exporter: bootsource-exporter completion fish | source
function __bootsource_exporter
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete $words[2..-1] 2>/dev/null
end
for program in bootsource-exporter kubectl-bootsource oc-bootsource
  complete -c $program -a '(__bootsource_exporter)'
end
""",
}


def run(settings: Settings) -> int:
    """Print the script of a shell."""
    shell = settings[SHELL]
    if not shell:
        raise SettingsError(f"SHELL is missing; choose from {', '.join(_SCRIPTS)}")
    sys.stdout.write(_SCRIPTS[shell])
    return 0


def plugin() -> int:
    """Answer kubectl: the candidates, and how it should go on."""
    sys.stdout.write("".join(f"{word}\n" for word in complete(sys.argv[1:])) + f"{_DIRECTIVE}\n")
    return 0


def complete(words: Sequence[str]) -> list[str]:
    """The words that may stand at the place of the last one, which begin as it does; none where a file may stand."""
    typed = words[-1] if words else ""
    return [word for word in dict.fromkeys(_candidates(list(words[:-1]), typed)) if word.startswith(typed)]


def _candidates(before: list[str], typed: str) -> Iterator[str]:
    if before[:1] == ["help"]:
        before = before[1:]
        typed = typed if not typed.startswith("-") else ""
    found = _command_of(before)
    if found is None:
        yield from _command_words(before)
        if not before:
            yield from ("help", HELP[1], "--version")
        return
    command, rest = found
    subject, rest = find_subject(command, rest)
    options = command.options or options_of(subject)
    yield from _for_command(command, options, rest, typed, subject)


def _command_of(words: list[str]) -> tuple[Command, list[str]] | None:
    with suppress(SettingsError, IndexError):
        return find_command(words)
    return None


def _command_words(before: list[str]) -> Iterator[str]:
    """The next word of every command that begins with the words before."""
    for command in COMMANDS:
        parts = command.name.split()
        if parts[: len(before)] == before and len(parts) > len(before):
            yield parts[len(before)]


def _for_command(
    command: Command, options: Sequence[Option[Any]], rest: list[str], typed: str, subject: str
) -> Iterator[str]:
    flags = {
        name: option for option in options if not option.positional for name in (option.short, option.flag) if name
    }
    asked = flags.get(rest[-1]) if rest else None
    if asked is not None and not asked.switch:
        yield from _values(asked, typed, subject)
        return
    name, equals, _ = typed.partition("=")
    if equals and name in flags:
        yield from (f"{name}={value}" for value in _values(flags[name], typed.partition("=")[2], subject))
        return
    if not typed.startswith("-"):
        if not rest:
            yield from command.takes_options_of
        yield from (value for option in options if option.positional for value in _values(option, typed, subject))
    if typed.startswith("-") or not any(option.positional for option in options):
        yield from (option.flag for option in options if not option.positional)
        yield HELP[1]


def _values(option: Option[Any], typed: str, subject: str) -> Iterator[str]:
    """What an option may be; of a list the last word is completed."""
    values = option.narrowed.get(subject) or (option.choices() if option.choices else ())
    done = typed.rpartition(",")[0] if option.repeatable else ""
    yield from (f"{done},{value}" if done else value for value in values)
