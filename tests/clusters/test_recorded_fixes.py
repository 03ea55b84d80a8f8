"""The fixes that are offered in clusters as real operators left them: two generations, and cases from the field.

`recorded.json.gz` holds, by name, the instant and the watched objects of each. What the operators would do next is not
modelled for these; what a command does by itself is.
"""

from __future__ import annotations

import gzip
import json
import shlex
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import admit as admission
from exporter.joins.admission import has_source, list_refusals
from exporter.report import Finding, FixKind
from tests.clusters.commands import LOOKS, apply, verb_of
from tests.clusters.harm import lost_images
from tests.clusters.sample import Sample
from tests.clusters.shapes import SHAPES

_FILE: Final = Path(__file__).parent / "recorded.json.gz"
_DESTROYS: Final = frozenset({"delete", "replace", "rollout", "drain"})


@cache
def recorded() -> dict[str, Any]:
    """All of them by name."""
    found: dict[str, Any] = json.loads(gzip.decompress(_FILE.read_bytes()))
    return found


def cluster(name: str) -> Sample:
    """A copy that a test may change. Its shape is not asked for."""
    return Sample(next(iter(SHAPES.values())), json.loads(json.dumps(recorded()[name]["objects"])))


@cache
def found_in(name: str) -> tuple[Finding, ...]:
    evaluation = evaluate_cluster(cluster(name).view(), datetime.fromisoformat(recorded()[name]["at"]))
    assert not evaluation.crashed
    return evaluation.report.findings


def refused(sample: Sample) -> set[str]:
    """The entries of HyperConverged that are on, and that HCO or some CDI would refuse."""
    rows = [row for each in sample.all("HyperConverged") if (row := HYPERCONVERGEDS.codec().from_value(each).row)]
    entries = [entry for row in rows for entry in row.entries]
    answers = zip(entries, list_refusals([e.written for e in entries]), strict=True)
    return {
        entry.name
        for entry, by_hco in answers
        if by_hco or (entry.enabled and not (has_source(entry.written) and admission(entry.written, None).admitted))
    }


@pytest.mark.parametrize("name", recorded())
def test_no_fix_harms(name: str) -> None:
    before = cluster(name)
    for finding in found_in(name):
        for fix in finding.fixes:
            if fix.command and verb_of(fix.command) not in LOOKS:
                changed = cluster(name)
                apply(changed, fix.command)
                assert lost_images(before, changed) == [], fix
                assert refused(changed) <= refused(before), fix


@pytest.mark.parametrize("name", recorded())
def test_each_says_what_it_costs_and_the_safe_ones_come_first(name: str) -> None:
    order = [FixKind.SAFE, FixKind.NONE, FixKind.COSTS]
    for finding in found_in(name):
        kinds = [fix.kind for fix in finding.fixes]
        assert kinds == sorted(kinds, key=order.index)
        assert kinds or finding.caused_by
        for fix in finding.fixes:
            words = pairwise(shlex.split(fix.command))
            destroys = any(word in ("oc", "kubectl") and verb in _DESTROYS for word, verb in words)
            assert not destroys or (fix.kind is FixKind.COSTS and fix.risk)


def test_without_the_api_of_snapshots_no_command_asks_for_one_and_no_image_is_deleted() -> None:
    """CDI fails on that API whenever it moves an image, and would not import one again."""
    for finding in found_in("recorded-v7-class-change-without-snapshot-crds"):
        for fix in finding.fixes:
            assert "volumesnapshot" not in fix.command or fix.command.startswith("oc get crd")
            assert verb_of(fix.command or "oc get") != "delete"


def test_an_operator_that_dies_of_a_field_is_not_restarted() -> None:
    commands = [fix.command for f in found_in("field-hco-never-reconciled") for fix in f.fixes]
    assert not any("rollout restart" in command for command in commands)
