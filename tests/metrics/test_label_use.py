"""Queries of rules and dashboards name only labels that their metrics have, so renaming a label breaks a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import promql_parser
import pytest

from exporter.metrics.exporter_families import OWN_FAMILIES
from exporter.metrics.families import FAMILIES
from exporter.rules import RECORDINGS
from exporter.rules.groups import build_groups
from tests.dashboards.documents import GRAFANA, nodes, panels, parse_expression, targets

OF_SCRAPES: Final = {"cluster", "managed_cluster", "job", "instance", "namespace", "pod", "prometheus"}
"""Labels that Prometheus, OpenShift's monitoring or a hub adds to every series."""
LABELS: Final = {
    **{family.name: frozenset(family.labels) for family in FAMILIES},
    **{family.name: frozenset(family.labels) for family in OWN_FAMILIES},
    **{recording.name: frozenset(recording.labels) for recording in RECORDINGS},
}
SUFFIX: Final = re.compile(r"_(total|bucket|sum|count)$")


def _queries() -> Iterator[tuple[str, str]]:
    for uid, board in GRAFANA.items():
        for title, expr in targets(board):
            yield f"{uid}: {title}", expr
    for group in build_groups()["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]


QUERIES: Final = tuple(_queries())


def _labels_of(metric: str) -> frozenset[str] | None:
    """The labels that the metric has by itself; None for metrics of other programs."""
    return LABELS.get(metric, LABELS.get(SUFFIX.sub("", metric)))


def _complaints(expr: str) -> Iterator[str]:
    tree = parse_expression(expr)
    known = set(OF_SCRAPES)
    used: list[str] = []
    for node, _ in nodes(tree):
        if isinstance(node, promql_parser.VectorSelector):
            asked = {m.name for m in node.matchers.matchers} - OF_SCRAPES - {"__name__"}
            own = _labels_of(node.name or "")
            if own is None:  # a metric of another program, or one that is selected by its labels alone
                known |= asked
            else:
                known |= own
                yield from (f"{node.name} has no label {name}" for name in sorted(asked - own))
        used += _grouped(node)
        known |= _made(node)
    yield from (f"no metric of it has the label {name}" for name in sorted(set(used) - known))


def _grouped(node: Any) -> list[str]:
    """The labels that an aggregation or a match keeps or compares."""
    modifier = getattr(node, "modifier", None)
    groups = (modifier, getattr(modifier, "matching", None))
    return [label for group in groups for label in getattr(group, "labels", None) or ()]


def _made(node: Any) -> set[str]:
    """The label that label_replace or label_join adds."""
    made = isinstance(node, promql_parser.Call) and node.func.name in {"label_replace", "label_join"}
    return {node.args[1].val} if made else set()


@pytest.mark.parametrize(("place", "expr"), QUERIES, ids=[place for place, _ in QUERIES])
def test_a_query_names_labels_that_its_metrics_have(place: str, expr: str) -> None:
    assert list(_complaints(expr)) == []


@pytest.mark.parametrize(
    "expr",
    [
        'bootsource_storageclass_info{storage_class="fast"}',
        "sum by (storage_class) (bootsource_storageclass_info)",
        "bootsource_storageclass_info * on (storage_class) bootsource_storageprofile_info",
    ],
)
def test_a_label_that_is_not_there_is_seen(expr: str) -> None:
    assert any("storage_class" in complaint for complaint in _complaints(expr))


@pytest.mark.parametrize("uid", GRAFANA)
def test_columns_and_legends_name_labels_that_exist(uid: str) -> None:
    known = OF_SCRAPES.union(*LABELS.values(), _made_anywhere(uid), {"le", "alertname", "alertstate", "severity"})
    legends = {name for text in _legends(uid) for name in re.findall(r"{{\s*(\w+)\s*}}", text)}
    assert legends - known == set()
    assert _columns(uid) - known == set()


def _legends(uid: str) -> Iterator[str]:
    for panel in panels(GRAFANA[uid]):
        yield from (target.get("legendFormat") or "" for target in panel["targets"])


def _made_anywhere(uid: str) -> set[str]:
    return {
        name for _, expr in targets(GRAFANA[uid]) for node, _ in nodes(parse_expression(expr)) for name in _made(node)
    }


def _columns(uid: str) -> set[str]:
    """Names of labels by which a table renames or orders its columns; values are called Value, Value #A or Time."""
    named: set[str] = set()
    for panel in panels(GRAFANA[uid]):
        for step in panel.get("transformations", ()):
            options = step.get("options", {})
            named |= {*options.get("renameByName", {}), *options.get("indexByName", {})}
    return {name for name in named if not re.match(r"Value|Time", name)}
