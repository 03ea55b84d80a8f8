"""HyperConverged through each generation of its API: read where it looks, and refused where that is not known."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from exporter.checks import CHECKS
from exporter.checks.entries.common_boot_images_off import common_boot_images_off
from exporter.checks.entries.duplicate_entry import duplicate_entry
from exporter.checks.entries.gate_at_dead_path import gate_at_dead_path
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.platform import platform_of
from exporter.kube.contract import Rejected
from exporter.model import hco_layout
from exporter.model.field_path import path
from exporter.model.hco import HyperConverged
from exporter.model.hco_layout import LAYOUTS, Layout, layout_of, release_of
from tests.checks.storage.assertions import fix_command, only_finding
from tests.worlds import Manifest, an_entry, an_hco, cluster, evaluate_manifests, merge, status

GATE = "enableCommonBootImageImport"
V2 = Layout(
    api_version="v2",
    since=(5, 0),
    gate=path("spec.bootSources.common.enabled"),
    entries=path("spec.bootSources.templates"),
    image_namespace=path("spec.bootSources.namespace"),
    templates_namespace=path("spec.templates.namespace"),
    workload_placement=path("spec.placement.workloads"),
    multi_arch=path("spec.bootSources.perArchitecture"),
)


def spec_of(layout: Layout, **values: Any) -> Manifest:
    """A spec with these values at the places of the layout."""
    spec: Manifest = {}
    for field, value in values.items():
        spec = merge(spec, getattr(layout, field).merge_patch(value)["spec"])
    return spec


def an_hco_of(layout: Layout, version: str | None = None, **values: Any) -> Manifest:
    bare = merge(an_hco(version=version or "{}.{}.0".format(*layout.since)), {"spec": None})
    return {**bare, "apiVersion": f"hco.kubevirt.io/{layout.api_version}", "spec": spec_of(layout, **values)}


def old(version: str | None, **spec: Any) -> Manifest:
    """An HCO that is read through v1beta1; None: it does not state its version."""
    versions = [] if version is None else [{"name": "operator", "version": version}]
    return {
        **merge(an_hco(), {"status": {"versions": versions}}),
        "apiVersion": "hco.kubevirt.io/v1beta1",
        "spec": spec,
    }


def read(manifest: Manifest) -> HyperConverged:
    (row,) = cluster(manifest)[HYPERCONVERGEDS].rows.values()
    return row


def refused(manifest: Manifest) -> Rejected:
    (rejected,) = cluster(manifest)[HYPERCONVERGEDS].rejected.values()
    return rejected


each_layout = pytest.mark.parametrize(
    "layout", LAYOUTS, ids=lambda layout: "{}-{}.{}".format(layout.api_version, *layout.since)
)


@each_layout
def test_each_layout_is_read_at_its_own_places(layout: Layout) -> None:
    switched: dict[str, Any] = {"multi_arch": True} if layout.multi_arch else {}
    values: dict[str, Any] = {"gate": False, "entries": [an_entry("mine", managed="mine")], "image_namespace": "images"}
    hco = read(an_hco_of(layout, **values, **switched))
    assert hco.layout is layout
    assert (hco.gate.on, hco.gate.path, hco.gate.dead) == (False, layout.gate, {})
    assert [e.name for e in hco.entries] == ["mine"]
    assert (hco.boot_image_namespace, hco.multi_arch) == ("images", bool(layout.multi_arch))


@each_layout
def test_the_gate_is_on_where_it_is_not_set(layout: Layout) -> None:
    assert read(an_hco_of(layout)).gate.on


@each_layout
def test_what_is_not_an_object_is_refused_with_its_place(layout: Layout) -> None:
    assert refused(an_hco_of(layout, entries=7)).field == str(layout.entries)


@each_layout
def test_a_field_of_the_wrong_type_costs_that_field_of_that_entry(layout: Layout) -> None:
    wrong = {"metadata": {"name": "x"}, "spec": {"importsToKeep": "many"}}
    entries = read(an_hco_of(layout, entries=[wrong, {"metadata": {"name": "y"}, "spec": {}}])).entries
    assert [entry.name for entry in entries] == ["x", "y"]


# -- versions of the product -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("1.18.0", (1, 18)),
        ("v1.9.1", (1, 9)),
        ("4.10.0", (1, 6)),
        ("4.22.3", (1, 18)),
        ("4.99.0-0.nightly-2026-11-30", (1, 95)),
        ("5.0.1", (5, 0)),
        ("5.1.0", (5, 1)),
        ("2.0.0", (2, 0)),
        ("4.1.0", None),
        ("0.0.1", None),
        ("nightly", None),
        ("", None),
    ],
)
def test_releases(version: str, release: tuple[int, int] | None) -> None:
    assert release_of(version) == release


@pytest.mark.parametrize("version", ["5.0.0", "5.1.2", "6.0.0", "nightly-2026-11-30", "main", "0.0.1", ""])
@pytest.mark.parametrize("api_version", ["v1", "v1beta1"])
def test_an_unknown_product_version_counts_as_newest(api_version: str, version: str) -> None:
    newest = [layout for layout in LAYOUTS if layout.api_version == api_version][-1]
    assert layout_of(f"hco.kubevirt.io/{api_version}", release_of(version)) is newest


@pytest.mark.parametrize("version", ["5.0.0", "5.1.2", "nightly-2026-11-30"])
def test_a_gate_at_an_old_place_has_no_effect_on_an_unknown_product_version(version: str) -> None:
    hco = old(version, featureGates={GATE: False}, enableCommonBootImageImport=True)
    assert status(common_boot_images_off, hco) == "pass"
    assert only_finding(gate_at_dead_path, hco).field == f"spec.featureGates.{GATE}"


def test_an_hco_that_has_not_stated_its_version_looks_where_the_gate_is() -> None:
    """The CRD fills the gate in where that HCO looks for it."""
    before = read(old(None, featureGates={GATE: False})).gate
    since = read(old(None, featureGates={GATE: False}, enableCommonBootImageImport=True)).gate
    assert (before.on, str(before.path), before.dead) == (False, f"spec.featureGates.{GATE}", {})
    assert (since.on, str(since.path)) == (True, f"spec.{GATE}")


@pytest.mark.parametrize(
    ("hco", "name"),
    [
        (old("1.17.0"), "hyperconverged"),
        (old("4.22.0"), "hyperconvergeds.v1beta1.hco.kubevirt.io"),
        (old("5.0.0"), "hyperconvergeds.v1beta1.hco.kubevirt.io"),
        (an_hco(version="5.0.0"), "hyperconverged"),
    ],
)
def test_commands_name_the_version_whose_paths_they_use(hco: Manifest, name: str) -> None:
    assert platform_of(cluster(hco)).hco_resource == name


# -- versions of the API ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v2", "v1alpha1", "v11"])
def test_an_unknown_api_version_is_refused(version: str) -> None:
    hco = {**an_hco(), "apiVersion": f"hco.kubevirt.io/{version}"}
    found = refused(hco)
    assert (str(found.key), found.field) == ("openshift-cnv/kubevirt-hyperconverged", "apiVersion")
    assert found.problem == f"hco.kubevirt.io/{version} is not a version that can be read (v1, v1beta1)"


def test_checks_are_unknown_of_an_unknown_api_version() -> None:
    hco = {**an_hco(spec={"workloadSources": {GATE: False}}), "apiVersion": "hco.kubevirt.io/v2"}
    report = evaluate_manifests(CHECKS, hco).report
    over = {check.id for check in CHECKS if check.over is HYPERCONVERGEDS}
    assert {c.status for c in report.checks if c.check in over} == {"unknown"}
    assert not [f for f in report.findings if f.check in over]


def test_a_new_version_is_one_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [an_entry("mine", managed="a"), an_entry("mine", managed="b")]
    hco = an_hco_of(V2, "5.0.0", gate=False, entries=entries, image_namespace="images", multi_arch=True)
    assert refused(hco).field == "apiVersion"

    monkeypatch.setattr(hco_layout, "LAYOUTS", (*LAYOUTS, V2))
    row = read(hco)
    assert row.layout is V2
    assert (row.gate.on, row.boot_image_namespace, row.multi_arch) == (False, "images", True)
    closed = only_finding(common_boot_images_off, hco)
    assert closed.field == "spec.bootSources.common.enabled"
    patch = json.loads(shlex.split(fix_command(closed))[-1])
    assert patch == {"spec": {"bootSources": {"common": {"enabled": True}}}}
    assert '"/spec/bootSources/templates/1/metadata/name"' in fix_command(only_finding(duplicate_entry, hco))
    assert platform_of(cluster(an_hco(version="5.0.0"))).hco_resource == "hyperconvergeds.v1.hco.kubevirt.io"
