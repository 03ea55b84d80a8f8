"""The configuration file: what it can say, and that every mistake in it is told with its line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.checks.policy import ObjectPattern, Policy, SuppressionRule
from exporter.cluster.resources import TEMPLATES, VIRTUAL_MACHINES
from exporter.report import Severity
from exporter.settings.file import load_file
from exporter.settings.options import AUDIT, DISABLE, LISTEN, LOG_LEVEL, SERVE, TIMEOUT
from exporter.settings.policy import POLICY
from exporter.settings.settings import Settings, SettingsError
from exporter.settings.sources import settings_of
from exporter.settings.values import Address
from exporter.settings.yaml_document import LONGEST

EVERY = ""
"""In place of a command: the file must be right for all of them."""


def loaded(
    folder: Path, text: str, command: str = SERVE, *, flags: dict[str, list[str]] | None = None, **environ: str
) -> Settings:
    """The settings of a command with this file."""
    path = folder / "config.yaml"
    path.write_text(dedent(text))
    variables = {f"BOOTSOURCE_{name}": value for name, value in environ.items()}
    return settings_of(command or SERVE, {"config": [str(path)], **(flags or {})}, variables, thorough=not command)


def policy(folder: Path, text: str) -> Policy:
    return loaded(folder, text).section(POLICY)


def mistakes(folder: Path, text: str, command: str = EVERY) -> list[str]:
    """Lines of the error, without the file."""
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text, command)
    return [line.removeprefix(f"{folder / 'config.yaml'}: ") for line in caught.value.lines]


class TestOptions:
    def test_a_flag_wins_over_a_variable_over_the_file_over_the_default(self, tmp_path: Path) -> None:
        file = "log-level: debug"
        both = loaded(tmp_path, file, flags={"log-level": ["error"]}, LOG_LEVEL="warning")
        assert (both[LOG_LEVEL], both.origin(LOG_LEVEL)) == ("error", "--log-level")
        variable = loaded(tmp_path, file, LOG_LEVEL="warning")
        assert (variable[LOG_LEVEL], variable.origin(LOG_LEVEL)) == ("warning", "BOOTSOURCE_LOG_LEVEL")
        alone = loaded(tmp_path, file)
        assert (alone[LOG_LEVEL], alone.origin(LOG_LEVEL)) == ("debug", "config.yaml line 1")
        nothing = loaded(tmp_path, "listen: :9000")
        assert (nothing[LOG_LEVEL], nothing.origin(LOG_LEVEL)) == ("info", "")

    def test_values_are_read_like_those_of_flags(self, tmp_path: Path) -> None:
        told = loaded(tmp_path, "listen: ':9000'\ndisable: [templates, virtualmachines]")
        assert told[LISTEN] == Address("", 9000)
        assert told[DISABLE] == {TEMPLATES, VIRTUAL_MACHINES}
        assert loaded(tmp_path, "disable: templates,virtualmachines")[DISABLE] == told[DISABLE]
        assert loaded(tmp_path, "timeout: 90", AUDIT)[TIMEOUT] == timedelta(seconds=90)

    @pytest.mark.parametrize("text", ["", "---\n", "# no\n", "log-level:\n", "log-level: ''\nchecks:\nsuppressions: ~"])
    def test_what_has_no_value_is_not_set(self, tmp_path: Path, text: str) -> None:
        told = loaded(tmp_path, text)
        assert (told[LOG_LEVEL], told.origin(LOG_LEVEL)) == ("info", "")

    def test_options_of_other_commands_may_stand_there(self, tmp_path: Path) -> None:
        assert loaded(tmp_path, "timeout: nonsense\nlog-level: debug", SERVE)[LOG_LEVEL] == "debug"
        assert mistakes(tmp_path, "timeout: nonsense", AUDIT) == mistakes(tmp_path, "timeout: nonsense", EVERY)

    def test_the_file_can_be_named_by_a_variable(self, tmp_path: Path) -> None:
        path = tmp_path / "other.yaml"
        path.write_text("log-level: debug")
        assert settings_of(SERVE, {}, {"BOOTSOURCE_CONFIG": str(path)})[LOG_LEVEL] == "debug"

    def test_it_can_be_read_again(self, tmp_path: Path) -> None:
        first = loaded(tmp_path, "log-level: debug")
        (tmp_path / "config.yaml").write_text("log-level: error")
        assert first.again()[LOG_LEVEL] == "error"
        assert first[LOG_LEVEL] == "debug"


class TestSections:
    def test_checks(self, tmp_path: Path) -> None:
        told = policy(
            tmp_path,
            """\
            checks:
              import-outdated:
                severity: critical
                thresholds: {grace: 2h}
              polling-frozen:
                enabled: false
                thresholds: {periods: 3, slack: 0s}
              digest-unknown:
            """,
        )
        assert told.severities == {"import-outdated": Severity.CRITICAL}
        assert told.disabled == {"polling-frozen"}
        assert told.limits == {
            "import-outdated": {"grace": timedelta(hours=2)},
            "polling-frozen": {"periods": 3, "slack": timedelta(0)},
        }

    def test_suppressions(self, tmp_path: Path) -> None:
        told = policy(
            tmp_path,
            """\
            suppressions:
              - check: polling-frozen
                object: {kind: DataImportCron, namespace: lab-*, name: 1}
                reason: a lab
                owner: team a
                until: 2026-12-31
              - {check: [import-failing, digest-unknown], object: , reason: x, owner: y}
              - {check: "*", object: {namespace: ""}, reason: x, owner: y, until: "2026-12-31T12:00:00Z"}
            """,
        )
        lab = ObjectPattern(kind="DataImportCron", namespace="lab-*", name="1")
        assert told.rules == (
            SuppressionRule(
                checks=("polling-frozen",),
                selector=lab,
                reason="a lab",
                owner="team a",
                until=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
            ),
            SuppressionRule(
                checks=("import-failing", "digest-unknown"), selector=ObjectPattern(), reason="x", owner="y"
            ),
            SuppressionRule(
                checks=("*",),
                selector=ObjectPattern(namespace=""),
                reason="x",
                owner="y",
                until=datetime(2026, 12, 31, 12, tzinfo=UTC),
            ),
        )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", ["line 1: is not valid YAML: "]),
        ("a: b: c", ["line 1: is not valid YAML: mapping values are not allowed here"]),
        ("--- 1\n--- 2\n", ["line 2: is not valid YAML: but found another document"]),
        ("x: \x07", ["line 1: is not valid YAML: "]),
        ("[" * 5000, ["line 1: is nested too deeply"]),
        ("text", ["line 1: is 'text', not a mapping"]),
        ("- a", ["line 1: is a list, not a mapping"]),
        ("\nlisen: x", ["line 2: lisen: is no key; did you mean 'listen'"]),
        ("[a]: b", ["line 1: is no key; choose from "]),
        ("from: x", ["line 1: from: is no key"]),
        ("config: x", ["line 1: config: is no key"]),
        ("log-level: info\nlog-level: info", ["line 2: log-level: stands twice, first in line 1"]),
        ("log-level: loud", ["line 1: log-level: 'loud' is not one of debug, info, warning, error"]),
        ("log-level: [info]", ["line 1: log-level: is a list, not a single value"]),
        ("disable: {a: b}", ["line 1: disable: is a mapping, not a single value"]),
        ("disable: [templates, vms]", ["line 1: disable: 'templates', 'vms' names no resource that is watched (vms)"]),
        ("disable: [[templates]]", ["line 1: disable[0]: is a list, not a single value"]),
        ("checks: []", ["line 1: checks: is a list, not a mapping"]),
        ("checks: {import-outdate: }", ["line 1: checks.import-outdate: is no check; did you mean 'import-outdated'"]),
        ("checks: {import-outdated: 3}", ["line 1: checks.import-outdated: is '3', not a mapping"]),
        ("checks: {import-outdated: {sevrity: info}}", ["line 1: checks.import-outdated.sevrity: is no key; did you"]),
        (
            "checks: {import-outdated: {severity: bad}}",
            ["line 1: checks.import-outdated.severity: 'bad' is"],
        ),
        (
            "checks: {import-outdated: {enabled: no}}",
            ["line 1: checks.import-outdated.enabled: 'no' is"],
        ),
        (
            "checks:\n  import-outdated:\n    thresholds: {gace: 1h, grace: soon}",
            [
                "line 3: checks.import-outdated.thresholds.gace: is no threshold; did you mean 'grace'?",
                "line 3: checks.import-outdated.thresholds.grace: 'soon' is not a span of time up to 366d",
            ],
        ),
        (
            "checks: {import-outdated: {thresholds: {grace: 367d}}}",
            ["line 1: checks.import-outdated.thresholds.grac"],
        ),
        ("checks: {polling-frozen: {thresholds: {periods: 0}}}", ["line 1: checks.polling-frozen.thresholds.periods:"]),
        (
            "checks: {invalid-schedule: {thresholds: {a: 1}}}",
            ["line 1: checks.invalid-schedule.thresholds: is"],
        ),
        ("suppressions: {}", ["line 1: suppressions: is a mapping, not a list"]),
        ("suppressions:\n- x", ["line 2: suppressions[0]: is 'x', not a mapping"]),
        ("suppressions:\n- {}", ["line 2: suppressions[0]: lacks check and reason and owner"]),
        (
            "suppressions:\n- check: [invalid-schedul, suppression-unused]\n  reason: x\n  owner: y",
            [
                "line 2: suppressions[0].check: 'invalid-schedul' is no check that can be suppressed; did you mean",
                "line 2: suppressions[0].check: 'suppression-unused' is no check that can be suppressed",
            ],
        ),
        ("suppressions: [{check: [], reason: x, owner: y}]", ["line 1: suppressions[0].check: names no check"]),
        (
            "suppressions: [{check: ['*', digest-unknown], reason: x, owner: y}]",
            ["line 1: suppressions[0].check: names checks beside *"],
        ),
        (
            "suppressions: [{check: '*', reason: x, owner: y, until: soon, object: {kind: datasource, nam: x}}]",
            [
                "line 1: suppressions[0].object.kind: 'datasource' is no kind that findings are about; did you mean",
                "line 1: suppressions[0].object.nam: is no key; did you mean 'name'",
                "line 1: suppressions[0].until: 'soon' is neither a date as 2026-12-31 nor an instant",
            ],
        ),
        (
            "suppressions:\n- {check: '*', reason: x, owner: y}\n- {check: '*', reason: a, owner: b}",
            ["line 3: suppressions[1]: names the same checks and objects as that in line 2; keep one"],
        ),
        (
            "suppressions:\n- &x {check: '*', reason: x, owner: y}\n- *x",
            ["line 2: suppressions[1]: repeats another place by a YAML alias; write it out"],
        ),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, told: list[str]) -> None:
    found = mistakes(tmp_path, text)
    assert len(found) == len(told), found
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True)), found


def test_mistakes_in_all_sources_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, "lisen: x\nlog-level: loud", flags={"listen": ["x"]}, LOG_FORMAT="xml")
    assert [line.partition(": ")[0] for line in caught.value.lines] == [
        str(tmp_path / "config.yaml"),
        str(tmp_path / "config.yaml"),
        "--listen",
        "BOOTSOURCE_LOG_FORMAT",
    ]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with pytest.raises(SettingsError, match=r"config\.yaml' is not a file; name a configuration file"):
        settings_of(SERVE, {"config": [str(path)]}, {})
    path.write_bytes(b"a: \xff")
    with pytest.raises(SettingsError, match=r"config\.yaml: is not UTF-8 at byte 3"):
        load_file(path, SERVE)
    path.write_bytes(b"#" * (LONGEST + 1))
    with pytest.raises(SettingsError, match="longer than 256 KiB; is it the right file"):
        load_file(path, SERVE)
    path.unlink()
    with pytest.raises(SettingsError, match=r"config\.yaml cannot be read: No such file"):
        load_file(path, SERVE)


KEYS = ("check", "object", "reason", "kind", "polling-frozen", "thresholds", "slack")
values = st.recursive(
    st.sampled_from(["*", "polling-frozen", "2h", "info", "true", "~", "", "x", "2026-12-31", "&a b", "*a", "!!set x"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(
            st.tuples(
                st.sampled_from(["check", "object", "reason", "kind", "polling-frozen", "thresholds", "slack"]), inner
            ),
            max_size=3,
        ).map(lambda items: f"{{{', '.join(f'{k}: {v}' for k, v in items)}}}")
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["listen", "disable", "checks", "suppressions", "x"]), values), max_size=4))
def test_no_file_is_worse_than_mistaken(tmp_path_factory: pytest.TempPathFactory, keys: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text("\n".join(f"{key}: {value}" for key, value in keys))
    try:
        told = load_file(path)
    except SettingsError as error:
        assert error.lines  # noqa: PT017
        assert all("\n" not in line for line in error.lines)  # noqa: PT017
    else:
        assert POLICY in told.sections
