"""Every form that a dashboard is written in is one that its reader accepts, and says the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as schema

from exporter.base.project import DASHBOARDS
from exporter.metrics.families import FAMILIES
from exporter.rules import RECORDINGS
from exporter.rules.groups import build_groups
from tests.dashboards.documents import FOLDER, GRAFANA, panels, perses, selectors, targets
from tests.dashboards.preview import install_program, ran
from tools.generate.dashboards.reference import QUERY_ONLY, used_metrics

NAMES = sorted(GRAFANA)
OF_PROMETHEUS = (".step", ".titleFormat", ".textFormat", ".useValueForTime")
"""Fields of marks in time that its plugin for Prometheus reads, which the types leave to it."""


def unfit(specs: dict[str, Any], directory: Path) -> dict[str, list[str]]:
    """What Perses' own schemas and types have against each dashboard."""
    install_program()
    file = directory / "specs.json"
    file.write_text(json.dumps(specs))
    found: dict[str, list[str]] = json.loads(ran("node", "perses/check.mjs", str(file)))
    return found


@pytest.mark.network
@pytest.mark.timeout(600)
def test_dashboards_fit_the_schemas_and_types_of_perses(tmp_path: Path) -> None:
    right = {
        **{f"v1alpha1/{uid}": perses(uid, "v1alpha1")["spec"] for uid in NAMES},
        **{f"v1alpha2/{uid}": perses(uid, "v1alpha2")["spec"]["config"] for uid in NAMES},
    }
    wrong = json.loads(json.dumps(right[f"v1alpha2/{NAMES[0]}"]))
    first, second = (wrong["panels"][f"panel{n}"]["spec"]["plugin"]["spec"] for n in (1, 2))
    first["calculation"] = "newest"
    second["legendMode"] = "on"
    wrong["duration"] = "one day"
    told = unfit({**right, "wrong": wrong}, tmp_path)
    complaints = " ".join(told.pop("wrong"))
    assert all(word in complaints for word in ("duration", '"newest"', "legendMode")), complaints
    assert told == {name: [] for name in right}


def _yaml(place: str, uid: str) -> Any:
    return yaml.safe_load((FOLDER / place / f"{uid}.yaml").read_text())


@pytest.mark.parametrize("uid", NAMES)
def test_the_types_of_grafana_read_the_document_and_lose_nothing(uid: str) -> None:
    register_default_plugins()
    document = {key: value for key, value in GRAFANA[uid].items() if key != "$comment"}
    read = json.loads(json.dumps(schema.Dashboard.from_json(document), cls=JSONEncoder))
    lost = [each for each in _lost(document, read) if not each.split(":")[0].endswith(OF_PROMETHEUS)]
    assert lost == []


@pytest.mark.parametrize("uid", NAMES)
def test_objects_of_a_cluster_carry_the_same_document(uid: str) -> None:
    bare = {key: value for key, value in GRAFANA[uid].items() if key != "$comment"}
    resource, config_map = _yaml("grafana-operator", uid), _yaml("configmaps", uid)
    assert (resource["kind"], resource["metadata"]["name"]) == ("GrafanaDashboard", uid)
    assert json.loads(resource["spec"]["json"]) == bare
    assert config_map["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(config_map["data"][f"{uid}.json"]) == bare
    assert len(json.dumps(config_map)) < 1_000_000, "a ConfigMap holds no more than a MiB"


@pytest.mark.parametrize("uid", NAMES)
def test_the_console_of_openshift_gets_the_schema_that_it_draws(uid: str) -> None:
    config_map = _yaml("openshift", uid)
    assert config_map["metadata"]["namespace"] == "openshift-config-managed"
    assert config_map["metadata"]["labels"]["console.openshift.io/dashboard"] == "true"
    board = json.loads(config_map["data"][f"{uid}.json"])
    drawn = [panel for row in board["rows"] for panel in row["panels"]]
    assert {panel["title"] for panel in drawn} == {panel["title"] for panel in panels(GRAFANA[uid])}
    assert {panel["type"] for panel in drawn} <= {"graph", "singlestat", "table"}
    for row in board["rows"]:
        assert sum(panel["span"] for panel in row["panels"]) <= 12
    names = {variable["name"] for variable in board["templating"]["list"]}
    for panel in drawn:
        for target in panel["targets"]:
            assert set(re.findall(r"\$([a-z_]\w*)", target["expr"])) <= names, panel["title"]
            assert list(selectors(target["expr"]))


@pytest.mark.parametrize("uid", NAMES)
def test_both_versions_of_perses_draw_the_same_panels(uid: str) -> None:
    old, new = perses(uid, "v1alpha1"), perses(uid, "v1alpha2")
    assert (old["apiVersion"], new["apiVersion"]) == ("perses.dev/v1alpha1", "perses.dev/v1alpha2")
    assert old["spec"] == new["spec"]["config"]
    spec = old["spec"]
    titles = {panel["spec"]["display"]["name"] for panel in spec["panels"].values()}
    assert titles == {panel["title"] for panel in panels(GRAFANA[uid])}
    shown = [item["content"]["$ref"] for layout in spec["layouts"] for item in layout["spec"]["items"]]
    assert sorted(shown) == sorted(f"#/spec/panels/{name}" for name in spec["panels"])
    asked = {p["spec"]["display"]["name"]: p["spec"]["queries"] for p in spec["panels"].values()}
    for panel in panels(GRAFANA[uid]):
        queries = [query["spec"]["plugin"]["spec"]["query"] for query in asked[panel["title"]]]
        bare = [re.sub(r"^(?:sort_desc\(|-\d+ - \()(.*)\)$", r"\1", query, flags=re.DOTALL) for query in queries]
        assert bare == [target["expr"] for target in panel["targets"]]


def test_every_family_about_clusters_is_shown_or_left_to_queries_with_a_reason() -> None:
    names = {family.name for family in FAMILIES}
    assert names - used_metrics() == set(QUERY_ONLY)
    assert all(QUERY_ONLY.values())


def test_recordings_that_are_used_exist() -> None:
    asked = {str(s.name) for board in GRAFANA.values() for _, expr in targets(board) for s, _ in selectors(expr)}
    assert {name for name in asked if ":" in name} <= {each.name for each in RECORDINGS}


def test_alerts_lead_to_dashboards_that_exist() -> None:
    rules = [rule for group in build_groups()["groups"] for rule in group["rules"] if "alert" in rule]
    urls = {rule["annotations"]["dashboard_url"] for rule in rules}
    assert urls
    assert urls <= {f"{DASHBOARDS}/{uid}" for uid in GRAFANA}


def _lost(written: Any, read: Any, path: str = "") -> list[str]:
    """What is in the one and not the same in the other. Null and absent are the same to Grafana."""
    if isinstance(written, dict) and isinstance(read, dict):
        return [each for k, v in written.items() if v is not None for each in _lost(v, read.get(k), f"{path}.{k}")]
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        return [each for n, (a, b) in enumerate(zip(written, read, strict=True)) for each in _lost(a, b, f"{path}.{n}")]
    return [] if written == read else [f"{path}: {written!r} became {read!r}"]


@pytest.mark.parametrize("uid", GRAFANA)
def test_a_dashboard_of_the_gallery_asks_for_its_data_source(uid: str) -> None:
    text = (FOLDER / "gallery" / f"{uid}.json").read_text()
    document = json.loads(text)
    (asked,) = document["__inputs"]
    assert (asked["type"], asked["pluginId"]) == ("datasource", "prometheus")
    assert "${datasource}" not in text
    assert f"${{{asked['name']}}}" in text
    assert {panel["title"] for panel in document["panels"]} == {panel["title"] for panel in GRAFANA[uid]["panels"]}
    assert {panel["type"] for panel in panels(document)} <= {each["id"] for each in document["__requires"]}


def test_the_mixin_imports_all_that_is_generated() -> None:
    text = (FOLDER.parent / "mixin" / "mixin.libsonnet").read_text()
    imported = re.findall(r"import(?:str)? '\.\./([^']+)'", text)
    assert all((FOLDER.parent / path).is_file() for path in imported)
    assert set(imported) == {*(f"dashboards/grafana/{uid}.json" for uid in GRAFANA), "rules/bootsource.rules.yaml"}


def test_the_linter_skips_few_rules_and_is_told_why() -> None:
    exclusions = yaml.safe_load((FOLDER / "grafana" / ".lint").read_text())["exclusions"]
    assert 0 < len(exclusions) <= 3
    assert all(each["reason"] for each in exclusions.values())
