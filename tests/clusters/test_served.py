"""The sample clusters on a real kube-apiserver: the findings are those of the files, and its patches act as ours."""

from __future__ import annotations

import json
import re
import shlex
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import WATCHED
from tests.checks.entries.clusters import apply_command
from tests.clusters.broken import BROKEN
from tests.clusters.files import HEALTHY, describe_findings, findings, load_cluster
from tests.clusters.shapes import SHAPES
from tests.e2e.test_watching import live
from tests.rig.cluster import Cluster
from tests.worlds import NOW, Manifest, cluster

_AGE: Final = timedelta(days=60)
"""How old objects seem: their server has just made them, so the cluster is moved this far into the future."""
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SET_BY_SERVER: Final = ("creationTimestamp", "generation", "managedFields", "deletionTimestamp", "finalizers")
_KINDS: Final = {resource.kind for resource in WATCHED}
_NOT_HERE: Final = {
    "healthy-4.12": "its SSP is v1beta1, which the CRD of this server does not serve",
    "immediate-binding-missing": "the same",
    "image-stream-missing": "it is a cluster that does not serve ImageStreams; this server does",
    "snapshot-api-missing": "it is a cluster that does not serve VolumeSnapshots; this server does",
    "image-being-rebuilt": "it is about a cron that is minutes old; the server sets when an object was made",
    "hard-cdi-alone": "it knows pollers by the uids of DataImportCrons, which the server sets",
    "hard-numbers": "it is about numbers in a file; the server writes quantities as text",
    "hyperconverged-deletion-blocked": "it is about a deletion, with which the server does as it likes",
}
"""Clusters that a server cannot be made to hold, and why."""
NAMES: Final = tuple(name for name in (*HEALTHY, *BROKEN) if name not in _NOT_HERE)


def test_what_is_left_out_exists() -> None:
    assert set(_NOT_HERE) <= {*HEALTHY, *BROKEN}
    assert len(NAMES) > 90


def shape_of(name: str) -> str:
    return name.removeprefix("healthy-") if name in HEALTHY else BROKEN[name][0]


def moved(manifests: list[Manifest], span: timedelta) -> list[Manifest]:
    """All instants this much later; Go's zero time stays."""

    def later(match: re.Match[str]) -> str:
        if match[0].startswith("0001"):
            return match[0]
        return (datetime.fromisoformat(match[0]) + span).strftime("%Y-%m-%dT%H:%M:%SZ")

    return [json.loads(_INSTANT.sub(later, json.dumps(each))) for each in manifests]


def as_new(manifest: Manifest) -> Manifest:
    """The server begins to count generations anew; an operator is as far behind as it was."""
    generation, status = manifest["metadata"].get("generation"), manifest.get("status") or {}
    if generation is None or "observedGeneration" not in status:
        return manifest
    return {**manifest, "status": {**status, "observedGeneration": 1 - (generation - status["observedGeneration"])}}


def as_served(manifest: Manifest, real: Cluster) -> Manifest:
    """The file's object with what only a server sets."""
    made = real.get(manifest)["metadata"]
    kept = {k: v for k, v in manifest["metadata"].items() if k not in _SET_BY_SERVER}
    return {**manifest, "metadata": {**kept, **{k: made[k] for k in _SET_BY_SERVER if k in made}}}


@pytest.fixture
def admin(real: Cluster, request: pytest.FixtureRequest) -> Cluster:
    """The server with the HyperConverged API of the sample's version."""
    name: str = request.node.callspec.params["name"]
    if SHAPES[shape_of(name)].hco_api == "v1beta1":
        real.install_crds("variant-hyperconverged-v1beta1.yaml")
    return real


def try_patch(command: str, objects: list[Manifest], real: Cluster) -> None:
    """The server makes of the object what our interpreter makes of it; a dry run, so that it stays as it is."""
    words = shlex.split(command)
    kind, name = words[2].partition(".")[0], words[3]
    (target,) = [o for o in objects if o["kind"].lower() == kind and o["metadata"]["name"] == name]
    how = words[words.index("--type") + 1]
    content = {"merge": "application/merge-patch+json", "json": "application/json-patch+json"}[how]
    patch = json.loads(words[words.index("-p") + 1])
    made = real.call("PATCH", f"{real.path_of(target)}?dryRun=All", patch, content)
    assert made["spec"] == apply_command(command, real.get(target))["spec"]


@pytest.mark.real
@pytest.mark.parametrize("name", NAMES)
def test_served_or_read_from_a_file_the_findings_are_the_same(name: str, admin: Cluster, kubeconfig: Path) -> None:
    made = admin.call("GET", f"/api/v1/namespaces/{admin.namespace('clock')}")["metadata"]["creationTimestamp"]
    now = datetime.fromisoformat(made) + _AGE
    objects = [as_new(each) for each in moved(load_cluster(name), now - NOW)]
    admin.load(objects)
    expected = [as_served(each, admin) for each in objects if each["kind"] in _KINDS]
    held = {r: sum(each["kind"] == r.kind for each in expected) for r in WATCHED}
    with live(kubeconfig) as seen:
        seen.synced()
        seen.until(lambda c: all(len(c[r]) >= rows for r, rows in held.items()), 60)
        served = describe_findings(evaluate_cluster(seen.now(), now).report)
    assert served == describe_findings(evaluate_cluster(cluster(*expected), now).report)
    assert roots(served) == roots(findings(name))
    for command in (f.get("fix", "") for f in served):
        if command.split(" ")[1:2] == ["patch"]:
            try_patch(command, expected, admin)


def roots(found: list[Manifest]) -> set[tuple[str, str]]:
    """Check and object; of StorageClasses the kind: the newest default wins, and the server says which that is."""
    abouts = ((f["finding"], f["about"]) for f in found if "causedBy" not in f)
    return {(finding, "StorageClass" if about.startswith("StorageClass ") else about) for finding, about in abouts}
