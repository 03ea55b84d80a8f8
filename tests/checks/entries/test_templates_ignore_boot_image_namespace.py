from __future__ import annotations

import pytest

from exporter.checks.entries.boot_image_namespace_missing import boot_image_namespace_missing
from exporter.checks.entries.templates_ignore_boot_image_namespace import templates_ignore_boot_image_namespace
from tests.checks.entries.clusters import FEDORA, a_namespace, apply_command
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import IMAGES, SSP_OWNED, Manifest, a_data_source, an_hco, condition, merge, status

CHECK = templates_ignore_boot_image_namespace
MOVED = an_hco(
    commons=[merge(FEDORA, {"metadata": {"namespace": "golden"}})],
    spec={"workloadSources": {"commonBootImageNamespace": "golden"}},
)


def placeholder(name: str = "fedora", ready: str = "False") -> Manifest:
    """What SSP keeps in its own namespace for a DataSource that common templates name."""
    return a_data_source(
        name,
        cron="",
        metadata={"annotations": SSP_OWNED},
        spec={"source": {"snapshot": None, "pvc": {"name": name, "namespace": IMAGES}}},
        status={"conditions": [condition("Ready", ready, "NotFound", "PVC not found")]},
    )


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([an_hco(commons=[FEDORA]), placeholder()], id="not set"),
        pytest.param([MOVED, placeholder("win11")], id="templates name none of the common sources"),
        pytest.param([MOVED, placeholder(ready="True")], id="somebody uploaded an image"),
        pytest.param(
            [an_hco(spec={"workloadSources": {"commonBootImageNamespace": IMAGES}}), placeholder()],
            id="the built-in namespace",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_fails() -> None:
    found = only_finding(CHECK, MOVED, placeholder())
    severity, _, field, observed, _ = summarize(found)
    assert (severity, field, observed) == ("warning", "spec.workloadSources.commonBootImageNamespace", "golden")
    assert f"common templates look for fedora in {IMAGES}" in found.summary
    assert status(CHECK, apply_command(fix_command(found), MOVED), placeholder()) == "pass"


def test_is_caused_by_the_missing_namespace() -> None:
    found = cause_ids((boot_image_namespace_missing,), CHECK, MOVED, placeholder(), a_namespace("default"))
    assert found == {"boot-image-namespace-missing"}
