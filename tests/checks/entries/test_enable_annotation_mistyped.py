from __future__ import annotations

import pytest

from exporter.checks.entries.enable_annotation_mistyped import enable_annotation_mistyped
from exporter.report import Finding
from tests.checks.entries.clusters import CORP, ENABLE, V1_LIST, apply_command
from tests.checks.storage.assertions import costs_of, fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cron, an_hco, merge, status

CHECK = enable_annotation_mistyped


def marked(key: str, value: str, where: str = "annotations", **more: str) -> Manifest:
    return an_hco(entries=[merge(CORP, {"metadata": {where: {key: value, **more}}})])


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(entries=[CORP]), id="no annotation"),
        pytest.param(marked(ENABLE, "False"), id="case of the value does not matter"),
        pytest.param(marked(ENABLE, "TRUE"), id="TRUE"),
        pytest.param(marked(ENABLE + "d", "true"), id="a wrong key that changes nothing"),
        pytest.param(marked(ENABLE + "d", "false", **{ENABLE: "false"}), id="the right key beside the wrong one"),
        pytest.param(marked("dataimportcrontemplate.kubevirt.io/disable", "false"), id="not disabled"),
        pytest.param(marked("ssp.kubevirt.io/dict.architectures", "amd64"), id="another annotation"),
        pytest.param(marked("cdi.kubevirt.io/dataImportCron", "x", "labels"), id="a label of CDI"),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert status(CHECK, hco) == "pass"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("dataimportcrontemplate.kubevirt.io/enabled", "false", id="enabled"),
        pytest.param("dataimportcron.kubevirt.io/enable", "no", id="another group"),
        pytest.param("dataimportcrontemplates.kubevirt.io/enable", "false", id="plural"),
        pytest.param("dataimportcrontemplate.kubevirt.io/Enable", "False", id="capital"),
        pytest.param("dataimportcrontemplate.kubevirt.io/disable", "true", id="the opposite"),
        pytest.param("cdi.kubevirt.io/dataimportcrontemplate.enable", "false", id="CDI's group"),
    ],
)
def test_a_wrong_key_leaves_the_entry_on(key: str, value: str) -> None:
    hco = marked(key, value)
    found = only_finding(CHECK, hco)
    assert summarize(found) == (
        "warning",
        "HyperConverged kubevirt-hyperconverged",
        f"spec.workloadSources.dataImportCronTemplates[name=corp-image-cron].metadata.annotations[{key}]",
        f"{key}: {value}",
        f"annotation {ENABLE}: false",
    )
    assert "still on" in found.summary
    assert repaired(found, hco) == "false"


@pytest.mark.parametrize(
    ("value", "meant"),
    [("no", "false"), ("0", "false"), (" false ", "false"), ("tru", "true"), (" true ", "true"), ("Yes", "true")],
)
def test_an_odd_value_switches_off(value: str, meant: str) -> None:
    hco = marked(ENABLE, value)
    found = only_finding(CHECK, hco)
    assert found.observed == value
    assert found.expected == "true or false"
    assert "is off" in found.summary
    assert repaired(found, hco) == meant


def test_a_label_is_no_annotation() -> None:
    hco = marked(ENABLE, "false", "labels")
    found = only_finding(CHECK, hco)
    assert found.field.endswith(f"metadata.labels[{ENABLE}]")
    assert repaired(found, hco) == "false"


def test_an_entry_without_annotations_gets_some() -> None:
    entry = merge(CORP, {"metadata": {"annotations": None, "labels": {ENABLE: "false"}}})
    hco = an_hco(entries=[entry])
    assert repaired(only_finding(CHECK, hco), hco) == "false"


def test_leaving_it_on_comes_first_and_switching_off_says_what_it_costs() -> None:
    hco = marked(ENABLE + "d", "false")
    found = only_finding(CHECK, hco, a_cron("corp-image-cron", managed="corp", spec={"retentionPolicy": "None"}))
    after = apply_command(fix_command(found), hco)["spec"]["workloadSources"]["dataImportCronTemplates"][0]["metadata"]
    assert not {ENABLE, ENABLE + "d"} & after["annotations"].keys()
    ((_, cost),) = costs_of(found)
    assert cost == (
        "SSP deletes DataImportCron corp-image-cron, and because of retentionPolicy None CDI deletes the image (30 GiB)"
    )


def test_the_command_tests_the_name_first() -> None:
    found = only_finding(CHECK, marked(ENABLE + "d", "false"))
    assert found.fixes[-1].command == (
        "oc patch hyperconverged kubevirt-hyperconverged -n openshift-cnv --type json -p "
        f"""'[{{"op":"test","path":"{V1_LIST}/0/metadata/name","value":"corp-image-cron"}},"""
        f"""{{"op":"add","path":"{V1_LIST}/0/metadata/annotations/dataimportcrontemplate.kubevirt.io~1enable","value":"false"}},"""
        f"""{{"op":"remove","path":"{V1_LIST}/0/metadata/annotations/dataimportcrontemplate.kubevirt.io~1enabled"}}]'"""
    )


def repaired(found: Finding, hco: Manifest) -> str:
    """The value of the right annotation after the fix, which must also make the finding go away."""
    after = apply_command(found.fixes[-1].command, hco)
    assert status(CHECK, after) == "pass"
    annotations = after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["metadata"]["annotations"]
    return str(annotations[ENABLE])
