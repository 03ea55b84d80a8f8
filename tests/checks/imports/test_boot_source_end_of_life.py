from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from exporter.checks.imports.boot_source_end_of_life import boot_source_end_of_life
from exporter.joins.lifecycle import IMAGE_POLICY, SHIPPED, ImagePolicy
from exporter.joins.operating_systems import parse_system
from exporter.report import Finding
from tests.checks.storage.assertions import summarize
from tests.worlds import IMAGES, NOW, Manifest, a_claim, a_cron, a_data_source, a_snapshot, findings, status

CHECK = boot_source_end_of_life
PREFERENCE = "instancetype.kubevirt.io/default-preference"


def labelled(name: str, labels: dict[str, str]) -> Manifest:
    return a_data_source(name, metadata={"labels": labels})


def holding(preference: str) -> list[Manifest]:
    return [a_cron(), labelled("fedora", {PREFERENCE: preference}), a_snapshot()]


def from_url(url: str, *, name: str = "gold") -> list[Manifest]:
    """A boot source without labels whose image has this URL."""
    source: Manifest = {"spec": {"template": {"spec": {"source": {"registry": {"url": url}}}}}}
    return [a_cron(managed=name, **source), a_data_source(name), a_snapshot(f"{name}-0123456789ab")]


def found(
    world: list[Manifest], policy: ImagePolicy = IMAGE_POLICY.default, now: datetime = NOW
) -> tuple[Finding, ...]:
    return findings(CHECK, *world, supplied={IMAGE_POLICY: policy}, now=now)


def test_a_release_whose_maintenance_has_ended() -> None:
    (finding,) = found(holding("fedora.40"))
    assert (
        finding.summary == f"DataSource {IMAGES}/fedora holds Fedora 40, which has not been maintained since 2025-05-13"
    )
    assert summarize(finding) == (
        "info",
        "DataSource fedora",
        "spec.source",
        "Fedora 40 (by a label)",
        "a release that is maintained (by the exporter's table of 2025-08)",
    )
    assert finding.since == datetime(2025, 5, 14, tzinfo=UTC)
    assert [fix.kind for fix in finding.fixes] == ["safe", "none"]


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(holding("rhel.9"), id="maintained"),
        pytest.param(holding("fedora"), id="a release that nothing tells"),
        pytest.param(holding("fedora.999"), id="a release that is not in the table"),
        pytest.param(holding("rhel.7.virtio")[:2], id="no image yet"),
        pytest.param(holding("corp-linux.3"), id="a system that nobody knows"),
        pytest.param(from_url("docker://centos7.example.com/gold:latest"), id="the host is no part of the name"),
        pytest.param(from_url("docker://quay.io/os/fedora:latest"), id="a tag without a release"),
        pytest.param(
            [
                a_cron(),
                labelled("fedora", {PREFERENCE: "fedora"}),
                a_snapshot(metadata={"labels": {PREFERENCE: "centos.7"}}),
            ],
            id="labels that contradict each other",
        ),
    ],
)
def test_what_is_maintained_or_not_known_is_no_finding(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


@pytest.mark.parametrize(
    ("world", "observed"),
    [
        pytest.param(from_url("docker://quay.io/containerdisks/fedora:40"), "Fedora 40 (by its name)", id="tag"),
        pytest.param(from_url("docker://r.example/ubuntu:20.04@sha256:12"), "Ubuntu 20.04 (by its name)", id="pinned"),
        pytest.param(
            from_url("docker://registry.redhat.io/rhel7/rhel-guest-image:latest"),
            "Red Hat Enterprise Linux 7 (by its name)",
            id="path",
        ),
        pytest.param(
            from_url("docker://r.example/gold:1", name="centos7"), "CentOS Linux 7 (by its name)", id="DataSource"
        ),
        pytest.param(holding("windows.2k12r2.virtio"), "Windows Server 2012 (by a label)", id="preference"),
        pytest.param(
            [a_cron(), labelled("fedora", {"os.template.kubevirt.io/rhel7.9": "true"}), a_snapshot()],
            "Red Hat Enterprise Linux 7.9 (by a label)",
            id="label of templates, minor release",
        ),
        pytest.param(
            [
                a_data_source("win", cron=""),
                a_snapshot("win-0123456789ab", metadata={"labels": {PREFERENCE: "windows.10"}}),
            ],
            "Windows 10 (by a label)",
            id="label of the image",
        ),
        pytest.param(
            [
                labelled("debian", {PREFERENCE: "debian"}),
                a_snapshot("debian-0123456789ab", metadata={"labels": {PREFERENCE: "debian.10"}}),
            ],
            "Debian 10 (by a label)",
            id="a label without a release, and one with it",
        ),
    ],
)
def test_where_the_system_is_known_from(world: list[Manifest], observed: str) -> None:
    assert [finding.observed for finding in found(world)] == [observed]


def test_the_last_day_is_maintained() -> None:
    assert not found(holding("fedora.40"), now=datetime(2025, 5, 13, 23, 59, tzinfo=UTC))
    assert found(holding("fedora.40"), now=datetime(2025, 5, 14, 0, 1, tzinfo=UTC))


def test_configured_dates_replace_those_of_the_table() -> None:
    def with_dates(**ends: date | None) -> ImagePolicy:
        return ImagePolicy(end_of_life={key.replace("_", " "): day for key, day in ends.items()})

    assert not found(holding("fedora.40"), with_dates(Fedora_40=date(2030, 1, 1)))
    assert not found(holding("fedora.40"), with_dates(Fedora_40=None))
    (finding,) = found(holding("alpine.3"), with_dates(Alpine_Linux_3=date(2026, 1, 1)))
    assert finding.expected == "a release that is maintained (by the configuration file)"


def test_a_pointer_is_not_told_again() -> None:
    there = {"snapshot": {"name": "fedora-0123456789ab", "namespace": IMAGES}}
    changes: dict[str, Any] = {
        "metadata": {"labels": {PREFERENCE: "fedora.40"}},
        "spec": {"source": {"snapshot": None, "dataSource": {"name": "fedora"}}},
        "status": {"source": there},
    }
    pointer = a_data_source("any", cron="", **changes)
    assert [finding.object.name for finding in found([*holding("fedora.40"), pointer])] == ["fedora"]


def test_an_uploaded_image_is_judged_too() -> None:
    claim = {"snapshot": None, "pvc": {"name": "gold", "namespace": IMAGES}}
    source = a_data_source("gold", cron="", metadata={"labels": {PREFERENCE: "centos.7"}}, spec={"source": claim})
    assert found([source, a_claim("gold", cron="")])


def test_releases_of_the_table_are_spelt_as_they_are_found() -> None:
    assert [str(parse_system(release)) for release in SHIPPED] == list(SHIPPED)
