from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.datasources.data_source_missing import data_source_missing
from exporter.checks.operators import OPERATORS
from exporter.checks.polling import POLLING
from exporter.checks.references import REFERENCES
from tests.checks.datasources.sources import a_placeholder
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_cron,
    a_data_source,
    a_template,
    ago,
    an_entry,
    an_hco,
    an_ssp,
    condition,
    evaluate_manifests,
    manifest,
    merge,
    status,
)

CHECK = data_source_missing


def a_users_template(name: str, **options: str) -> Manifest:
    return merge(a_template(name, **options), {"metadata": {"namespace": "team-a", "labels": None}})


def a_machine_template(name: str, source: str = "fedora") -> Manifest:
    ref = {"kind": "DataSource", "name": source, "namespace": IMAGES}
    machine = {"spec": {"dataVolumeTemplates": [{"metadata": {"name": "x"}, "spec": {"sourceRef": ref}}]}}
    api = "template.kubevirt.io/v1beta1"
    return manifest(api, "VirtualMachineTemplate", name, "shop", spec={"virtualMachine": machine})


DEPRECATED: Manifest = {"metadata": {"labels": {"template.kubevirt.io/deprecated": "true"}}}

SICK: Manifest = {
    "phase": "Deploying",
    "conditions": [condition("Degraded", "True", "Degraded", "Error: x", days=2)],
}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_data_source(), a_template()], id="it exists"),
        pytest.param([a_placeholder(), a_template(source="win11")], id="a placeholder"),
        pytest.param([a_users_template("one")], id="one template of somebody's own is its own finding"),
        pytest.param([merge(a_template("old"), DEPRECATED)], id="only deprecated templates"),
        pytest.param([a_users_template("a", source="${X}"), a_users_template("b", source="${X}")], id="not known yet"),
        pytest.param(
            [a_users_template("a", namespace=""), a_users_template("b", namespace="")], id="the machine's own namespace"
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_common_templates_make_one_root_of_their_datasource() -> None:
    templates = [a_template(f"fedora-{size}") for size in ("large", "medium", "small", "tiny")]
    finding = only_finding(CHECK, *templates)
    assert finding.summary == (
        f"DataSource {IMAGES}/fedora does not exist, and 4 templates refer to it: "
        "fedora-large, fedora-medium, fedora-small, fedora-tiny"
    )
    assert summarize(finding) == (
        "warning",
        "DataSource fedora",
        "",
        "absent",
        f"a DataSource fedora in namespace {IMAGES}",
    )
    assert finding.dependents == {"Template": 4}
    report = evaluate_manifests((CHECK, *REFERENCES), *templates).report
    assert [f.check for f in report.findings if f.root] == ["data-source-missing"]
    assert {f.check for f in report.findings if not f.root} == {"template-source-missing"}


@pytest.mark.parametrize(
    ("world", "counted"),
    [
        pytest.param([a_template("one")], "1 template refers", id="one common template"),
        pytest.param([a_users_template("a"), a_users_template("b")], "2 templates refer", id="two of somebody's own"),
        pytest.param([a_users_template("a"), a_machine_template("b")], "2 templates refer", id="of either kind"),
        pytest.param([a_template("old", **DEPRECATED), a_template("new")], "1 template refers", id="one is deprecated"),
        pytest.param([a_cron(), a_users_template("a")], "1 template refers", id="a cron should have made it"),
    ],
)
def test_who_counts(world: list[Manifest], counted: str) -> None:
    assert f"and {counted} to it" in only_finding(CHECK, *world).summary


def test_a_boot_source_that_was_just_made_gets_ten_minutes() -> None:
    young = a_cron(metadata={"creationTimestamp": ago(minutes=9)}, status=None)
    assert status(CHECK, young, a_template()) == "pass"
    later = NOW + timedelta(minutes=2)
    assert only_finding(CHECK, young, a_template(), now=later).since is None


def test_its_cron_explains_it() -> None:
    cron = a_cron(status=None)
    assert cause_ids(POLLING, CHECK, cron, a_template()) == {"cron-never-reconciled"}


def test_what_keeps_a_wanted_entry_from_its_cron_explains_it() -> None:
    world = (an_hco(entries=[an_entry()]), an_ssp(entries=[an_entry()], status=SICK), a_template())
    assert cause_ids(OPERATORS, CHECK, *world) == {"ssp-degraded"}


def test_a_sick_ssp_explains_what_it_makes_without_an_entry() -> None:
    assert cause_ids(OPERATORS, CHECK, an_hco(), an_ssp(status=SICK), a_template()) == {"ssp-degraded"}


def test_a_sick_operator_does_not_explain_what_it_was_never_asked_for() -> None:
    own = (a_users_template("a"), a_users_template("b"))
    assert cause_ids(OPERATORS, CHECK, an_hco(), an_ssp(status=SICK), *own) == set()
