from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.storage.storage_class_missing import storage_class_missing
from tests.checks.storage.assertions import entry_patch, fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cron, a_storage_class, an_entry, an_hco, status

CHECK = storage_class_missing


def naming(name: str, part: str = "storage") -> Manifest:
    claim = {"storageClassName": name, "resources": {"requests": {"storage": "30Gi"}}, "accessModes": ["ReadWriteOnce"]}
    spec: dict[str, Any] = {"storage": None, part: claim}
    return a_cron(spec={"template": {"spec": spec}})


def entry_of(cron: Manifest) -> Manifest:
    """A HyperConverged with the entry that the cron was made of."""
    return an_hco(entries=[{**an_entry(), "spec": cron["spec"]}])


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_cron()], id="no class named"),
        pytest.param([naming("fast"), a_storage_class()], id="the class exists"),
        pytest.param([naming("fast", "pvc"), a_storage_class()], id="named in spec.pvc, exists"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize("part", ["storage", "pvc"])
def test_a_missing_class_fails_even_beside_a_default(part: str) -> None:
    cron = naming("nvme", part)
    finding = only_finding(CHECK, cron, a_storage_class(virt="true"), entry_of(cron))
    assert finding.summary == "DataImportCron fedora-image-cron imports to StorageClass nvme, which does not exist"
    assert summarize(finding) == (
        "warning",
        "DataImportCron fedora-image-cron",
        f"spec.template.spec.{part}.storageClassName",
        "nvme",
        "one of: fast",
    )
    assert fix_command(finding) == entry_patch("remove", f"/spec/template/spec/{part}/storageClassName")


def test_without_a_default_class_nobody_knows_where_to_go() -> None:
    assert only_finding(CHECK, naming("nvme"), a_storage_class(), an_hco(entries=[an_entry()])).fix is None


def test_an_entry_that_names_no_class_any_more_is_left_alone() -> None:
    """The entry was edited, and SSP has not replaced the cron yet."""
    assert only_finding(CHECK, naming("nvme"), a_storage_class(virt="true"), an_hco(entries=[an_entry()])).fix is None


def test_a_cron_of_nobody_gets_no_command() -> None:
    cron = naming("nvme")
    cron["metadata"]["annotations"] = {}
    finding = only_finding(CHECK, cron)
    assert finding.fix is None
    assert finding.expected == "an existing StorageClass"


def test_a_class_that_cannot_be_decoded_is_not_missing() -> None:
    broken = a_storage_class() | {"provisioner": 7}
    assert status(CHECK, naming("fast"), broken) == "unknown"


@pytest.mark.parametrize("part", ["storage", "pvc"])
def test_an_empty_name_is_a_name_of_no_class(part: str) -> None:
    cron = naming("", part)
    finding = only_finding(CHECK, cron, a_storage_class(virt="true"), entry_of(cron))
    assert finding.summary == (
        "DataImportCron fedora-image-cron has an empty storageClassName: that names no class, and the default does not "
        "count"
    )
    assert (finding.field, finding.observed) == (f"spec.template.spec.{part}.storageClassName", '""')
    assert fix_command(finding) == entry_patch("remove", f"/spec/template/spec/{part}/storageClassName")
    assert finding.since is not None


def test_a_name_that_is_null_is_none() -> None:
    spec: dict[str, Any] = {"storage": {"storageClassName": None, "resources": {"requests": {"storage": "30Gi"}}}}
    cron = a_cron()
    cron["spec"]["template"]["spec"].update(spec)
    assert status(CHECK, cron) == "pass"
