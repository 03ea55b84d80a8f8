"""The command of every finding that has a cause in itself does away with it, and brings nothing new."""

from __future__ import annotations

import inspect
import re

import pytest

from exporter.checks import CHECKS
from exporter.checks.check import Afterwards, Check
from exporter.checks.judge import judge
from tests.clusters.broken import BROKEN
from tests.clusters.commands import LOOKS, run, verb_of
from tests.clusters.controllers import settle
from tests.clusters.files import findings, sample, told
from tests.clusters.sample import Sample
from tests.worlds import NOW, Manifest

ONE_ROOT = [name for name in BROKEN if not name.startswith("messy-")]
ROOTS = [(name, f) for name in ONE_ROOT for f in findings(name) if f.get("fix") and "causedBy" not in f]
ACTS = [(name, f) for name, f in ROOTS if verb_of(f["fix"]) not in LOOKS]


def check_of(finding: Manifest) -> str:
    """The id in `warning import-failing`."""
    return str(finding["finding"]).partition(" ")[2]


def identity(finding: Manifest) -> tuple[str, str, str]:
    """What tells one finding from another."""
    return check_of(finding), finding["about"], finding.get("field", "")


def judged(of: Sample) -> list[Manifest]:
    evaluation = judge(of.view(), NOW)
    assert not evaluation.crashed
    return told(evaluation.report)


@pytest.mark.parametrize(("name", "finding"), ACTS, ids=[f"{name}: {check_of(f)}" for name, f in ACTS])
def test_the_command_mends_it(name: str, finding: Manifest) -> None:
    broken = sample(name)
    before = {identity(f) for f in judged(broken)}
    assert identity(finding) in before
    if verb_of(finding["fix"]) != "rollout":
        broken.down.clear()  # a hint beside the root, whose own command is another
    run(broken, finding["fix"])
    after = judged(broken)
    assert identity(finding) not in {identity(f) for f in after}
    # A decision, such as a gate that is closed now, may show as a mere info.
    assert [f for f in after if identity(f) not in before and not f["finding"].startswith("info")] == []


ONLY_HINTS = {
    *("cron-never-reconciled", "data-source-target-missing", "data-source-without-source"),
    *("template-source-missing", "machine-template-source-missing", "snapshot-api-missing"),
}
"""Checks whose command opens a log or an editor: only a person can tell what was meant."""
OVERLOOKED = {"cron-drifted", "disabled-entry-still-deployed"}
"""What SSP has overlooked: any event wakes it, and the command is one."""


@pytest.mark.parametrize("name", sorted({name for name, _ in ACTS} - OVERLOOKED))
def test_nothing_mends_itself(name: str) -> None:
    broken = sample(name)
    settle(broken)
    left = {identity(f) for f in judged(broken)}
    assert {identity(f) for n, f in ACTS if n == name} <= left


def gives_a_fix(check: Check) -> bool:
    """Its module words a command."""
    module = inspect.getmodule(check.judge)
    assert module is not None
    return re.search(r"\bfix=(?!None,)", inspect.getsource(module)) is not None


WITH_A_FIX = [c for c in CHECKS if gives_a_fix(c) and not isinstance(c.over, Afterwards)]


@pytest.mark.parametrize("check", WITH_A_FIX, ids=lambda c: c.id)
def test_every_check_with_a_fix_is_tried(check: Check) -> None:
    hinted = {check_of(f) for name in BROKEN for f in findings(name) if f.get("fix")}
    assert check.id in {check_of(f) for _, f in ACTS} or (check.id in ONLY_HINTS and check.id in hinted)
