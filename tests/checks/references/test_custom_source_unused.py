from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.references.custom_source_unused import custom_source_unused
from tests.checks.datasources.sources import a_source, pointer
from tests.checks.references.consumers import (
    a_clone,
    a_finished_volume,
    a_machine_template,
    a_template_on,
    a_template_that_clones,
    image,
    source_ref,
)
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_cron,
    a_data_source,
    a_machine,
    ago,
    an_entry,
    an_hco,
    an_ssp,
    merge,
    status,
)

CHECK = custom_source_unused
ENTRY = an_entry("corp-cron", managed="corp")
HCO = an_hco(entries=[ENTRY])
CORP = (HCO, an_ssp(), a_cron("corp-cron", managed="corp"), a_data_source("corp", cron="corp-cron"))
USE = source_ref("corp", IMAGES)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([*CORP, a_template_on(USE)], id="a template"),
        pytest.param([*CORP, a_template_on(source_ref("corp"))], id="a template without a namespace"),
        pytest.param([*CORP, a_template_on(source_ref("co${X}", IMAGES))], id="a template that may mean it"),
        pytest.param([*CORP, a_template_on(source_ref("corp", "${X}"))], id="a template that may mean its namespace"),
        pytest.param([*CORP, a_machine_template(USE)], id="a VirtualMachineTemplate"),
        pytest.param([*CORP, a_machine(source="corp"), a_finished_volume()], id="a machine, long ago"),
        pytest.param([*CORP, a_machine(source="corp", status={"created": True})], id="a machine that runs"),
        pytest.param([*CORP, a_clone(source={"sourceRef": USE}, phase="Succeeded")], id="a DataVolume of its own"),
        pytest.param([*CORP, a_clone(source={"sourceRef": USE}, phase="Pending")], id="a DataVolume that waits"),
        pytest.param([*CORP, a_clone(source=image("corp-0123456789ab"))], id="a clone of its image"),
        pytest.param(
            [*CORP, a_clone(source=image("corp-ffffffffffff"), phase="Succeeded")],
            id="a clone of an image that is gone",
        ),
        pytest.param([*CORP, a_template_that_clones("corp-ffffffffffff")], id="a template that clones an image"),
        pytest.param(
            [*CORP, a_source("alias", pointer("corp")), a_template_on(source_ref("alias", IMAGES))],
            id="a template, by way of a pointer",
        ),
        pytest.param(
            [a_cron("corp-cron", managed="corp"), a_data_source("corp", cron="corp-cron")], id="no entry: made by hand"
        ),
        pytest.param([an_hco(commons=[an_entry()]), an_ssp(), a_cron(), a_data_source()], id="a common one"),
        pytest.param([HCO, an_ssp()], id="its DataSource does not exist"),
        pytest.param(
            [HCO, an_ssp(), a_data_source("corp", metadata={"creationTimestamp": ago(hours=23)})],
            id="made less than a day ago",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([], id="nobody refers to anything"),
        pytest.param([a_template_on(source_ref("corp", "team-a"))], id="a namesake elsewhere"),
        pytest.param([a_template_on(source_ref("x${Y}", IMAGES))], id="a name that is open but not to this"),
        pytest.param([a_source("alias", pointer("corp"))], id="a pointer that nobody uses"),
        pytest.param([a_clone(source=image("corporate-0123456789ab"))], id="a clone of another image"),
        pytest.param([a_template_on(source_ref("corp", IMAGES, "VolumeSnapshot"))], id="a snapshot of that name"),
    ],
)
def test_a_source_that_nobody_uses_is_info(others: list[Manifest]) -> None:
    finding = only_finding(CHECK, *CORP, *others)
    assert finding.summary == (
        "Nothing is cloned from DataSource corp of entry corp-cron: no template, VirtualMachine or DataVolume"
    )
    assert summarize(finding) == (
        "info",
        "DataSource corp",
        "",
        "no reference",
        "a template, VirtualMachine or DataVolume that refers to it",
    )
    assert finding.since == NOW - timedelta(days=60)


def test_of_an_entry_for_several_architectures_one_in_use_is_enough() -> None:
    ssp = an_ssp(entries=[ENTRY], spec={"enableMultipleArchitectures": True})
    both = [a_data_source(f"corp-{arch}") for arch in ("amd64", "arm64")]
    assert status(CHECK, HCO, ssp, *both, a_template_on(source_ref("corp-arm64", IMAGES))) == "pass"
    assert only_finding(CHECK, HCO, ssp, *both).object.name == "corp-amd64"


def test_a_disabled_entry_is_nobodys_loss() -> None:
    off = merge(ENTRY, {"metadata": {"annotations": {"dataimportcrontemplate.kubevirt.io/enable": "false"}}})
    assert status(CHECK, an_hco(entries=[off], taken=[]), *CORP[1:]) == "pass"
