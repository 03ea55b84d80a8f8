"""What is generated is written, and whatever differs is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.generate import run
from tools.generate.coverage import REPOSITORY
from tools.generate.output import MARK, Output
from tools.generate.outputs import OUTPUTS
from tools.generate.run import find_problems, write_outputs

PAGE = Output("docs/page.md", "exporter/page.py", lambda: "one\ntwo\n")
OTHER = Output("deploy/other.yaml", "exporter/other.py", lambda: "a: 1\n")


def messages(*outputs: Output, root: Path) -> list[str]:
    return [str(problem) for problem in find_problems(outputs, root)]


def test_what_is_missing_is_written(tmp_path: Path) -> None:
    assert messages(PAGE, OTHER, root=tmp_path) == ["docs/page.md: missing", "deploy/other.yaml: missing"]
    assert [problem.path for problem in write_outputs((PAGE, OTHER), tmp_path)] == [PAGE.path, OTHER.path]
    assert messages(PAGE, OTHER, root=tmp_path) == []
    assert write_outputs((PAGE, OTHER), tmp_path) == []


def test_a_changed_file_is_told_with_the_difference(tmp_path: Path) -> None:
    write_outputs((PAGE,), tmp_path)
    path = tmp_path / PAGE.path
    path.write_text(path.read_text().replace("two", "2"))
    assert messages(PAGE, root=tmp_path) == ["docs/page.md: stale\n@@ -4 +4 @@\n-2\n+two"]
    write_outputs((PAGE,), tmp_path)
    assert messages(PAGE, root=tmp_path) == []


def test_line_ends_count(tmp_path: Path) -> None:
    write_outputs((PAGE,), tmp_path)
    path = tmp_path / PAGE.path
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert messages(PAGE, root=tmp_path) == ["docs/page.md: stale"]


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / PAGE.path).write_text("\n".join("x" * 500 for _ in range(100)))
    lines = messages(PAGE, root=tmp_path)[0].splitlines()
    assert len(lines) == 14
    assert max(map(len, lines)) == 160
    assert lines[-1].endswith("more lines")


def test_a_file_that_is_not_generated_any_more_goes(tmp_path: Path) -> None:
    write_outputs((PAGE, OTHER), tmp_path)
    (tmp_path / "docs" / "by-hand.md").write_text(f"# By hand\n{MARK}\n")
    (tmp_path / "docs" / "old").mkdir()
    (tmp_path / "docs" / "old" / "page.md").write_bytes((tmp_path / PAGE.path).read_bytes())
    assert messages(PAGE, OTHER, root=tmp_path) == ["docs/old/page.md: superfluous"]
    write_outputs((PAGE, OTHER), tmp_path)
    assert messages(PAGE, OTHER, root=tmp_path) == []
    assert (tmp_path / "docs" / "by-hand.md").is_file()


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.path)
def test_every_file_says_in_its_first_line_that_it_is_generated(output: Output) -> None:
    first, *rest = output.text().splitlines()
    assert MARK in first
    assert not any(MARK in line for line in rest)
    assert output.text() == output.text()
    assert output.text().endswith("\n")
    assert not output.text().endswith("\n\n")


def test_json_stays_json() -> None:
    output = Output("docs/x.schema.json", "here", lambda: json.dumps({"type": "object"}))
    assert json.loads(output.text()) == {"$comment": f"Generated from here {MARK}.", "type": "object"}


def test_a_type_of_file_that_nobody_thought_of() -> None:
    with pytest.raises(ValueError, match=r"docs/x\.ini"):
        Output("docs/x.ini", "here", lambda: "").text()


def test_paths_and_sources_are_consistent() -> None:
    assert len({output.path for output in OUTPUTS}) == len(OUTPUTS)
    for output in OUTPUTS:
        for source in output.source.split(" and "):
            assert (REPOSITORY / source).exists(), output.path


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(run, "REPOSITORY", tmp_path)
    monkeypatch.setattr(run, "OUTPUTS", (PAGE,))
    assert run.run(check=True) == 1
    assert capsys.readouterr().out == ("docs/page.md: missing\n1 of 1 generated files differ; run `make generate`\n")
    assert run.run(check=False) == 0
    assert capsys.readouterr().out == "docs/page.md: was missing\n"
    assert run.run(check=True) == 0
    assert capsys.readouterr().out == ""
