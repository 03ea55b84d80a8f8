"""`list`: what it prints of a dump and of a live cluster, in every format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from exporter.boot_sources.document import RowOrigin
from exporter.boot_sources.state import WORST_FIRST
from exporter.cli import main
from exporter.commands.list_sources import Follower
from exporter.settings.options import LIST, LIST_OUTPUTS
from exporter.settings.selection import ORIGINS, STATES
from exporter.settings.sources import settings_of
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    WorldClock,
    a_cron,
    a_data_source,
    a_snapshot,
    a_template,
    cluster,
    condition,
    manifest,
)

CONTENT = manifest("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent", "content-fedora-0123456789ab")
EMPTY = a_data_source(
    "gold",
    cron="gold-image-cron",
    status={"conditions": [condition("Ready", "False", "NoSource")]},
    spec={"source": {}},
)
AT = ("--at", f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Lists a dump of a usable and an unusable boot source; gives exit code, output and errors."""
    monkeypatch.setenv("NO_COLOR", "1")
    items = [a_cron(), a_data_source(), a_snapshot(), CONTENT, EMPTY, a_template()]
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["list", "-f", str(dump), "--complete", *AT, *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_the_table_begins_with_what_needs_attention(run: Run) -> None:
    code, out, err = run()
    header, first, second = out.splitlines()
    assert (code, err) == (0, "")
    assert header.split()[:4] == ["NAME", "STATE", "USABLE", "NEWEST"]
    assert first.split()[:3] == ["gold", "not-usable", "no"]
    assert second.split()[:5] == ["fedora", "up-to-date", "yes", "yes", "60d"]
    assert max(map(len, out.splitlines())) <= 100
    assert "\x1b" not in out


def test_the_wide_table_has_every_column(run: Run) -> None:
    _, out, _ = run("-o", "wide")
    line = next(line for line in out.splitlines() if " fedora " in line)
    assert line.startswith(IMAGES)
    assert all(word in line.split() for word in ("snapshot", "fast", "19m", "1"))


def test_a_narrow_terminal_gets_fewer_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    _, out, _ = run()
    assert max(map(len, out.splitlines())) <= 60
    assert out.splitlines()[0].split()[:2] == ["NAME", "STATE"]


def test_json_and_yaml_are_the_document_of_the_api(run: Run) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "boot-sources.schema.json").read_text())
    _, out, _ = run("-o", "json")
    document = json.loads(out)
    jsonschema.validate(document, schema)
    assert {one["row"]["name"] for one in document["bootSources"]} == {"fedora", "gold"}
    assert yaml.safe_load(run("-o", "yaml")[1]) == document


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), ["gold", "fedora"]),
        (("-n", IMAGES), ["gold", "fedora"]),
        (("-n", "elsewhere"), []),
        (("-A",), ["gold", "fedora"]),
        (("--state", "up-to-date,outdated"), ["fedora"]),
        (("--state", "not-usable", "--state", "unknown"), ["gold"]),
        (("--origin", "ssp"), ["fedora"]),
        (("--origin", "custom"), []),
    ],
)
def test_filters(run: Run, words: tuple[str, ...], names: list[str]) -> None:
    code, out, _ = run("-o", "name", *words)
    assert code == 0
    assert out.split() == [f"{IMAGES}/{name}" for name in names]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-A", "-n", "x"), "--all-namespaces and --namespace contradict each other; leave one out"),
        (("--state", "outdatd"), "which is not one of not-usable, unknown, outdated"),
        (("-o", "junit"), "--output: 'junit' is not one of table, wide, json, yaml, name"),
        (("--watch",), "--watch is about a cluster and --from about a dump; leave one out"),
    ],
)
def test_mistakes(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert message in err


def test_a_format_of_another_command_in_the_environment_is_ignored(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOTSOURCE_OUTPUT", "junit")
    assert run()[1].startswith("NAME ")
    monkeypatch.setenv("BOOTSOURCE_OUTPUT", "name")
    assert run()[1].startswith(IMAGES)


def test_what_is_not_known_is_named_and_no_column_says_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [a_cron(), a_data_source()]}))
    assert main(["list", "-f", str(dump), *AT]) == 0
    captured = capsys.readouterr()
    assert "not known, shown as ?: " in captured.err
    assert "templates" in captured.err
    assert "?" in captured.out.splitlines()[1]


def test_a_cluster_that_does_not_answer_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "kubeconfig"
    config.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
                "users": [{"name": "u", "user": {}}],
            }
        )
    )
    for words in (["list"], ["list", "--watch"], ["audit"]):
        assert main([*words, "--kubeconfig", str(config), "--timeout", "1s"]) == 3
        captured = capsys.readouterr()
        assert captured.out == ""
        (line,) = captured.err.splitlines()
        assert line.startswith("bootsource-exporter: the cluster cannot be read")


class _Written:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str) -> None:
        self.texts.append(text)


@pytest.mark.parametrize("output", LIST_OUTPUTS)
def test_watching_prints_what_has_changed(output: str) -> None:
    written = _Written()
    settings = settings_of(LIST, {"output": [output]}, {})
    follower = Follower(settings, WorldClock(), written)
    objects: list[Manifest] = [a_cron(), a_data_source(), a_snapshot(), CONTENT, EMPTY]
    follower.show(cluster(*objects))
    follower.show(cluster(*objects))
    assert len(written.texts) == 1
    gone = [each for each in objects if each["kind"] != "VolumeSnapshot"]
    follower.show(cluster(*gone))
    assert len(written.texts) == 2
    assert ("fedora" in written.texts[1], "gold" in written.texts[1]) == (True, False)


def test_states_and_origins_are_those_of_the_document() -> None:
    assert tuple(map(str, RowOrigin)) == ORIGINS
    assert tuple(map(str, WORST_FIRST)) == STATES
