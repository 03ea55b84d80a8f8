from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.references.deprecated_template import deprecated_template
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, a_data_source, a_template, merge, status

CHECK = deprecated_template


def deprecated(name: str, **by: Any) -> Manifest:
    mark = {"template.kubevirt.io/deprecated": "true"}
    return merge(a_template(name, source="centos7"), {"metadata": by or {"labels": mark}})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_template(source="centos7")], id="not deprecated"),
        pytest.param([a_data_source("centos7"), deprecated("centos7-small")], id="its DataSource is still there"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_all_of_a_retired_system_are_one_info() -> None:
    annotated = deprecated("centos7-a", annotations={"template.kubevirt.io/deprecated": "true"})
    rest = [deprecated(f"centos7-{size}") for size in "bcd"]
    finding = only_finding(CHECK, annotated, *rest, a_template(source="centos7"))
    assert finding.summary == (
        "4 deprecated templates refer to DataSource centos7, which does not exist: "
        "centos7-a, centos7-b, centos7-c, centos7-d"
    )
    assert summarize(finding)[:2] == ("info", "DataSource centos7")
    assert fix_command(finding) == "oc delete template centos7-a centos7-b centos7-c centos7-d -n openshift"


def test_one_is_one() -> None:
    assert only_finding(CHECK, deprecated("old")).summary == (
        "1 deprecated template refers to DataSource centos7, which does not exist: old"
    )
