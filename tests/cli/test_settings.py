"""Flags win over variables, variables over defaults; whatever is wrong is told in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.cli.parser import parse_options
from exporter.cluster.resources import TEMPLATES, VIRTUAL_MACHINES, WATCHED
from exporter.settings import options, selection, what_if
from exporter.settings.commands import COMMANDS, OPTIONS, options_of
from exporter.settings.options import (
    AT,
    COMPLETE,
    CONTEXT,
    DISABLE,
    FAIL_ON,
    FRESHNESS_TARGET,
    FROM,
    KUBECONFIG,
    LISTEN,
    LOG_LEVEL,
    TIMEOUT,
)
from exporter.settings.settings import Option, Settings, SettingsError, resolve
from exporter.settings.values import Address


def settings(command: str, *words: str, **environ: str) -> Settings:
    (found,) = [c for c in COMMANDS if c.name == command]
    flags = parse_options(found, words, command, "bootsource-exporter")
    return resolve(command, options_of(command), flags, {f"BOOTSOURCE_{k}": v for k, v in environ.items()})


def test_a_flag_wins_over_a_variable_and_that_over_the_default() -> None:
    assert settings("audit")[FAIL_ON] == "warning"
    assert settings("audit", FAIL_ON="info")[FAIL_ON] == "info"
    both = settings("audit", "--fail-on", "critical", FAIL_ON="info")
    assert (both[FAIL_ON], both.origin(FAIL_ON)) == ("critical", "--fail-on")
    assert settings("audit", FAIL_ON="info").origin(FAIL_ON) == "BOOTSOURCE_FAIL_ON"
    assert settings("audit").origin(FAIL_ON) == ""


def test_a_variable_that_the_flag_overrides_need_not_be_valid() -> None:
    assert settings("audit", "--fail-on=info", FAIL_ON="nonsense")[FAIL_ON] == "info"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert settings("serve", LISTEN="")[LISTEN] == Address("", 8080)


def test_defaults_may_differ_between_commands() -> None:
    assert str(settings("serve")[LISTEN]) == ":8080"
    assert str(settings("demo")[LISTEN]) == "127.0.0.1:8080"
    assert (settings("serve")[LOG_LEVEL], settings("audit")[LOG_LEVEL]) == ("info", "error")


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (LISTEN, ":0", Address("", 0)),
        (LISTEN, "localhost:9000", Address("localhost", 9000)),
        (LISTEN, "[::1]:9000", Address("::1", 9000)),
        (AT, "2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (AT, "2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        (TIMEOUT, "90s", timedelta(seconds=90)),
        (TIMEOUT, "5m", timedelta(minutes=5)),
        (TIMEOUT, "1d", timedelta(days=1)),
        (FRESHNESS_TARGET, "90m", timedelta(minutes=90)),
        (FRESHNESS_TARGET, "3600s", timedelta(hours=1)),
        (COMPLETE, "1", True),
        (COMPLETE, "False", False),
        (CONTEXT, "admin@prod, lab", ("admin@prod", "lab")),
        (DISABLE, "templates, VirtualMachines,", frozenset({TEMPLATES, VIRTUAL_MACHINES})),
        (FROM, "a,b", ("a,b",)),
    ],
)
def test_values(option: Option[Any], text: str, value: object) -> None:
    command = min(each.name for each in COMMANDS if option in each.options)
    name = option.variable.removeprefix("BOOTSOURCE_")
    assert settings(command, **{name: text})[option] == value
    if not option.switch:
        assert settings(command, option.flag, text)[option] == value


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert str(Address("::1", 80)) == "[::1]:80"


def test_repeated_flags() -> None:
    assert settings("audit", "--from", "a", "--from=-")[FROM] == ("a", "-")
    both = settings("serve", "--disable", "templates", "--disable", "virtualmachines")
    assert both[DISABLE] == {TEMPLATES, VIRTUAL_MACHINES}
    assert settings("audit", "--complete", "--complete", "--from=x")[FROM] == ("x",)


def test_a_kubeconfig_must_exist(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.touch()
    assert settings("serve", "--kubeconfig", str(file))[KUBECONFIG] == file


@pytest.mark.parametrize(
    ("words", "environ", "message"),
    [
        (["--listen", "8080"], {}, "--listen: '8080' is not HOST:PORT; write for instance 127.0.0.1:8080"),
        (["--listen", "a:99999"], {}, "--listen: 'a:99999' is not HOST:PORT"),
        (["--listen", "::1:80"], {}, "--listen: '::1:80' is not HOST:PORT"),
        ([], {"LISTEN": "x"}, "BOOTSOURCE_LISTEN: 'x' is not HOST:PORT"),
        (["--kubeconfig", "/no/where"], {}, "--kubeconfig: '/no/where' is not a file; name a kubeconfig"),
        (["--disable", "vms"], {}, "--disable: 'vms' names no resource that is watched (vms); choose from c"),
        (["--disable", "datasources"], {}, "--disable: 'datasources' cannot be switched off (datasources is always"),
        (
            ["--log-level", "warn"],
            {},
            "--log-level: 'warn' is not one of debug, info, warning, error; did you mean 'warning'?",
        ),
        (["--log-format", "xml"], {}, "--log-format: 'xml' is not one of logfmt, json"),
        (["--listen", ":1", "--listen", ":2"], {}, "--listen is given 2 times; give it once"),
        (["--listen"], {}, "--listen: expected one argument; see `bootsource-exporter serve --help`"),
        (["--lisen", ":1"], {}, "unknown flag '--lisen' for 'serve'; did you mean '--listen'?"),
        (["now"], {}, "unknown argument 'now' for 'serve'; see `bootsource-exporter serve --help`"),
        (["--complete"], {}, "unknown flag '--complete' for 'serve'"),
        (["--freshness-target", "90"], {}, "--freshness-target: '90' is not a duration between 1h and 365d"),
        (["--freshness-target", "30m"], {}, "--freshness-target: '30m' is not a duration between 1h and 365d"),
        (["--freshness-target", "366d"], {}, "--freshness-target: '366d' is not a duration between 1h and 365d"),
    ],
)
def test_what_is_wrong_is_told(words: list[str], environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings("serve", *words, **environ)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--at", "yesterday"], "--at: 'yesterday' is not an RFC 3339 instant with a time zone; write"),
        (["--at", "2026-01-01T00:00:00"], "--at: '2026-01-01T00:00:00' is not an RFC 3339 instant with a time zone"),
        (["--at", "0001-01-01T00:00:00+14:00"], "--at: '0001-01-01T00:00:00+14:00' lies outside the years"),
        (["--timeout", "0"], "--timeout: '0' is not a duration between 1s and 24h"),
        (["--timeout", "5 min"], "--timeout: '5 min' is not a duration between 1s and 24h"),
        (["--output", "xml"], "--output: 'xml' is not one of table, json, markdown, html, junit, sarif"),
        (["--fail-on", "crit"], "--fail-on: 'crit' is not one of info, warning, critical; did you mean 'critical'?"),
        (["--complete=x"], "--complete: ignored explicit argument 'x'"),
    ],
)
def test_what_is_wrong_with_an_audit_is_told(words: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings("audit", *words)
    assert str(caught.value).startswith(message)


def test_a_switch_variable_that_is_neither() -> None:
    with pytest.raises(SettingsError, match="BOOTSOURCE_COMPLETE: 'maybe' is neither true nor false"):
        settings("audit", COMPLETE="maybe")


def test_secrets_are_not_repeated() -> None:
    def refuse(_: object) -> str:
        raise ValueError("is too short")

    secret = Option(name="pin", help="", parse=refuse, default="", secret=True)
    with pytest.raises(SettingsError) as caught:
        resolve("serve", [secret], {"pin": ["1234"]}, {})
    assert str(caught.value) == "--pin: (not shown) is too short"


def test_declarations_are_consistent() -> None:
    names = [(command.name, option.name) for command in COMMANDS for option in command.options]
    declared = [
        value
        for module in (options, selection, what_if)
        for value in vars(module).values()
        if isinstance(value, Option)
    ]
    assert len(set(names)) == len(names)
    assert set(declared) == set(OPTIONS)
    for option in OPTIONS:
        assert option.help
        # A Service called bootsource gives every pod variables of these names.
        assert not option.variable.startswith(("BOOTSOURCE_PORT", "BOOTSOURCE_SERVICE"))


def test_only_switchable_resources_are_offered() -> None:
    assert set(options.DISABLE.choices() if options.DISABLE.choices else ()) == {
        str(r) for r in WATCHED if r.switchable
    }
