from __future__ import annotations

import pytest

from exporter.checks.entries.entry_source_unsupported import entry_source_unsupported
from tests.checks.entries.clusters import CORP, ENABLE, patched
from tests.checks.storage.asserted import essence, fix_of, only
from tests.worlds import Manifest, a_cdi, an_hco, merged, status

CHECK = entry_source_unsupported
AT = "spec.workloadSources.dataImportCronTemplates[name=corp-image-cron].spec.template.spec.source"


def with_source(**source: object) -> Manifest:
    return an_hco(entries=[merged(CORP, {"spec": {"template": {"spec": {"source": {"registry": None, **source}}}}})])


def registry(**fields: object) -> Manifest:
    return with_source(registry={"url": None, "pullMethod": None, **fields})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([registry(url="docker://quay.io/x:1")], id="docker"),
        pytest.param([registry(url="oci-archive://quay.io/x:1")], id="oci-archive"),
        pytest.param([registry(imageStream="x", pullMethod="node")], id="ImageStream"),
        pytest.param([with_source(pvc={"name": "x"}), a_cdi("v1.62.0")], id="claim since CDI 1.62"),
        pytest.param([with_source(pvc={"name": "x"})], id="claim, CDI of unknown version"),
        pytest.param([with_source()], id="no source at all is another finding"),
        pytest.param(
            [an_hco(entries=[{**CORP, "metadata": {"name": "x", "annotations": {ENABLE: "false"}}}])], id="disabled"
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("world", "field", "observed", "expected"),
    [
        pytest.param([with_source(http={"url": "https://x/y.qcow2"})], "", "http", "registry or pvc", id="http"),
        pytest.param([with_source(blank={})], "", "blank", "registry or pvc", id="blank"),
        pytest.param(
            [registry(url="https://quay.io/x:1")],
            ".registry.url",
            "https://quay.io/x:1",
            "a URL that begins with docker:// or oci-archive://",
            id="scheme",
        ),
        pytest.param(
            [registry(imageStream="x", pullMethod="pod")],
            ".registry.pullMethod",
            "pod",
            "node, as there is an imageStream",
            id="ImageStream pulled in the pod",
        ),
        pytest.param(
            [registry(imageStream="x", url="docker://x")],
            ".registry",
            "url and imageStream",
            "either url or imageStream",
            id="both",
        ),
        pytest.param(
            [registry()], ".registry", "neither url nor imageStream", "either url or imageStream", id="neither"
        ),
        pytest.param(
            [with_source(pvc={"name": "x"}), a_cdi("v1.61.1")],
            "",
            "pvc",
            "registry, as this CDI is older than 1.62",
            id="claim before CDI 1.62",
        ),
    ],
)
def test_fails(world: list[Manifest], field: str, observed: str, expected: str) -> None:
    found = only(CHECK, *world)
    ref = "HyperConverged kubevirt-hyperconverged"
    assert essence(found) == ("critical", ref, AT + field, observed, expected)
    assert "corp-image-cron" in found.summary


@pytest.mark.parametrize(
    ("hco", "source"),
    [
        pytest.param(registry(url="quay.io/x:1"), {"url": "docker://quay.io/x:1"}, id="no scheme"),
        pytest.param(registry(imageStream="x"), {"imageStream": "x", "pullMethod": "node"}, id="no pull method"),
    ],
)
def test_what_can_be_mended(hco: Manifest, source: Manifest) -> None:
    after = patched(fix_of(only(CHECK, hco)), hco)
    entry = after["spec"]["workloadSources"]["dataImportCronTemplates"][0]
    assert entry["spec"]["template"]["spec"]["source"]["registry"] == source
    assert status(CHECK, after) == "pass"


def test_what_was_meant_cannot_be_told() -> None:
    assert only(CHECK, registry(url="https://quay.io/x:1")).fix is None
