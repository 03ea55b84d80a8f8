"""COMMANDS: what the program does, and which options each command takes.

To add a command: its name in `options.py`, a `Command` here, and the module that its `entry` names. Help, completion,
the reference, the configuration file and `config check` follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from exporter.settings.options import (
    ALERTMANAGER,
    AT,
    AUDIT,
    AUTH,
    AUTH_AUDIENCE,
    BASELINE,
    CA_FILE,
    CHECK,
    COLLECT,
    COMPLETE,
    COMPLETION,
    CONFIG,
    CONFIG_CHECK,
    CONSOLE_URL,
    CONTEXT,
    DEMO,
    DISABLE,
    DOCTOR,
    EXPLAIN,
    FAIL_ON,
    FILE,
    FIX,
    FOR,
    FRESHNESS_TARGET,
    FROM,
    KUBECONFIG,
    LINT,
    LIST,
    LISTEN,
    LOG_FORMAT,
    LOG_LEVEL,
    NAMESPACES,
    OUTPUT,
    PATHS,
    PROMETHEUS,
    SERVE,
    TIMEOUT,
    TLS_CERT,
    TLS_CLIENT_CA,
    TLS_KEY,
    TOKEN_FILE,
    WHAT_IF,
)
from exporter.settings.selection import (
    ALL_NAMESPACES,
    CHECKS,
    NAMESPACE,
    ORIGIN,
    QUIET,
    SEVERITY,
    SHELL,
    STATE,
    SUMMARY,
    VERBOSE,
    WATCH,
)
from exporter.settings.settings import Option
from exporter.settings.what_if import CHANGES, STOP_ON

Options = tuple[Option[Any], ...]

CLUSTER: Final[Options] = (KUBECONFIG, CONTEXT, DISABLE, NAMESPACES)
"""How a cluster is reached, and what is read of it."""
DUMP: Final[Options] = (FROM, AT, COMPLETE)
"""Which dump is read instead of a cluster."""
RUN: Final[Options] = (CONFIG, LOG_FORMAT, LOG_LEVEL)
"""What everything that runs for a while takes."""
ONCE: Final[Options] = (*RUN, VERBOSE)
"""What a command takes that runs once, for somebody who waits for it."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Command:
    """One thing that the program does."""

    name: str
    summary: str
    """A sentence without its full stop, in the imperative."""
    entry: str
    """`module:function`, imported only when it runs: --help is quick, and no command pays for another."""
    options: Options = ()
    notes: str = ""
    """What else --help says, in lines."""
    takes_options_of: tuple[str, ...] = ()
    """It is about the settings of one of these commands: the one that the next word names, else the first."""


COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        name=LIST,
        summary="List boot sources: whether they are usable and the newest, who uses them",
        entry="exporter.commands.list_sources:run",
        options=(NAMESPACE, ALL_NAMESPACES, STATE, ORIGIN, OUTPUT, WATCH, *DUMP, *CLUSTER, TIMEOUT, *ONCE),
        notes="exit codes: 0 listed, 2 usage, 3 the cluster could not be read",
    ),
    Command(
        name=AUDIT,
        summary="Check a live cluster, or a dump of one, once",
        entry="exporter.commands.audit:run",
        options=(
            *(NAMESPACE, ALL_NAMESPACES, CHECKS, SEVERITY, OUTPUT, SUMMARY, FAIL_ON, BASELINE),
            *(*DUMP, *CLUSTER, TIMEOUT, *ONCE, QUIET),
        ),
        notes="exit codes: 0 no findings, 1 findings, 2 usage, 3 something could not be checked",
    ),
    Command(
        name=WHAT_IF,
        summary="Foresee what a change would lead to, without making it",
        entry="exporter.commands.what_if:run",
        options=(*CHANGES, STOP_ON, OUTPUT, *DUMP, KUBECONFIG, CONTEXT, TIMEOUT, *RUN),
        notes="read-only: it gets and lists, and changes nothing\n"
        "exit codes: 0 foreseen, 1 what --fail-on names happens, or the change is refused, 2 usage, 3 something "
        "could not be foreseen, or the cluster not be read",
    ),
    Command(
        name=EXPLAIN,
        summary="Explain a check: what it finds, why it matters, and what to do",
        entry="exporter.commands.explain:run",
        options=(CHECK,),
    ),
    Command(
        name=LINT,
        summary="Check manifests in files before they are applied",
        entry="exporter.commands.lint:run",
        options=(PATHS, FOR, FIX, BASELINE, OUTPUT, FAIL_ON),
        notes="exit codes: 0 no findings, 1 findings, 2 usage, 3 something could not be read",
    ),
    Command(
        name=SERVE,
        summary="Watch a cluster and serve metrics, findings and a status page",
        entry="exporter.commands.serve:serve",
        options=(
            LISTEN,
            TLS_CERT,
            TLS_KEY,
            TLS_CLIENT_CA,
            AUTH,
            AUTH_AUDIENCE,
            *CLUSTER,
            FRESHNESS_TARGET,
            CONSOLE_URL,
            *RUN,
        ),
    ),
    Command(
        name=DOCTOR,
        summary="Check what the exporter can read, and whether alerts reach a receiver",
        entry="exporter.doctor.run:run",
        options=(PROMETHEUS, ALERTMANAGER, TOKEN_FILE, CA_FILE, OUTPUT, *CLUSTER, TIMEOUT, *ONCE),
        notes="exit codes: 0 all works, 1 something is broken, 2 usage, 3 something could not be checked",
    ),
    Command(
        name=COLLECT,
        summary="Write what an audit reads into one file, without secrets",
        entry="exporter.commands.collect:run",
        options=(FILE, *CLUSTER, TIMEOUT, *ONCE),
        notes="read-only: it gets and lists; the file is for `audit --from FILE`\n"
        "exit codes: 0 all was read, 2 usage, 3 something could not be read",
    ),
    Command(
        name=CONFIG_CHECK,
        summary="Check configuration file, environment and flags; show what applies",
        entry="exporter.commands.config_check:run",
        notes="takes the options of the command that is named, by default those of serve\n"
        "exit codes: 0 all is valid, 2 something is not: every mistake is reported",
        takes_options_of=(SERVE, AUDIT, DEMO),
    ),
    Command(
        name=DEMO,
        summary="Serve a built-in sample cluster",
        entry="exporter.demo:run",
        options=(LISTEN, FRESHNESS_TARGET, CONSOLE_URL, *RUN),
    ),
    Command(
        name=COMPLETION,
        summary="Print a script that completes commands in a shell",
        entry="exporter.cli.completion:run",
        options=(SHELL,),
        notes="bash: source <(bootsource-exporter completion bash)\n"
        "zsh: source <(bootsource-exporter completion zsh)\n"
        "fish: bootsource-exporter completion fish | source",
    ),
)

OPTIONS: Final[Options] = tuple(dict.fromkeys(option for command in COMMANDS for option in command.options))
"""Everything that can be set."""


def options_of(command: str) -> Options:
    """The options of the command of this name; none if there is no such command."""
    return next((each.options for each in COMMANDS if each.name == command), ())


def needs_restart(option: Option[Any]) -> bool:
    """A change of it in the configuration file does not reach a program that runs."""
    return option.in_file and not option.live and any(option in options_of(name) for name in (SERVE, DEMO))
