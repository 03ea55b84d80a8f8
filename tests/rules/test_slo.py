"""The freshness objective for other tools reads what the rules record, and says the same."""

from __future__ import annotations

from pathlib import Path

import yaml

from exporter.rules import RECORDINGS
from exporter.rules.freshness import OBJECTIVE

SLO = Path(__file__).parents[2] / "rules" / "slo"
RECORDED = {recording.name: recording for recording in RECORDINGS}


def test_pyrra_has_one_objective_per_boot_source() -> None:
    spec = yaml.safe_load((SLO / "pyrra.yaml").read_text())["spec"]
    gauge = spec["indicator"]["bool_gauge"]
    assert set(gauge["grouping"]) == set(RECORDED[gauge["metric"]].labels)
    assert float(spec["target"]) == OBJECTIVE * 100


def test_sloth_averages_what_is_stale() -> None:
    (objective,) = yaml.safe_load((SLO / "sloth.yaml").read_text())["slos"]
    query = objective["sli"]["raw"]["error_ratio_query"]
    assert "{{.window}}" in query
    assert any(name in query for name in RECORDED)
    assert objective["objective"] == OBJECTIVE * 100
