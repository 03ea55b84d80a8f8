from __future__ import annotations

from typing import Any, Final

import pytest

from exporter.checks.entries.entry_refused_by_cdi import entry_refused_by_cdi
from exporter.checks.operators.ssp_degraded import ssp_degraded
from exporter.cluster.resources import SSPS
from tests.checks.entries.clusters import CORP, ENABLE, apply_command, cron_of, metadata_edited_at
from tests.checks.storage.assertions import cause_ids, fix_command, goes_blind, only_finding, summarize
from tests.worlds import Manifest, a_cdi, ago, an_hco, an_ssp, condition, merge, status

CHECK = entry_refused_by_cdi
ENTRY: Final = "spec.workloadSources.dataImportCronTemplates[name=corp-image-cron]"
VOLUME: Final = f"{ENTRY}.spec.template.spec"
CDI: Final = a_cdi()


def entry(**volume: Any) -> Manifest:
    """An entry with other fields in the DataVolume's spec; None takes a field away."""
    return merge(CORP, {"spec": {"template": {"spec": volume}}})


def registry(**fields: Any) -> Manifest:
    return entry(source={"registry": {"url": None, "pullMethod": None, **fields}})


def sized(size: Any) -> Manifest:
    return entry(storage={"resources": {"requests": {"storage": size}}})


def asked(*entries: Manifest, **changes: Any) -> Manifest:
    """A HyperConverged that asks for these entries, while HCO's status still shows the good one."""
    return an_hco(entries=entries, taken=[CORP], **changes)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([asked(CORP), CDI], id="fine"),
        pytest.param([asked(sized("1Mi")), CDI], id="the smallest size"),
        pytest.param([asked(sized(2**30)), CDI], id="a number of bytes"),
        pytest.param([asked(registry(imageStream="x", pullMethod="node")), CDI], id="ImageStream"),
        pytest.param([asked(entry(source=None)), CDI], id="no source is another finding"),
        pytest.param([asked(merge(CORP, {"spec": {"schedule": "x"}})), CDI], id="a schedule is another finding"),
        pytest.param([asked(merge(sized("0"), {"metadata": {"annotations": {ENABLE: "false"}}})), CDI], id="disabled"),
        pytest.param([asked(sized("512Ki")), a_cdi("v1.59.0")], id="CDI before 1.60 knows no smallest size"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("bad", "field", "observed", "expected"),
    [
        pytest.param(
            sized(None),
            ".storage.resources.requests.storage",
            "not set; the answer is: Storage size is missing",
            "a size such as 30Gi",
            id="no size",
        ),
        pytest.param(
            sized(30),
            ".storage.resources.requests.storage",
            "30; the answer is: Storage size should be at least 1MiB",
            "at least 1Mi; without a unit it means bytes",
            id="a number",
        ),
        pytest.param(
            entry(source={"registry": None, "http": {"url": "https://x/y"}}),
            ".source",
            "http; the answer is: Missing source",
            "registry or pvc",
            id="http",
        ),
        pytest.param(
            registry(url="https://quay.io/x:1"),
            ".source.registry.url",
            "https://quay.io/x:1; the answer is: Illegal registry source URL scheme https://quay.io/x:1",
            "a URL that begins with docker:// or oci-archive://",
            id="scheme",
        ),
        pytest.param(
            entry(pvc={"accessModes": ["ReadWriteOnce"]}),
            ".pvc",
            "storage and pvc; the answer is: Duplicate storage definition, both target storage and target pvc defined",
            "storage alone",
            id="storage and pvc",
        ),
        pytest.param(
            entry(storage={"resources": {"requests": {"storage": "30GB"}}}),
            ".storage.resources.requests.storage",
            "30GB; the answer is: spec.template.spec.storage.resources.requests.storage: Invalid value",
            "a quantity such as 30Gi",
            id="no quantity",
        ),
    ],
)
def test_names_field_answer_and_what_is_allowed(bad: Manifest, field: str, observed: str, expected: str) -> None:
    found = only_finding(CHECK, asked(bad, metadata=metadata_edited_at(ago(hours=3))), CDI)
    hco = "HyperConverged kubevirt-hyperconverged"
    assert summarize(found) == ("critical", hco, VOLUME + field, observed, expected)
    assert found.since is not None


@pytest.mark.parametrize(
    ("bad", "path", "value"),
    [
        pytest.param(sized(30), ("storage", "resources", "requests", "storage"), "30Gi", id="unit"),
        pytest.param(sized("30GB"), ("storage", "resources", "requests", "storage"), "30G", id="GB"),
        pytest.param(
            merge(entry(), {"spec": {"template": {"spec": {"storage": None}}}}),
            ("storage", "resources", "requests", "storage"),
            "30Gi",
            id="what stood there before, with all parents that are missing",
        ),
        pytest.param(registry(url="quay.io/x:1"), ("source", "registry", "url"), "docker://quay.io/x:1", id="scheme"),
        pytest.param(registry(imageStream="x"), ("source", "registry", "pullMethod"), "node", id="node pull"),
        pytest.param(
            registry(url="docker://quay.io/x:1", pullMethod="Node"),
            ("source", "registry", "pullMethod"),
            "node",
            id="case",
        ),
        pytest.param(
            entry(contentType="kubevirt", checkpoints=[{"current": "a", "previous": "b"}]), (), None, id="two"
        ),
    ],
)
def test_the_smallest_change_is_admitted(bad: Manifest, path: tuple[str, ...], value: str | None) -> None:
    hco = asked(bad)
    after = apply_command(fix_command(only_finding(CHECK, hco, CDI)), hco)
    assert status(CHECK, after, CDI) == "pass"
    found = after["spec"]["workloadSources"]["dataImportCronTemplates"][0]["spec"]["template"]["spec"]
    for step in path:
        found = found[step]
    if value is not None:
        assert found == value


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(registry(url="ftp://x"), id="a URL of another kind"),
        pytest.param(merge(sized(30), {"spec": {"managedDataSource": "m" * 64}}), id="one of two is not known"),
    ],
)
def test_no_fix_is_offered_that_would_be_refused(bad: Manifest) -> None:
    assert only_finding(CHECK, an_hco(entries=[bad], taken=[]), CDI).fix is None


def test_says_that_the_working_image_is_lost() -> None:
    """SSP deletes a DataImportCron whose spec has changed before it creates the new one."""
    standing = cron_of(CORP)
    lost = "SSP deletes DataImportCron corp-image-cron first, and with it the working image"
    assert lost in only_finding(CHECK, asked(sized("1Ki")), CDI, standing).summary
    kept = merge(standing, {"spec": {"retentionPolicy": "All"}})
    assert "and the updates stop" in only_finding(CHECK, asked(sized("1Ki")), CDI, kept).summary
    assert "SSP deletes" not in only_finding(CHECK, asked(sized("1Ki")), CDI).summary


def test_what_stands_already_costs_nothing_yet() -> None:
    found = only_finding(CHECK, asked(sized("1Ki")), CDI, cron_of(sized("1Ki")))
    assert (found.severity, "SSP deletes" in found.summary) == ("warning", False)


def test_one_entry_with_several_mistakes_is_one_finding() -> None:
    bad = merge(sized("0"), {"spec": {"importsToKeep": -1, "garbageCollect": "never"}})
    found = only_finding(CHECK, asked(bad), CDI)
    assert "is not above zero" in found.summary
    assert "importsToKeep is -1" in found.summary
    assert "garbageCollect is never" in found.summary


def test_the_same_copy_in_ssp_is_not_told_twice() -> None:
    bad = sized("0")
    world = [an_hco(entries=[bad]), an_ssp(entries=[bad]), CDI]
    assert only_finding(CHECK, *world).object.kind == "HyperConverged"


def test_what_only_ssp_holds_is_about_ssp() -> None:
    found = only_finding(CHECK, an_hco(entries=[CORP]), an_ssp(entries=[sized("0")]), CDI)
    assert found.object.kind == "SSP"
    assert found.field.startswith("spec.commonTemplates.dataImportCronTemplates[name=corp-image-cron].spec.template")
    assert found.fix is None


def test_what_hco_brings_along_is_in_its_status() -> None:
    found = only_finding(CHECK, an_hco(commons=[sized("0")]), CDI)
    assert found.field.startswith("status.dataImportCronTemplates[name=corp-image-cron].spec.template")


def test_one_name_per_architecture_counts() -> None:
    """SSP appends the architecture to the name and to managedDataSource."""
    annotations = {"ssp.kubevirt.io/dict.architectures": "amd64,arm64"}
    bad = merge(CORP, {"metadata": {"name": "n" * 60, "annotations": annotations}})
    both = {"workloadsArchitectures": ["amd64", "arm64"], "controlPlaneArchitectures": ["amd64"]}
    spec = {"featureGates": [{"name": "enableMultiArchBootImageImport"}]}
    found = only_finding(CHECK, an_hco(entries=[bad], taken=[], spec=spec, status={"nodeInfo": both}), CDI)
    assert "66 characters" in found.summary


def test_pvc_sources_depend_on_the_version() -> None:
    bad = entry(source={"registry": None, "pvc": {"name": "x", "namespace": "y"}})
    assert status(CHECK, asked(bad), a_cdi("v1.62.0")) == "pass"
    assert status(CHECK, asked(bad)) == "unknown"
    assert "Missing registry source" in only_finding(CHECK, asked(bad), a_cdi("v1.61.5")).observed


def test_an_unreadable_entry_costs_that_entry_alone() -> None:
    """What has the wrong type is refused by the API server; the entries beside it are judged as ever."""
    wrong = merge(CORP, {"metadata": {"name": "wrong"}, "spec": {"schedule": 5}})
    found = only_finding(CHECK, an_hco(entries=[wrong, CORP], taken=[CORP]), CDI)
    assert found.summary.startswith("The API server refuses boot source wrong because schedule is 5")


@pytest.mark.parametrize(
    "says",
    [
        pytest.param("Error: failed to reconcile *v1beta1.DataImportCron object x/corp-image-cron: {}", id="named"),
        pytest.param("Error: {}", id="SSP before 0.23 does not name the object"),
    ],
)
def test_explains_why_ssp_is_degraded(says: str) -> None:
    denied = 'admission webhook "dataimportcron-validate.cdi.kubevirt.io" denied the request: Storage size is missing'
    bad = sized(None)
    degraded = [condition("Degraded", "True", "Degraded", says.format(denied)), condition("Available", "False")]
    ssp = an_ssp(entries=[bad], status={"conditions": degraded})
    assert cause_ids((CHECK,), ssp_degraded, an_hco(entries=[bad]), ssp, CDI) == {"entry-refused-by-cdi"}


def test_goes_blind_without_ssp() -> None:
    assert goes_blind(CHECK, SSPS)
