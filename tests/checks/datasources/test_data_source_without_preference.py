from __future__ import annotations

import pytest

from exporter.checks.datasources.data_source_without_preference import data_source_without_preference
from exporter.checks.engine import Memory
from tests.checks.datasources.sources import PREFERENCE, a_source, pointer
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import Manifest, a_data_source, evaluate_manifests, status

CHECK = data_source_without_preference


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(a_data_source(metadata={"labels": PREFERENCE}), id="labelled"),
        pytest.param(a_data_source(ready=False), id="not ready: its labels come with its image"),
        pytest.param(a_source(source=pointer("fedora-amd64")), id="a pointer"),
    ],
)
def test_passes(source: Manifest) -> None:
    assert status(CHECK, source) == "pass"


def test_a_ready_image_without_the_label_is_info() -> None:
    label = "metadata.labels[instancetype.kubevirt.io/default-preference]"
    assert summarize(only_finding(CHECK, a_data_source())) == (
        "info",
        "DataSource fedora",
        label,
        "absent",
        "the name of a preference that suits the image",
    )


def test_it_has_a_day_to_be_labelled() -> None:
    assert evaluate_manifests(CHECK, a_data_source(), memory=Memory(fresh=False)).report.findings == ()


def test_silence_is_unknown() -> None:
    assert status(CHECK, a_data_source(status={"conditions": []})) == "unknown"
