"""Declarations of checks and alerts are typed: a wrong one fails before anything runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from exporter.checks import CHECKS
from exporter.checks.discovery import checks_in
from exporter.checks.ids import CheckId
from tools.generate.coverage import REPOSITORY

HEAD = """
from datetime import timedelta
from exporter.checks.check import PASSED, Cause, Context, Verdict, check
from exporter.cluster.resources import CDIS, DATA_SOURCES
from exporter.joins.defaults import defaults
from exporter.model.cdi import DataSource
from exporter.report import Severity
from exporter.rules.alert import Relation
from exporter.rules.roots import root_cause_alert
"""
KEYWORDS = """id="x", severity=Severity.INFO, summary="s", meaning="m", impact="i", diagnosis="d", mitigation="m"
"""
RIGHT = f"""
@check({KEYWORDS.strip()}, alert_for=timedelta(hours=1), over=DATA_SOURCES)
def right(source: DataSource, ctx: Context) -> Verdict:
    return PASSED
"""
WRONG = {
    "over another resource than it takes": f"""
@check({KEYWORDS.strip()}, alert_for=timedelta(hours=1), over=CDIS)
def other_resource(source: DataSource, ctx: Context) -> Verdict:
    return PASSED
""",
    "over a joint that names no subjects": f"""
@check({KEYWORDS.strip()}, alert_for=timedelta(hours=1), over=defaults)
def joint_without_subjects(source: DataSource, ctx: Context) -> Verdict:
    return PASSED
""",
    "a misspelt keyword": f"""
@check({KEYWORDS.strip()}, alert_fro=timedelta(hours=1), over=DATA_SOURCES)
def misspelt_keyword(source: DataSource, ctx: Context) -> Verdict:
    return PASSED
""",
    "a keyword that is missing": f"""
@check({KEYWORDS.strip()}, over=DATA_SOURCES)
def missing_keyword(source: DataSource, ctx: Context) -> Verdict:
    return PASSED
""",
    "a cause that names no check": """
CAUSE = Cause("no-defualt-storage-class")
""",
    "an alert with a misspelt keyword": """
ALERT = root_cause_alert((), Severity.WARNING, name="N", meaning="m", impact="i", diagnosis="d", mitigatoin="m")
""",
    "an alert that inhibits no check": """
RELATION = Relation(platform="P", differs="d", mutes=("no-defualt-storage-class",))
""",
}


def test_the_type_checker_refuses_wrong_declarations(tmp_path: Path) -> None:
    first = {}
    text = HEAD + RIGHT
    for what, code in WRONG.items():
        first[what] = text.count("\n") + 1
        text += code
    (tmp_path / "wrong.py").write_text(text)
    words = (sys.executable, "-m", "mypy", "--config-file", str(REPOSITORY / "pyproject.toml"), "--no-error-summary")
    done = subprocess.run(
        (*words, "--cache-dir", str(tmp_path / "cache"), str(tmp_path / "wrong.py")),
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    lines = {int(line) for line in re.findall(r"wrong\.py:(\d+): error", done.stdout)}
    ends = [*list(first.values())[1:], text.count("\n") + 2]
    seen = {what for (what, start), end in zip(first.items(), ends, strict=True) if lines & set(range(start, end))}
    assert seen == set(WRONG), done.stdout
    assert not lines & set(range(first["over another resource than it takes"])), done.stdout


def test_every_id_is_one_that_causes_can_name() -> None:
    assert {check.id for check in CHECKS} == set(get_args(CheckId))
    assert all(check.id.replace("-", "_") == check.judge.__name__ for check in CHECKS)


@pytest.mark.parametrize("text", ["", "twins = 2\n"])
def test_a_module_of_a_layer_that_holds_no_check_is_named(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "some_layer"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "_helper.py").touch()
    (package / "twins.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises((AttributeError, TypeError), match=r"some_layer\.twins"):
        checks_in("some_layer", [str(package)])
    for name in ("some_layer", "some_layer.twins"):
        sys.modules.pop(name, None)
