"""What lint has corrected, a real API server accepts, without a field that it would drop."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from exporter.joins.admission import admit
from tests.lint.linting import fixed, found, lint_text
from tests.lint.shapes import Shape, load_shapes
from tests.rig.cluster import Cluster


def as_newest(text: str) -> str:
    """The same for HyperConverged v1, whose CRD the server has."""
    if "hco.kubevirt.io/v1beta1" not in text:
        return text
    manifest: dict[str, Any] = yaml.safe_load(text)
    manifest["apiVersion"] = "hco.kubevirt.io/v1"
    manifest["spec"] = {"workloadSources": manifest["spec"]}
    return str(yaml.safe_dump(manifest, sort_keys=False, width=1000))


def is_corrected(shape: Shape) -> bool:
    """--fix leaves nothing to say of it."""
    text = as_newest(shape.text) if not any("skipped" in line for line in shape.expect) else ""
    return bool(found(text, "4.22")) and not found(fixed(text, "4.22"), "4.22")


CORRECTED = [shape for shape in load_shapes() if is_corrected(shape)]


def strictly(real: Cluster, manifest: dict[str, Any], namespace: str) -> int:
    """The status of creating it without keeping it, by a server that refuses fields which it does not know."""
    if manifest["kind"] not in ("StorageClass", "StorageProfile"):
        manifest = {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}
    collection = real.path_of(manifest).rpartition("/")[0]
    return real.answer("POST", f"{collection}?dryRun=All&fieldValidation=Strict", manifest)[0]


def test_there_are_some() -> None:
    assert len(CORRECTED) >= 12


@pytest.mark.real
@pytest.mark.parametrize("shape", CORRECTED, ids=lambda shape: shape.name)
def test_the_server_accepts_what_is_corrected(shape: Shape, real: Cluster, namespace: str) -> None:
    before = as_newest(shape.text)
    for manifest in yaml.safe_load_all(fixed(before, "4.22")):
        assert strictly(real, manifest, namespace) == 201
        if manifest["kind"] == "DataImportCron":
            assert admit(manifest, 65).admitted
    # Of entries the CRD here has no metadata; the real one refuses it as well.
    refused = any(f.rule == "metadata-refused" for f in lint_text(before, "4.22").findings)
    if refused and "HyperConverged" not in before:
        assert [strictly(real, m, namespace) for m in yaml.safe_load_all(before)] != [201]
