"""The documented `oc get` line yields every kind that a verdict needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from exporter.dump.required_kinds import RULES
from tests.clusters.healthy import healthy
from tests.clusters.shapes import SHAPES
from tests.dump.samples import load_dump
from tests.worlds import NOW

ROOT = Path(__file__).parents[2]
_LINE = re.compile(r"^ *oc get -A -o yaml --show-managed-fields ([\w,]+) > dump\.yaml$", re.MULTILINE)


@pytest.fixture(params=["docs/offline.md"])
def kinds(request: pytest.FixtureRequest) -> frozenset[str]:
    """The kinds of the line, as the API spells them."""
    (line,) = _LINE.findall((ROOT / request.param).read_text())
    by_name = {r.kind.lower(): r.kind for r in WATCHED}
    return frozenset(by_name[word] for word in line.split(","))


def test_every_kind_that_may_be_needed_is_asked_for(kinds: frozenset[str]) -> None:
    assert {resource.kind for resource in RULES} <= kinds


@pytest.mark.parametrize("shape", [name for name in SHAPES if not name.startswith("4.12")])
def test_a_healthy_cluster_that_was_dumped_by_it_passes(shape: str, kinds: frozenset[str], tmp_path: Path) -> None:
    items = [o for o in healthy(shape).objects if o["kind"] in kinds]
    (tmp_path / "dump.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "items": items, "kind": "List"}))
    assert evaluate_cluster(load_dump(tmp_path)[0], NOW).report.verdict == "pass"
