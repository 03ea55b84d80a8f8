"""Kustomize and Helm install the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from exporter.base.project import IMAGE
from tests.deploy.rendering import (
    KUSTOMIZE,
    NAME,
    OVERLAYS,
    ROOT,
    VALUES,
    Object,
    built,
    by_key,
    key,
    objects_of_kind,
    overlay,
    render_chart,
)

_UNORDERED = {"env": "name", "volumes": "name", "volumeMounts": "mountPath"}


def without_order(node: Any) -> Any:
    """A strategic merge puts what it adds first; Kubernetes does not care."""
    if isinstance(node, list):
        return [without_order(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: sorted((without_order(item) for item in child), key=lambda item: str(item[_UNORDERED[name]]))
        if name in _UNORDERED and isinstance(child, list)
        else without_order(child)
        for name, child in node.items()
    }


def test_every_overlay_has_its_values() -> None:
    assert set(VALUES) == set(OVERLAYS)


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_chart_makes_what_the_overlay_makes(name: str) -> None:
    kustomized, charts = by_key(overlay(name)), by_key(render_chart(*VALUES[name]))
    # Helm makes the namespace itself, if told to.
    namespace = kustomized.pop(("Namespace", "", NAME))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert set(charts) == set(kustomized)
    for each, wanted in kustomized.items():
        assert without_order(charts[each]) == without_order(wanted), each


def layered(directory: Path, *lines: str) -> list[Object]:
    """What a kustomization of a user's own makes of ours. It refers to them as one in a clone would."""
    folder = directory / "site"
    folder.mkdir()
    for needed in ("deploy/kustomize", "rules", "dashboards"):
        shutil.copytree(ROOT / needed, directory / needed)
    text = "\n".join(("apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", *lines))
    (folder / "kustomization.yaml").write_text(text)
    return built(folder)


@pytest.mark.parametrize("name", OVERLAYS)
def test_high_availability_goes_with_every_overlay(tmp_path: Path, name: str) -> None:
    made = layered(
        tmp_path,
        f"resources: [../deploy/kustomize/overlays/{name}]",
        "components: [../deploy/kustomize/components/high-availability]",
    )
    wanted = by_key(render_chart(*VALUES[name], "replicas=2"))
    found = by_key(made)
    del found["Namespace", "", NAME]
    assert set(found) == set(wanted)
    for each in (("Deployment", NAME, NAME), ("PodDisruptionBudget", NAME, NAME)):
        assert without_order(found[each]) == without_order(wanted[each])


def test_another_namespace_is_one_line(tmp_path: Path) -> None:
    made = layered(tmp_path, "namespace: elsewhere", "resources: [../deploy/kustomize/overlays/prometheus-operator]")
    assert {where for _, where, _ in map(key, made)} == {"", "elsewhere"}
    assert [item["metadata"]["name"] for item in objects_of_kind(made, "Namespace")] == ["elsewhere"]
    for binding in objects_of_kind(made, "ClusterRoleBinding"):
        assert {subject["namespace"] for subject in binding["subjects"]} == {"elsewhere"}


def test_the_base_runs_where_there_is_no_operator_at_all() -> None:
    kinds = {item["apiVersion"].partition("/")[0] for item in built(KUSTOMIZE / "base")}
    assert kinds == {"v1", "apps", "rbac.authorization.k8s.io", "networking.k8s.io"}


def test_an_image_of_ones_own_is_one_line(tmp_path: Path) -> None:
    made = layered(
        tmp_path,
        "resources: [../deploy/kustomize/base]",
        f"images: [{{name: {IMAGE}, newName: mirror.example.com/us, newTag: '9'}}]",
    )
    (deployment,) = objects_of_kind(made, "Deployment")
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == "mirror.example.com/us:9"
