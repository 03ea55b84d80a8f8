"""The chain of a boot source: each link with its state, and the command that shows it."""

from __future__ import annotations

from typing import Any

from exporter.boot_sources.builder import build_boot_sources
from exporter.cluster.resource import Ref
from exporter.cluster.resources import TEMPLATES
from exporter.kube.contract import State
from exporter.output.chain import ChainLink, build_chain
from exporter.output.html.console import console_address
from exporter.report import ObjectRef, Severity
from exporter.schedule.timetable import Timetable
from tests.metrics.reports import a_finding, a_report
from tests.worlds import (
    IMAGES,
    NOW,
    a_cron,
    a_data_source,
    a_machine,
    a_snapshot,
    a_template,
    an_entry,
    an_hco,
    cluster,
)

HCO = Ref("HyperConverged", "openshift-cnv", "kubevirt-hyperconverged")


def chain(*manifests: Any, states: Any = None, findings: Any = ()) -> dict[str, ChainLink]:
    frozen = cluster(*manifests, states=states)
    report = a_report(*findings)
    (source,) = build_boot_sources(frozen, report, NOW, Timetable()).boot_sources
    return {link.anchor: link for link in build_chain(source, {f.fingerprint: f for f in findings}, "oc", HCO)}


def test_a_healthy_chain_is_good_from_end_to_end_and_every_object_can_be_looked_at() -> None:
    links = chain(
        an_hco(commons=[an_entry()]), a_cron(), a_data_source(), a_snapshot(), a_template(), a_machine(settled=True)
    )
    assert list(links) == ["entry", "cron", "source", "import", "image", "data-source", "templates", "machines"]
    assert {link.tone for anchor, link in links.items() if anchor != "machines"} == {"good"}
    assert links["entry"].command == "oc get hyperconverged kubevirt-hyperconverged -n openshift-cnv -o yaml"
    assert links["data-source"].command == f"oc get datasource fedora -n {IMAGES} -o yaml"
    assert links["image"].kind == "VolumeSnapshot"
    assert links["image"].at is not None


def test_a_problem_colours_the_link_that_it_is_about() -> None:
    about = ObjectRef(kind="DataSource", namespace=IMAGES, name="fedora")
    finding = a_finding("fedora", severity=Severity.CRITICAL, object=about)
    links = chain(a_cron(), a_data_source(), a_snapshot(), findings=(finding,))
    assert (links["data-source"].tone, links["data-source"].state) == ("bad", "1 problem")
    assert links["data-source"].problems == (finding,)
    assert links["image"].tone == "good"


def test_what_is_not_known_is_neither_good_nor_bad() -> None:
    links = chain(a_data_source("win11", cron=""), states={TEMPLATES: State.FORBIDDEN})
    assert "cron" not in links
    assert (links["templates"].tone, links["templates"].state) == ("none", "not known")


def test_odd_names_do_nothing_in_a_shell() -> None:
    assert "'$(reboot)'" in chain(a_data_source("$(reboot)", cron=""))["data-source"].command


def test_objects_have_an_address_in_the_console() -> None:
    console = "https://console.example"
    address = console_address(console, "DataSource", IMAGES, "fedora")
    assert address == f"{console}/k8s/ns/{IMAGES}/cdi.kubevirt.io~v1beta1~DataSource/fedora"
    assert console_address(console, "PersistentVolumeClaim", "a", "b") == (
        f"{console}/k8s/ns/a/core~v1~PersistentVolumeClaim/b"
    )
    assert console_address(console, "StorageClass", "", "fast").endswith(
        "/k8s/cluster/storage.k8s.io~v1~StorageClass/fast"
    )
    assert console_address(console, "DataSource", "a", "../x?y").endswith("/..%2Fx%3Fy")
    assert console_address(console, "Entry", "", "x") == ""
    assert console_address("", "DataSource", "a", "b") == ""
