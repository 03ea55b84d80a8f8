from __future__ import annotations

from typing import Any

import pytest

from exporter.cluster.resources import HYPERCONVERGEDS, SSPS
from exporter.joins.drift import differences
from exporter.joins.entries import Origin, Stage, entries_of, listed_entries
from exporter.joins.platform import DOWNSTREAM_IMAGES, UPSTREAM_IMAGES, image_namespace
from exporter.joins.propagation import expected_ssp_entries, expected_status_entries, reconcile
from exporter.joins.ssp_crons import (
    SspInputs,
    absent_crons,
    architectures,
    entry_of,
    expand,
    expected_crons,
    plan,
    planned_crons,
    ssp_inputs_of,
)
from exporter.kube.contract import Key
from exporter.model.hco import BootSourceEntry, HyperConverged, StatusEntry
from tests.checks.entries.clusters import ARCHES, BIND, CORP, ENABLE, FEDORA, closed_gate_spec, cron_of, off, platform
from tests.worlds import (
    IMAGES,
    SSP_OWNED,
    Manifest,
    a_claim,
    a_data_source,
    an_entry,
    an_hco,
    an_ssp,
    cluster,
    condition,
    merge,
)

MULTI = {
    "spec": {"featureGates": [{"name": "enableMultiArchBootImageImport"}]},
    "status": {"nodeInfo": {"workloadsArchitectures": ["amd64", "arm64"], "controlPlaneArchitectures": ["amd64"]}},
}


def hco(**options: Any) -> HyperConverged:
    return next(row for _, row in cluster(an_hco(**options))[HYPERCONVERGEDS])


def entry(manifest: Manifest) -> BootSourceEntry:
    ssp = next(row for _, row in cluster(an_ssp(entries=[manifest]))[SSPS])
    return ssp.spec.common_templates.data_import_cron_templates[0]


def with_arches(text: str, name: str = "corp-image-cron") -> Manifest:
    return an_entry(name, managed="corp", metadata={"annotations": {ARCHES: text}})


def as_status(manifest: Manifest, **said: Any) -> Manifest:
    return {**manifest, "status": said}


# -- what HCO lists --------------------------------------------------------------------------------------------

KEPT_BACK = as_status(CORP, conditions=[condition("Deployed", "False", "UnsupportedArchitectures")])


@pytest.mark.parametrize(
    ("options", "origin", "stage"),
    [
        pytest.param({"commons": [FEDORA]}, Origin.COMMON, Stage.ENABLED, id="common"),
        pytest.param({"entries": [CORP]}, Origin.CUSTOM, Stage.ENABLED, id="custom"),
        pytest.param(
            {"entries": [FEDORA], "taken": [as_status(FEDORA, commonTemplate=True, modified=True)]},
            Origin.MODIFIED,
            Stage.ENABLED,
            id="modified",
        ),
        pytest.param({"entries": [FEDORA]}, Origin.CUSTOM, Stage.ENABLED, id="a common name that HCO calls custom"),
        pytest.param(
            {"entries": [off("fedora-image-cron")], "taken": []}, Origin.COMMON, Stage.DISABLED, id="disabled"
        ),
        pytest.param(
            {"entries": [off("fedora-image-cron")], "taken": [as_status(FEDORA, commonTemplate=True)]},
            Origin.COMMON,
            Stage.DISABLED,
            id="disabled, HCO asleep",
        ),
        pytest.param({"entries": [CORP], "taken": []}, Origin.CUSTOM, Stage.NOT_PROPAGATED, id="custom, not taken up"),
        pytest.param(
            {"entries": [FEDORA], "taken": []}, Origin.MODIFIED, Stage.NOT_PROPAGATED, id="modified, not taken up"
        ),
        pytest.param(
            {"entries": [FEDORA], "taken": [], **closed_gate_spec()}, Origin.MODIFIED, Stage.DISABLED, id="gated"
        ),
        pytest.param(
            {"entries": [CORP], "taken": [], **closed_gate_spec()},
            Origin.CUSTOM,
            Stage.NOT_PROPAGATED,
            id="custom ones are not gated",
        ),
        pytest.param({"entries": [CORP], "taken": [KEPT_BACK]}, Origin.CUSTOM, Stage.NOT_DEPLOYED, id="kept back"),
    ],
)
def test_origin_and_stage(options: dict[str, Any], origin: Origin, stage: Stage) -> None:
    (item,) = entries_of(hco(**options))
    assert (item.origin, item.stage) == (origin, stage)


def test_the_spec_that_counts_is_hcos() -> None:
    changed = merge(CORP, {"spec": {"schedule": "0 1 * * *"}})
    assert entries_of(hco(entries=[CORP], taken=[changed]))[0].spec.schedule == "0 1 * * *"
    assert entries_of(hco(entries=[changed], taken=[]))[0].spec.schedule == "0 1 * * *"
    assert entries_of(hco(entries=[off("fedora-image-cron")], taken=[]))[0].spec.schedule == ""


def test_listed_is_empty_without_hco() -> None:
    assert cluster().join(listed_entries) == ()
    assert [i.name for i in cluster(an_hco(entries=[CORP], commons=[FEDORA])).join(listed_entries)] == [
        "corp-image-cron",
        "fedora-image-cron",
    ]


# -- hop 1: HCO's spec -> HCO's status -------------------------------------------------------------------------


def taken(**options: Any) -> dict[str, StatusEntry]:
    return {e.name: e for e in expected_status_entries(hco(**options))}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param({"commons": [FEDORA], "entries": [CORP]}, ["corp-image-cron", "fedora-image-cron"], id="all"),
        pytest.param(
            {"commons": [FEDORA], "entries": [CORP], **closed_gate_spec()},
            ["corp-image-cron"],
            id="closed gate: custom ones stay",
        ),
        pytest.param({"entries": [FEDORA], "taken": [], **closed_gate_spec()}, [], id="closed gate: modified ones go"),
        pytest.param({"commons": [FEDORA], "entries": [off("fedora-image-cron")], "taken": []}, [], id="disabled"),
        pytest.param(
            {"entries": [merge(CORP, {"metadata": {"annotations": {ENABLE: "False"}}})]}, [], id="disabled custom"
        ),
        pytest.param({"entries": [], "taken": [CORP]}, [], id="removed"),
        pytest.param({"entries": [CORP], "taken": []}, ["corp-image-cron"], id="added"),
    ],
)
def test_taken_up(options: dict[str, Any], names: list[str]) -> None:
    assert list(taken(**options)) == names


def test_a_modified_entry_replaces_the_spec_as_a_whole() -> None:
    common = merge(FEDORA, {"metadata": {"annotations": {BIND: "true", ARCHES: "amd64"}}})
    mine = {
        "metadata": {"name": "fedora-image-cron", "namespace": "mine", "annotations": {ARCHES: "arm64"}},
        "spec": {"schedule": "", "managedDataSource": "fedora", "template": {"spec": {"storage": {}}}},
    }
    found = taken(entries=[mine], commons=[common], taken=[])["fedora-image-cron"]
    assert found.spec is not None
    assert found.spec.schedule == "41 11/12 * * *", "only an empty schedule is inherited"
    assert found.spec.template.spec.source is None
    assert found.metadata.namespace == "mine"
    assert found.metadata.annotations == {BIND: "true", ARCHES: "arm64"}
    assert (found.status.common_template, found.status.modified) == (True, True)


def test_a_custom_entry_keeps_its_empty_schedule() -> None:
    found = taken(entries=[merge(CORP, {"spec": {"schedule": ""}})])["corp-image-cron"]
    assert found.spec is not None
    assert found.spec.schedule == ""
    assert not found.status.common_template


@pytest.mark.parametrize(
    ("text", "left", "deployed"),
    [
        pytest.param("amd64,arm64", "amd64,arm64", True, id="all"),
        pytest.param("amd64,s390x", "amd64", True, id="those that the cluster has"),
        pytest.param("amd64, arm64", "amd64", True, id="HCO does not trim"),
        pytest.param("s390x", "", False, id="none is left"),
    ],
)
def test_architectures_are_those_of_the_workers(text: str, left: str, deployed: bool) -> None:
    found = taken(entries=[with_arches(text)], taken=[], **MULTI)["corp-image-cron"]
    assert found.metadata.annotations[ARCHES] == left
    assert found.status.original_supported_architectures == text
    assert (found.status.conditions == ()) is deployed


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="multi-arch off"),
        pytest.param({**MULTI, "status": {"nodeInfo": None}}, id="HCO does not know its nodes"),
    ],
)
def test_architectures_stay_as_they_are(options: dict[str, Any]) -> None:
    found = taken(entries=[with_arches("s390x")], taken=[], **options)["corp-image-cron"]
    assert found.metadata.annotations[ARCHES] == "s390x"
    assert found.status.conditions == ()


def test_a_corrected_annotation_is_deployed_again() -> None:
    back = {**with_arches(""), "status": {"originalSupportedArchitectures": "s390x", **KEPT_BACK["status"]}}
    found = taken(entries=[with_arches("arm64")], taken=[back], **MULTI)["corp-image-cron"]
    assert (found.metadata.annotations[ARCHES], found.status.conditions) == ("arm64", ())


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"commons": [FEDORA], "entries": [CORP]}, id="plain"),
        pytest.param({"entries": [CORP, off("x")], "taken": [], "metadata": {"generation": 9}}, id="stale"),
        pytest.param({"entries": [with_arches("amd64,s390x")], "taken": [], **MULTI}, id="multi-arch"),
    ],
)
def test_settled_is_stable(options: dict[str, Any]) -> None:
    once = reconcile(hco(**options))
    assert once.status.observed_generation == once.metadata.generation
    assert reconcile(once) == once


# -- hop 2: HCO's status -> SSP's spec -------------------------------------------------------------------------


def test_passed_on_without_what_is_kept_back() -> None:
    assert [e.name for e in expected_ssp_entries(hco(entries=[CORP], commons=[FEDORA], taken=[KEPT_BACK]))] == [
        "fedora-image-cron"
    ]


@pytest.mark.parametrize(
    ("options", "annotations"),
    [
        pytest.param({}, {BIND: "true"}, id="multi-arch off"),
        pytest.param(MULTI, {BIND: "true", ARCHES: "amd64"}, id="multi-arch on"),
    ],
)
def test_passed_on_is_bound_immediately(options: dict[str, Any], annotations: dict[str, str]) -> None:
    (found,) = expected_ssp_entries(hco(entries=[with_arches("amd64")], **options))
    assert found.metadata.annotations == annotations


# -- hop 3: SSP's spec -> DataImportCrons ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("amd64, arm64", ("amd64", "arm64"), id="SSP trims"),
        pytest.param("amd64,ppc64le", ("amd64",), id="unknown ones are dropped"),
        pytest.param("", (), id="empty"),
    ],
)
def test_architectures(text: str, read: tuple[str, ...]) -> None:
    assert architectures(entry(with_arches(text))) == read


SINGLE = SspInputs(IMAGES)
BOTH = SspInputs(IMAGES, multi_arch=True, architectures=("arm64", "amd64"))


@pytest.mark.parametrize(
    ("manifest", "layout", "crons"),
    [
        pytest.param(CORP, SINGLE, [(IMAGES, "corp-image-cron", "corp", "")], id="one"),
        pytest.param(
            merge(CORP, {"metadata": {"namespace": "mine"}}),
            SINGLE,
            [("mine", "corp-image-cron", "corp", "")],
            id="namespace",
        ),
        pytest.param(with_arches("amd64"), SINGLE, [(IMAGES, "corp-image-cron", "corp", "")], id="multi-arch off"),
        pytest.param(
            with_arches("amd64,arm64"),
            BOTH,
            [
                (IMAGES, "corp-image-cron-amd64", "corp-amd64", "amd64"),
                (IMAGES, "corp-image-cron-arm64", "corp-arm64", "arm64"),
            ],
            id="one per architecture",
        ),
        pytest.param(
            CORP, BOTH, [(IMAGES, "corp-image-cron", "corp", "")], id="no architectures, DataSource of its own"
        ),
        pytest.param(
            CORP,
            SspInputs(IMAGES, True, ("arm64", "amd64"), frozenset({"corp"})),
            [(IMAGES, "corp-image-cron", "corp-arm64", "")],
            id="no architectures, DataSource of templates: the first architecture",
        ),
        pytest.param(
            CORP,
            SspInputs(IMAGES, True, ("arm64", "amd64"), frozenset({"corp", "corp-amd64"})),
            [(IMAGES, "corp-image-cron", "corp-amd64", "")],
            id="no architectures, DataSource of templates: the first that it has",
        ),
        pytest.param(
            CORP,
            SspInputs(IMAGES, True, (), frozenset({"corp"})),
            [(IMAGES, "corp-image-cron", "corp", "")],
            id="no architectures at all",
        ),
    ],
)
def test_expand(manifest: Manifest, layout: SspInputs, crons: list[tuple[str, ...]]) -> None:
    assert [(*e.key, e.managed, e.architecture) for e in expand(entry(manifest), layout)] == crons


def test_the_spec_of_an_architectures_cron() -> None:
    arm = expand(entry(with_arches("amd64,arm64")), BOTH)[1]
    want = {
        "spec": {
            "managedDataSource": "corp-arm64",
            "template": {"spec": {"source": {"registry": {"platform": {"architecture": "arm64"}}}}},
        }
    }
    assert arm.spec == entry(merge(CORP, want)).spec


def test_a_claim_has_no_platform() -> None:
    claim = {"spec": {"template": {"spec": {"source": {"registry": None, "pvc": {"name": "x"}}}}}}
    found = expand(entry(merge(with_arches("arm64"), claim)), BOTH)[0]
    assert found.spec.managed_data_source == "corp-arm64"
    assert found.spec.template == entry(merge(CORP, claim)).spec.template  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("manifests", "layout", "beaten"),
    [
        pytest.param([CORP, FEDORA], SINGLE, {}, id="distinct"),
        pytest.param(
            [CORP, an_entry("z", managed="corp")], SINGLE, {"corp-image-cron": "z"}, id="the last in the list wins"
        ),
        pytest.param(
            [an_entry("a", managed="corp"), CORP, an_entry("z", managed="corp")],
            SINGLE,
            {"a": "z", "corp-image-cron": "z"},
            id="of three",
        ),
        pytest.param(
            [CORP, an_entry("z", managed="corp", metadata={"namespace": "mine"})], SINGLE, {}, id="another namespace"
        ),
        pytest.param(
            [CORP, an_entry("z", managed="corp", metadata={"namespace": IMAGES})],
            SINGLE,
            {"corp-image-cron": "z"},
            id="the built-in namespace written out",
        ),
        pytest.param(
            [with_arches("amd64,arm64"), with_arches("arm64", "z")],
            BOTH,
            {"corp-image-cron-arm64": "z"},
            id="of one architecture",
        ),
    ],
)
def test_plan(manifests: list[Manifest], layout: SspInputs, beaten: dict[str, str]) -> None:
    found = plan([entry(m) for m in manifests], layout)
    assert {e.key.name: e.collapsed_into for e in found if not e.deployed} == beaten


def test_hco_tells_what_ssp_will_take_into_account() -> None:
    assert ssp_inputs_of(hco(**MULTI), "images") == SspInputs("images", True, ("amd64", "amd64", "arm64"))
    assert ssp_inputs_of(hco(status={"nodeInfo": None}), "images") == SspInputs("images")


# -- differences -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"schedule": "@daily"}, "schedule"),
        ({"managedDataSource": "x"}, "managedDataSource"),
        ({"garbageCollect": "Never"}, "garbageCollect"),
        ({"importsToKeep": 0}, "importsToKeep"),
        ({"retentionPolicy": "All"}, "retentionPolicy"),
        ({"template": {"spec": {"contentType": "archive"}}}, "template.spec.contentType"),
        ({"template": {"spec": {"storage": {"storageClassName": "x"}}}}, "template.spec.storage.storageClassName"),
        ({"template": {"spec": {"storage": {"volumeMode": "Block"}}}}, "template.spec.storage.volumeMode"),
        ({"template": {"spec": {"storage": {"accessModes": ["ReadWriteOnce"]}}}}, "template.spec.storage.accessModes"),
        ({"template": {"spec": {"pvc": {"storageClassName": "x"}}}}, "template.spec.pvc.storageClassName"),
        *(
            ({"template": {"spec": {"source": {"registry": {key: "x"}}}}}, f"template.spec.source.registry.{key}")
            for key in ("url", "imageStream", "pullMethod", "secretRef", "certConfigMap")
        ),
        (
            {"template": {"spec": {"source": {"registry": {"platform": {"architecture": "arm64"}}}}}},
            "template.spec.source.registry.platform.architecture",
        ),
        ({"template": {"spec": {"source": {"pvc": {"name": "x"}}}}}, "template.spec.source.pvc"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_difference_names_its_field(spec: Manifest, path: str) -> None:
    one, other = entry(CORP).spec, entry(merge(CORP, {"spec": spec})).spec
    assert one is not None
    assert other is not None
    assert [d.path for d in differences(one, other)] == [path]
    assert [d.path for d in differences(other, one)] == [path]
    assert differences(one, one) == []


def test_a_source_of_another_kind_is_a_difference() -> None:
    http = {"spec": {"template": {"spec": {"source": {"registry": None, "http": {"url": "https://x"}}}}}}
    one, other = entry(CORP).spec, entry(merge(CORP, http)).spec
    assert one is not None
    assert other is not None
    assert ("template.spec.source", "", "http") in [(d.path, d.expected, d.observed) for d in differences(one, other)]


def test_what_the_original_leaves_out_may_be_filled_in() -> None:
    one, other = entry(merge(CORP, {"spec": {"importsToKeep": None}})).spec, entry(CORP).spec
    assert one is not None
    assert other is not None
    assert differences(one, other, only_set=True) == []
    assert [d.path for d in differences(other, one, only_set=True)] == ["importsToKeep"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1Gi", "1024Mi", True),
        ("1G", "1000M", True),
        ("1073741824", "1Gi", True),
        ("1.5Gi", "1536Mi", True),
        ("1Gi", "1G", False),
        ("30Gi", "20Gi", False),
        ("huge", "huge", True),
        ("huge", "1Gi", False),
    ],
)
def test_quantities(one: str, other: str, same: bool) -> None:
    def sized(text: str) -> Manifest:
        return merge(
            CORP, {"spec": {"template": {"spec": {"storage": {"resources": {"requests": {"storage": text}}}}}}}
        )

    left, right = entry(sized(one)).spec, entry(sized(other)).spec
    assert left is not None
    assert right is not None
    assert (differences(left, right) == []) is same


# -- the cluster -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param([], UPSTREAM_IMAGES, id="nothing is known"),
        pytest.param([an_ssp()], DOWNSTREAM_IMAGES, id="downstream by SSP's namespace"),
        pytest.param([an_ssp(metadata={"namespace": "kubevirt-hyperconverged"})], UPSTREAM_IMAGES, id="upstream"),
        pytest.param(
            [a_data_source(metadata={"namespace": "here", "annotations": SSP_OWNED}), an_ssp()],
            "here",
            id="where SSP keeps DataSources",
        ),
        pytest.param(
            [a_data_source(metadata={"namespace": "here"}), an_ssp()], DOWNSTREAM_IMAGES, id="a user's is no sign"
        ),
    ],
)
def test_image_namespace(world: list[Manifest], expected: str) -> None:
    assert cluster(*world).join(image_namespace) == expected


def kept(name: str = "fedora", **labels: str) -> Manifest:
    """A DataSource of common templates, which SSP keeps."""
    return a_data_source(name, cron="", metadata={"annotations": SSP_OWNED, "labels": labels})


@pytest.mark.parametrize(
    ("more", "out"),
    [
        pytest.param([kept()], False, id="no claim"),
        pytest.param([kept(), a_claim("fedora", cron="")], True, id="a claim of the name"),
        pytest.param([a_claim("fedora", cron="")], True, id="a claim of the name, no DataSource"),
        pytest.param([kept(), a_claim("fedora", cron="", spec=7)], True, id="a claim that cannot be read"),
        pytest.param(
            [kept(**{"cdi.kubevirt.io/dataImportCron": "true"}), a_claim("fedora", cron="")], False, id="opted in again"
        ),
        pytest.param([a_data_source(cron=""), a_claim("fedora", cron="")], False, id="not a DataSource of templates"),
        pytest.param([kept(), a_claim("fedora", metadata={"namespace": "shop"})], False, id="a claim elsewhere"),
    ],
)
def test_opting_out(more: list[Manifest], out: bool) -> None:
    key = Key(IMAGES, "fedora-image-cron")
    found = cluster(*platform(entries=[], more=more)).join(expected_crons)[key]
    assert (found.opted_out, found.deployed) == (out, not out)


def test_there_is_no_opting_out_in_a_namespace_of_ones_own() -> None:
    moved = merge(FEDORA, {"metadata": {"namespace": "mine"}})
    world = platform(entries=[], commons=[moved], more=[kept(), a_claim("fedora", metadata={"namespace": "mine"})])
    assert cluster(*world).join(expected_crons)[Key("mine", "fedora-image-cron")].deployed


def test_ssps_architectures_count() -> None:
    spec = {"enableMultipleArchitectures": True, "cluster": {"controlPlaneArchitectures": ["arm64"]}}
    world = [an_ssp(entries=[FEDORA], spec=spec), kept()]
    assert [e.managed for e in cluster(*world).join(planned_crons).values()] == ["fedora-arm64"]


def test_absent_crons() -> None:
    world = platform(crons=[cron_of(FEDORA)])
    assert [str(ref) for ref in cluster(*world).join(absent_crons)] == [f"DataImportCron {IMAGES}/corp-image-cron"]


def test_a_cron_that_cannot_be_read_is_not_absent() -> None:
    world = platform(crons=[merge(cron_of(CORP), {"spec": {"importsToKeep": "many"}}), cron_of(FEDORA)])
    assert cluster(*world).join(absent_crons) == {}


@pytest.mark.parametrize(
    ("cron", "name"),
    [
        ("a", "a"),
        ("a-arm64", "a"),
        ("a-ppc64le", ""),
        ("b-amd64", "b-amd64"),
        ("c", ""),
    ],
)
def test_entry_of(cron: str, name: str) -> None:
    assert entry_of(cron, {"a", "b", "b-amd64"}) == name


def test_the_hops_end_in_the_crons_that_are_there() -> None:
    """The whole model at once: what an edit of HCO's spec leads to."""
    world = platform(entries=[CORP, an_entry("z-image-cron", managed="fedora"), off("rhel9-image-cron")], taken=[])
    done = reconcile(next(row for _, row in cluster(*world)[HYPERCONVERGEDS]))
    found = plan(expected_ssp_entries(done), ssp_inputs_of(done, IMAGES))
    assert {e.key.name: e.collapsed_into for e in found} == {
        "corp-image-cron": "",
        "fedora-image-cron": "z-image-cron",
        "z-image-cron": "",
    }
