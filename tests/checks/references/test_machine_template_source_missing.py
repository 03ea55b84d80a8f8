from __future__ import annotations

import pytest

from exporter.checks.datasources import DATASOURCES
from exporter.checks.references.machine_template_source_missing import machine_template_source_missing
from tests.checks.references.users import a_machine_template, source_ref
from tests.checks.storage.asserted import causes, essence, fix_of, only
from tests.worlds import IMAGES, Manifest, a_cron, a_data_source, evaluated, status

CHECK = machine_template_source_missing


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_data_source(), a_machine_template(source_ref("${DS}", IMAGES))], id="it exists"),
        pytest.param([a_machine_template(source_ref("${OTHER}", IMAGES))], id="a parameter that nobody declares"),
        pytest.param([a_machine_template(source_ref("x"))], id="the namespace of the machine, which is not made yet"),
        pytest.param([a_machine_template()], id="no reference"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_missing_datasource() -> None:
    finding = only(
        CHECK, a_machine_template(source_ref("kept", IMAGES), source_ref("${DS}", IMAGES)), a_data_source("kept")
    )
    assert finding.summary == f"VirtualMachineTemplate small refers to DataSource {IMAGES}/fedora, which does not exist"
    assert essence(finding) == (
        "warning",
        "VirtualMachineTemplate small",
        "spec.virtualMachine.spec.dataVolumeTemplates[1].spec.sourceRef",
        f"{IMAGES}/fedora",
        "an existing DataSource",
    )
    assert fix_of(finding) == "kubectl edit virtualmachinetemplate small -n shop"


def test_a_kind_that_kubevirt_does_not_follow() -> None:
    finding = only(CHECK, a_machine_template(source_ref("x", IMAGES, "VolumeSnapshot")))
    assert "refers to a VolumeSnapshot, which KubeVirt does not support" in finding.summary


def test_the_missing_datasource_of_a_boot_source_explains_it() -> None:
    assert causes(DATASOURCES, CHECK, a_cron(), a_machine_template(source_ref("fedora", IMAGES))) == {
        "data-source-missing"
    }


def test_an_undecodable_datasource_is_not_missing() -> None:
    broken = a_data_source(spec={"source": "nonsense"})
    report = evaluated(CHECK, broken, a_machine_template(source_ref("fedora", IMAGES))).report
    assert report.checks[0].status == "unknown"
