"""The files are what the builders make, and hold what they should: each sample its golden findings, compared whole."""

from __future__ import annotations

import pytest

from exporter.checks import CHECKS
from exporter.checks.check import Afterwards, Check
from exporter.checks.evaluate import evaluate_cluster
from tests.clusters.broken import BROKEN
from tests.clusters.files import FOLDER, HEALTHY, NAMES, as_file, describe_findings, findings, load_cluster
from tests.worlds import NOW, dumped

each_sample = pytest.mark.parametrize("name", NAMES)


@each_sample
def test_the_file_is_as_it_is_made(name: str) -> None:
    assert (FOLDER / f"{name}.yaml").read_text("utf-8") == as_file(name), "run python -m tests.clusters.files"


@each_sample
def test_just_this_is_found(name: str) -> None:
    evaluation = evaluate_cluster(dumped(*load_cluster(name)), NOW)
    assert evaluation.crashed == {}
    assert describe_findings(evaluation.report) == findings(name)


def test_no_file_is_left_of_a_sample_that_is_gone() -> None:
    assert {p.name for p in FOLDER.iterdir()} == {f"{n}{end}" for n in NAMES for end in (".yaml", ".findings.yaml")}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_cluster_has_no_finding_above_info(name: str) -> None:
    assert [f for f in findings(name) if not f["finding"].startswith("info")] == []


@pytest.mark.parametrize("check", [c for c in CHECKS if not isinstance(c.over, Afterwards)], ids=lambda c: c.id)
def test_every_check_finds_something_in_a_sample(check: Check) -> None:
    assert check.id in {f["finding"].partition(" ")[2] for name in BROKEN for f in findings(name)}


@pytest.mark.parametrize("name", [n for n in BROKEN if n in {c.id for c in CHECKS}])
def test_what_a_sample_is_named_after_is_its_root(name: str) -> None:
    roots = {f["finding"].partition(" ")[2] for f in findings(name) if "causedBy" not in f}
    assert name in roots
