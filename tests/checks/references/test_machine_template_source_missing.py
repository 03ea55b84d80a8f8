from __future__ import annotations

import pytest

from exporter.checks.datasources import DATASOURCES
from exporter.checks.references.machine_template_source_missing import machine_template_source_missing
from tests.checks.references.consumers import a_machine_template, a_template_that_clones, source_ref
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import IMAGES, Manifest, a_claim, a_cron, a_data_source, a_data_volume, evaluate_manifests, status

CHECK = machine_template_source_missing


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_data_source(), a_machine_template(source_ref("${DS}", IMAGES))], id="it exists"),
        pytest.param([a_machine_template(source_ref("${OTHER}", IMAGES))], id="a parameter that nobody declares"),
        pytest.param([a_machine_template(source_ref("x"))], id="the namespace of the machine, which is not made yet"),
        pytest.param([a_machine_template()], id="no reference"),
        pytest.param([a_claim("gold"), a_template_that_clones("gold")], id="it clones a claim that exists"),
        pytest.param(
            [a_data_source(), a_data_volume("gold"), a_template_that_clones("gold")],
            id="it clones one that is being made",
        ),
        pytest.param([a_template_that_clones("gold", "team-a")], id="a claim of a namespace that nobody looks into"),
        pytest.param([a_data_source(), a_template_that_clones("${X}")], id="a claim that is not known yet"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_missing_datasource() -> None:
    finding = only_finding(
        CHECK, a_machine_template(source_ref("kept", IMAGES), source_ref("${DS}", IMAGES)), a_data_source("kept")
    )
    assert finding.summary == f"VirtualMachineTemplate small refers to DataSource {IMAGES}/fedora, which does not exist"
    assert summarize(finding) == (
        "warning",
        "VirtualMachineTemplate small",
        "spec.virtualMachine.spec.dataVolumeTemplates[1].spec.sourceRef",
        f"{IMAGES}/fedora",
        "an existing DataSource",
    )
    assert fix_command(finding) == "kubectl edit virtualmachinetemplate small -n shop"


def test_a_kind_that_kubevirt_does_not_follow() -> None:
    finding = only_finding(CHECK, a_machine_template(source_ref("x", IMAGES, "VolumeSnapshot")))
    assert "refers to a VolumeSnapshot, which KubeVirt does not support" in finding.summary


def test_the_missing_datasource_of_a_boot_source_explains_it() -> None:
    assert cause_ids(DATASOURCES, CHECK, a_cron(), a_machine_template(source_ref("fedora", IMAGES))) == {
        "data-source-missing"
    }


def test_an_undecodable_datasource_is_not_missing() -> None:
    broken = a_data_source(spec={"source": "nonsense"})
    report = evaluate_manifests(CHECK, broken, a_machine_template(source_ref("fedora", IMAGES))).report
    assert report.checks[0].status == "unknown"


def test_a_template_made_from_a_machine_outlives_the_image() -> None:
    """CDI deletes the images of a DataSource but for the newest ones."""
    finding = only_finding(CHECK, a_data_source(), a_template_that_clones("fedora-ffffffffffff"))
    assert finding.summary == (
        f"VirtualMachineTemplate cloned clones PersistentVolumeClaim {IMAGES}/fedora-ffffffffffff, which does not "
        f"exist: "
        f"it was an image of DataSource {IMAGES}/fedora, of which CDI deletes old ones"
    )
    assert summarize(finding) == (
        "warning",
        "VirtualMachineTemplate cloned",
        "spec.virtualMachine.spec.dataVolumeTemplates[0].spec.source.pvc",
        f"PersistentVolumeClaim {IMAGES}/fedora-ffffffffffff",
        f"a sourceRef to DataSource {IMAGES}/fedora",
    )
    assert fix_command(finding) == "kubectl edit virtualmachinetemplate cloned -n shop"


def test_a_claim_that_was_nobodys_image() -> None:
    finding = only_finding(CHECK, a_data_source(), a_template_that_clones("gold"))
    assert finding.summary.endswith(f"clones PersistentVolumeClaim {IMAGES}/gold, which does not exist")
    assert finding.expected == "an existing PersistentVolumeClaim"
