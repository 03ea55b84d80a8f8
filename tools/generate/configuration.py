"""docs/configuration.md: every option, as flag, as environment variable and in the file; and the rest of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from exporter.cli import PROGRAM
from exporter.model.wire import SUPPRESS
from exporter.settings.commands import COMMANDS, OPTIONS, needs_restart
from exporter.settings.policy import ABOUT_CHECK, ABOUT_OBJECT, ABOUT_SUPPRESSION, CHECKS_KEY, SUPPRESSIONS_KEY
from exporter.settings.settings import ENVIRONMENT_PREFIX, Option
from tools.generate.markdown import format_code, format_link, format_prose, join_blocks, join_items, markdown_table

_FILE: Final = """\
`--config FILE` names a YAML file. Its keys are the names of options, and two sections of its own. A key that is not
known, stands twice, or has a value that is not valid is a mistake; all mistakes are told, with their lines, and the
file is then refused as a whole. `bootsource-exporter config check` does just that and shows what counts, and from
where.

`serve` and `demo` look at the file every two seconds. A new version that is valid counts at once, except for
options that need a restart: the log says so. One that is not valid is refused: the last good one counts, the log
and the page name the first mistake, and `bootsource_config_last_reload_successful` is 0. A mounted ConfigMap works:
mount the directory, not the file by `subPath`, which Kubernetes never updates."""
_CHECKS: Final = """\
By check id. The thresholds of each check and what they mean are on its page. A severity that is set here is that of
all findings of the check, also of those that the check itself takes for milder or worse; but a cause is never shown
as milder than what follows from it and counts. A check that is not enabled has the status `disabled` and counts
neither as passed nor as blind; what it would explain becomes a root cause."""
_SUPPRESSIONS: Final = """\
Each says which findings are muted, why, who answers for it, and until when. Patterns are those of a shell: `*`,
`?`, `[...]`. A muted finding stays in the report, under `suppressed`, and is counted by
`bootsource_findings_suppressed`; it has no other series, and counts neither for the verdict nor for the exit code.

What follows from muted findings alone is muted with them, since it is the same problem. A finding that is more
severe than what was muted is not: whoever accepts an info has not accepted a critical. It keeps its cause in
`causedBy`.

A suppression that has expired, or that matches nothing, is a finding itself. One that names a check which cannot
judge at the moment may still match, and waits. Findings about suppressions cannot be muted."""
_ANNOTATION: Final = """\
The same on the object that the finding names, one suppression per line of the annotation `{key}`:

```
CHECK[,CHECK]...; reason=TEXT; owner=TEXT[; until=DATE]
```

`*` in place of the checks means all of them, a date counts until the end of that day in UTC, and an RFC 3339
instant is fine too. A line that cannot be understood mutes nothing and is a finding that quotes it. Operators keep
annotations that they do not know, but make some objects anew, DataImportCrons for instance: there the annotation is
gone, unless it stands in the metadata of the entry that the object is made from. The configuration does not have
this problem."""


def configuration_page() -> str:
    """Commands, the options that they take, and the configuration file."""
    return join_blocks(
        "# Configuration",
        "A flag wins over the environment variable, which wins over the configuration file, which wins over the "
        "default. An empty variable, and a key without a value, count as not set. "
        f"Variables begin with `{ENVIRONMENT_PREFIX}`; a switch as a variable is `true` or `false`.",
        "## Commands",
        markdown_table(
            ("Command", "What it does"),
            [
                (format_code(f"{PROGRAM} {c.name}"), format_prose("; ".join(filter(None, (c.summary, c.notes)))))
                for c in COMMANDS
            ],
        ),
        "## Options",
        markdown_table(("Flag", "Variable", "In the file", "Commands", "Default", "What it is"), map(_row, OPTIONS)),
        *(block for option in OPTIONS if option.detail for block in _details(option)),
        "## The configuration file",
        _FILE,
        f"There is {format_link('a JSON Schema', 'config.schema.json')} for editors, and "
        f"{format_link('an example', 'config.example.yaml')}.",
        f"### {format_code(CHECKS_KEY)}",
        _CHECKS,
        _keys(ABOUT_CHECK),
        f"### {format_code(SUPPRESSIONS_KEY)}",
        _SUPPRESSIONS,
        _keys(ABOUT_SUPPRESSION),
        f"Keys of {format_code('object')}:",
        _keys(ABOUT_OBJECT),
        "### On an object",
        _ANNOTATION.format(key=SUPPRESS),
    )


def _keys(about: Mapping[str, str]) -> str:
    return markdown_table(
        ("Key", "What it is"), [(format_code(key), format_prose(text)) for key, text in about.items()]
    )


def _row(option: Option[Any]) -> tuple[str, ...]:
    return (
        format_code(option.flag if option.positional or option.switch else f"{option.flag} {option.metavar}"),
        format_code(option.variable) if option.variable else "",
        _file_key(option),
        join_items(name for name in _commands(option)),
        _default(option),
        format_prose(option.help) + _choices(option),
    )


def _file_key(option: Option[Any]) -> str:
    if not option.in_file:
        return "no"
    return "needs a restart" if needs_restart(option) else "counts at once" if option.live else "yes"


def _commands(option: Option[Any]) -> list[str]:
    return [command.name for command in COMMANDS if option in command.options]


def _choices(option: Option[Any]) -> str:
    choices = option.choices() if option.choices else ()
    told = [format_code(choice) for choice in choices if choice not in option.help]
    return f": {join_items(told)}" if told else ""


def _default(option: Option[Any]) -> str:
    """The default, and where a command has another one, that too."""
    if option.secret:
        return "not shown"
    if option.shown_default:
        return format_prose(option.shown_default)
    plain = _format_value(option.default)
    others = [f"{name}: {_format_value(value)}" for name, value in sorted(option.defaults.items())]
    return "; ".join((plain, *others))


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return format_code(str(value)) if value else "none"


def _details(option: Option[Any]) -> Iterator[str]:
    yield f"### {format_code(option.flag)}"
    yield format_prose(option.detail)
