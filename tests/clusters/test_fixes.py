"""Every fix of every sample, applied: it does away with its finding, brings nothing new, and harms nothing."""

from __future__ import annotations

import inspect
import re
import shlex
from itertools import pairwise

import pytest

from exporter.checks import CHECKS
from exporter.checks.check import Afterwards, Check
from exporter.checks.evaluate import evaluate_cluster
from exporter.report import Severity
from tests.clusters.broken import BROKEN
from tests.clusters.commands import LOOKS, apply, run, verb_of
from tests.clusters.controllers import settle
from tests.clusters.files import describe_findings, findings, sample
from tests.clusters.harm import is_allowed_to_lose, lost_images, refused_entries, usable_sources
from tests.clusters.sample import Sample
from tests.worlds import NOW, Manifest

ONE_ROOT = [name for name in BROKEN if not name.startswith("messy-")]
FIXES = [(name, f, fix) for name in BROKEN for f in findings(name) for fix in f.get("fixes", ())]
ACTS = [(n, f, fix) for n, f, fix in FIXES if fix.get("command") and verb_of(fix["command"]) not in LOOKS]
ROOTS = [(n, f, fix) for n, f, fix in ACTS if "causedBy" not in f and n in ONE_ROOT]
DESTROYS = frozenset({"delete", "replace", "rollout", "drain"})
"""Verbs after which something is gone, or has to start again."""


def check_of(finding: Manifest) -> str:
    """The id in `warning import-failing`."""
    return str(finding["finding"]).partition(" ")[2]


def identity(finding: Manifest) -> tuple[str, str, str]:
    """What tells one finding from another."""
    return check_of(finding), finding["about"], finding.get("field", "")


def named(rows: list[tuple[str, Manifest, Manifest]]) -> list[str]:
    return [f"{name}: {check_of(f)}: {fix['kind']}" for name, f, fix in rows]


def judged(of: Sample) -> list[Manifest]:
    evaluation = evaluate_cluster(of.view(), NOW)
    assert not evaluation.crashed
    return describe_findings(evaluation.report)


def after(name: str, *fixes: Manifest) -> list[Manifest]:
    """What is found when these have been applied, and the controllers have done their work."""
    broken = sample(name)
    if all(verb_of(fix["command"]) != "rollout" for fix in fixes):
        broken.down.clear()  # a hint beside the root, whose own command is another
    for fix in fixes:
        run(broken, fix["command"])
    return judged(broken)


@pytest.mark.parametrize(("name", "finding", "fix"), ROOTS, ids=named(ROOTS))
def test_it_does_away_with_its_finding(name: str, finding: Manifest, fix: Manifest) -> None:
    """Each alternative by itself; of steps all together, and the first then says what is left."""
    before = {identity(f) for f in judged(sample(name))}
    assert identity(finding) in before
    found = after(name, fix)
    if identity(finding) in {identity(f) for f in found}:
        assert re.match("First: .* is left", fix["note"]), "it neither helps nor says what it leaves"
        found = after(name, *(other for _, f, other in ROOTS if f is finding))
    assert identity(finding) not in {identity(f) for f in found}
    # A decision, such as a gate that is closed now, may show as a mere info.
    assert [f for f in found if identity(f) not in before and not f["finding"].startswith("info")] == []


@pytest.mark.parametrize(("name", "finding", "fix"), ACTS, ids=named(ACTS))
def test_it_deletes_no_last_image(name: str, finding: Manifest, fix: Manifest) -> None:
    """Neither at once nor in the end: what had an image to clone from has one when the controllers are done."""
    at_once, in_the_end = sample(name), sample(name)
    apply(at_once, fix["command"])
    assert lost_images(sample(name), at_once) == []
    run(in_the_end, fix["command"])
    gone = usable_sources(sample(name)) - usable_sources(in_the_end)
    assert not gone or is_allowed_to_lose(check_of(finding), fix)


@pytest.mark.parametrize(("name", "finding", "fix"), ACTS, ids=named(ACTS))
def test_it_is_admitted(name: str, finding: Manifest, fix: Manifest) -> None:
    """It makes no entry that CDI or HCO would refuse."""
    changed = sample(name)
    apply(changed, fix["command"])
    assert refused_entries(changed) <= refused_entries(sample(name))


@pytest.mark.parametrize("name", BROKEN)
def test_what_deletes_or_restarts_says_what_it_costs(name: str) -> None:
    for finding in findings(name):
        for fix in finding.get("fixes", ()):
            words = shlex.split(fix.get("command", ""))
            destroys = any(word in ("oc", "kubectl") and verb in DESTROYS for word, verb in pairwise(words))
            assert (fix["kind"] == "costs") == bool(fix.get("costs"))
            assert not destroys or fix["kind"] == "costs", fix


@pytest.mark.parametrize("name", BROKEN)
def test_the_safe_ones_come_first_and_every_root_says_what_to_do(name: str) -> None:
    for finding in findings(name):
        kinds = [fix["kind"] for fix in finding.get("fixes", ())]
        assert kinds == sorted(kinds, key=["safe", "none", "costs"].index)
        assert kinds or finding.get("causedBy")


DECISIONS = {check.id for check in CHECKS if check.severity is Severity.INFO}
"""What is there on purpose, as a gate that is closed, makes no command fail, however bad it is for others."""


def test_what_has_a_cause_offers_nothing_that_costs() -> None:
    """As long as the cause is there, another attempt would fail like the one before."""
    for name in BROKEN:
        by_id = {f"{check_of(f)} {f['about']}": f for f in findings(name)}
        for finding in by_id.values():
            causes = [by_id[c] for c in finding.get("causedBy", ()) if check_of(by_id[c]) not in DECISIONS]
            assert not causes or all(fix["kind"] != "costs" for fix in finding.get("fixes", ()))


OVERLOOKED = {"cron-drifted", "disabled-entry-still-deployed"}
"""What SSP has overlooked: a restart wakes it, and the command is one."""


@pytest.mark.parametrize("name", sorted({name for name, _, _ in ROOTS} - OVERLOOKED))
def test_nothing_mends_itself(name: str) -> None:
    broken = sample(name)
    settle(broken)
    left = {identity(f) for f in judged(broken)}
    assert {identity(f) for n, f, _ in ROOTS if n == name} <= left


def gives_a_fix(check: Check) -> bool:
    """Its module words a fix."""
    module = inspect.getmodule(check.judge)
    assert module is not None
    return re.search(r"\bfix=(?!None,)", inspect.getsource(module)) is not None


WITH_A_FIX = [c for c in CHECKS if gives_a_fix(c) and not isinstance(c.over, Afterwards)]


@pytest.mark.parametrize("check", WITH_A_FIX, ids=lambda c: c.id)
def test_every_check_with_a_fix_is_tried(check: Check) -> None:
    assert check.id in {check_of(f) for _, f, _ in FIXES}
