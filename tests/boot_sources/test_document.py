"""The document of boot sources: everything joined, and nothing invented about what is not known."""

from __future__ import annotations

import json
from typing import Any

from exporter.boot_sources.builder import build_boot_sources
from exporter.boot_sources.document import schema, to_json
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES, TEMPLATES, VOLUME_SNAPSHOTS
from exporter.kube.contract import State
from exporter.schedule.timetable import Timetable
from tests.worlds import (
    IMAGES,
    NOW,
    a_cdi,
    a_claim,
    a_cron,
    a_data_source,
    a_data_volume,
    a_machine,
    a_snapshot,
    a_storage_class,
    a_template,
    an_entry,
    an_hco,
    an_ssp,
    cluster,
)


def documents(*manifests: Any, states: Any = None) -> dict[str, Any]:
    frozen = cluster(*manifests, states=states)
    told: dict[str, Any] = json.loads(
        to_json(build_boot_sources(frozen, evaluate_cluster(frozen, NOW).report, NOW, Timetable()))
    )
    return told


def only(told: dict[str, Any]) -> dict[str, Any]:
    (one,) = told["bootSources"]
    return dict(one)


def test_everything_about_one_boot_source_is_joined() -> None:
    one = only(
        documents(
            an_hco(commons=[an_entry()]),
            an_ssp(entries=[an_entry()]),
            a_cdi(),
            a_cron(),
            a_data_source(),
            a_snapshot(),
            a_data_volume(),
            a_storage_class(virt="true"),
            a_template(),
            a_machine(failure="not found"),
        )
    )
    cron, source = one["cron"], one["dataSource"]
    assert (one["namespace"], one["name"]) == (IMAGES, "fedora")
    assert one["entry"] == {"name": "fedora-image-cron", "origin": "common", "state": "enabled"}
    assert (cron["source"], cron["sourceName"]) == ("registry", "docker://quay.io/containerdisks/fedora:latest")
    assert (cron["polling"], cron["storageClass"]) == ("node", "fast")
    assert cron["schedule"] == {
        "text": "41 11/12 * * *",
        "state": "valid",
        "problem": "",
        "previous": "2026-08-21T11:41:00Z",
        "next": "2026-08-21T23:41:00Z",
    }
    assert cron["upToDate"]["status"] is True
    assert one["dataVolume"] == {"name": "fedora-0123456789ab", "phase": "Succeeded"}
    assert source["image"] == {
        "kind": "VolumeSnapshot",
        "namespace": IMAGES,
        "name": "fedora-0123456789ab",
        "ready": True,
        "created": "2026-06-22T12:00:00Z",
        "storageClass": "fast",
        "size": "",
    }
    assert source["managedBy"] == "cron"
    assert one["consumers"] == {
        "templates": ["openshift/fedora-server-small"],
        "virtualMachineTemplates": [],
        "waitingVirtualMachines": 1,
        "virtualMachines": 1,
    }


def test_findings_are_named_by_fingerprint() -> None:
    frozen = cluster(a_cron(spec={"schedule": "0 0 31 2 *"}))
    report = evaluate_cluster(frozen, NOW).report
    (one,) = build_boot_sources(frozen, report, NOW, Timetable()).boot_sources
    about = {f.fingerprint for f in report.findings if f.object.kind == "DataImportCron"}
    assert set(one.findings) == about != set()


def test_an_entry_without_a_cron_and_a_source_without_a_cron_are_listed() -> None:
    disabled = an_entry(
        "off", managed="off", metadata={"annotations": {"dataimportcrontemplate.kubevirt.io/enable": "no"}}
    )
    told = documents(an_hco(entries=[disabled], taken=[]), a_data_source("win11", cron=""))
    found = {one["name"]: one for one in told["bootSources"]}
    assert found["off"]["entry"]["state"] == "disabled"
    assert found["off"]["cron"] is None
    assert found["win11"]["dataSource"]["managedBy"] == "unmanaged"


def test_what_is_not_known_is_named_and_null() -> None:
    hidden = (TEMPLATES, VOLUME_SNAPSHOTS, STORAGE_CLASSES)
    told = documents(a_cron(), a_data_source(), states=dict.fromkeys(hidden, State.FORBIDDEN))
    one = only(told)
    assert told["unknown"] == sorted(map(str, hidden))
    assert one["consumers"]["templates"] is None
    assert one["consumers"]["virtualMachineTemplates"] == []
    assert one["cron"]["storageClass"] is None
    assert one["dataSource"]["image"] is None


def test_without_crons_there_are_still_sources() -> None:
    told = documents(a_data_source(), states={DATA_IMPORT_CRONS: State.PENDING})
    assert only(told)["dataSource"]["name"] == "fedora"
    assert "dataimportcrons" in told["unknown"]


def test_a_claim_counts_as_ready_when_it_is_bound() -> None:
    point = {"snapshot": None, "pvc": {"name": "fedora-0123456789ab"}}
    told = documents(a_data_source(spec={"source": point}), a_claim())
    assert only(told)["dataSource"]["image"]["ready"] is True


def test_credentials_in_a_url_are_not_told() -> None:
    source = {"registry": {"url": "docker://me:secret@registry.example/fedora"}}
    one = only(documents(a_cron(spec={"template": {"spec": {"source": source}}})))
    assert "secret" not in json.dumps(one)


def test_an_invalid_schedule_says_why() -> None:
    schedule = only(documents(a_cron(spec={"schedule": "nope"})))["cron"]["schedule"]
    assert schedule["state"] == "invalid"
    assert "5" in schedule["problem"]


def test_the_schema_can_be_published() -> None:
    told = schema()
    assert set(told["properties"]) == {"schema", "at", "unknown", "bootSources"}
