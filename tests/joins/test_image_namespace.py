"""The golden image namespace is compiled into SSP: copies of its DataSources elsewhere do not move it."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.checks import CHECKS
from exporter.joins.platform import DOWNSTREAM_IMAGES, UPSTREAM_IMAGES, image_namespace, platform_of
from tests.clusters.healthy import healthy
from tests.clusters.shapes import SHAPES
from tests.worlds import SSP_OWNED, Manifest, a_data_source, an_ssp, cluster, evaluate_manifests, merge


def copies(objects: list[Manifest], namespace: str) -> list[Manifest]:
    """What `oc get datasource -o yaml | sed | oc apply` makes of SSP's DataSources that have an image."""
    found = []
    for each in objects:
        source = each.get("spec", {}).get("source", {}) if each["kind"] == "DataSource" else {}
        if "operator-sdk/primary-resource" not in each["metadata"].get("annotations", {}) or not source:
            continue
        target = {kind: {"namespace": each["metadata"]["namespace"], **at} for kind, at in source.items()}
        labels = {key: None for key in each["metadata"].get("labels", {}) if key.startswith("cdi.kubevirt.io/")}
        meta = {"namespace": namespace, "uid": f"uid-{namespace}-{each['metadata']['name']}", "labels": labels}
        found.append(merge(each, {"metadata": meta, "spec": {"source": target}}))
    return found


def verdicts(objects: list[Manifest]) -> Any:
    report = evaluate_manifests(CHECKS, *objects).report
    return {c.check: c.status for c in report.checks}, [(f.check, f.fingerprint) for f in report.findings]


@pytest.mark.parametrize("namespace", ["apps", "zoo"])
@pytest.mark.parametrize("shape", sorted(name for name, shape in SHAPES.items() if shape.openshift and shape.gate_on))
def test_a_copied_data_source_changes_no_verdict(shape: str, namespace: str) -> None:
    objects = [o for o in healthy(shape).objects if o["kind"] != "Deployment"]
    more = copies(objects, namespace)
    assert more
    assert verdicts([*objects, *more]) == verdicts(objects)


def owned(namespace: str, *names: str) -> list[Manifest]:
    return [a_data_source(n, metadata={"namespace": namespace, "annotations": SSP_OWNED}) for n in names]


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param([*owned("apps", "a", "b"), *owned(DOWNSTREAM_IMAGES, "a")], DOWNSTREAM_IMAGES, id="more copies"),
        pytest.param(
            [*owned(UPSTREAM_IMAGES, "a", "b"), *owned(DOWNSTREAM_IMAGES, "a")], DOWNSTREAM_IMAGES, id="both names"
        ),
        pytest.param([*owned(UPSTREAM_IMAGES, "a"), *owned("apps", "a")], UPSTREAM_IMAGES, id="an upstream build"),
        pytest.param([*owned("apps", "a"), *owned("here", "a", "b")], "here", id="a build of somebody's own"),
    ],
)
def test_one_rule(world: list[Manifest], expected: str) -> None:
    frozen = cluster(an_ssp(), *world)
    assert frozen.join(image_namespace) == expected == platform_of(frozen).image_namespace
