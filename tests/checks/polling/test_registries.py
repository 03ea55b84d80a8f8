"""One cause for all boot sources of a registry, or for none where one of them has contact."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.polling.registry_without_contact import registry_without_contact as check
from exporter.checks.shared.registries import host_of
from tests.worlds import Manifest, a_cron, condition, findings

DENIED = "unauthorized: authentication required"


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("docker://quay.io/containerdisks/fedora:latest", "quay.io"),
        ("docker://registry.example:5000/a/b", "registry.example:5000"),
        ("registry.redhat.io/rhel9/rhel-guest-image", "registry.redhat.io"),
        ("docker://localhost/x", "localhost"),
        ("docker://library/fedora", "docker.io"),
        ("docker://fedora", "docker.io"),
        ("oci-archive:///var/image.tar", ""),
        ("docker://", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_image(image: str, host: str) -> None:
    assert host_of(image) == host


def never_polled(name: str, host: str = "quay.io") -> Manifest:
    source = {"registry": {"url": f"docker://{host}/{name}"}}
    told = [condition("UpToDate", "False", "NoDigest", "No source digest", days=2)]
    status = {"conditions": told, "currentImports": None, "lastExecutionTimestamp": None}
    return a_cron(name, managed=name, spec={"template": {"spec": {"source": source}}}, status=status)


def found(*world: Manifest) -> list[tuple[str, str, bool]]:
    return [(f.object.kind, f.object.name, f.root) for f in findings(check, *world)]


def test_several_of_a_host_without_contact_are_one_finding() -> None:
    world = [never_polled("a"), never_polled("b"), a_cron("ok", managed="ok", **elsewhere())]
    assert found(*world) == [("Registry", "quay.io", True)]


def elsewhere() -> dict[str, Any]:
    source = {"registry": {"url": "docker://registry.corp.example/x"}}
    return {"spec": {"template": {"spec": {"source": source}}}}


def test_one_with_contact_proves_that_the_registry_answers() -> None:
    assert found(never_polled("a"), never_polled("b"), a_cron()) == []


def test_a_single_one_is_no_proof_of_anything() -> None:
    assert found(never_polled("a"), a_cron("ok", managed="ok", **elsewhere())) == []


def test_several_registries_and_none_with_contact_are_one_root() -> None:
    world = [never_polled("a"), never_polled("b"), never_polled("c", "registry.corp.example")]
    assert found(*world) == [("Cluster", "", True), ("Registry", "quay.io", False)]


def test_what_they_come_from_by_name_alone_counts_as_one_registry_each() -> None:
    assert found(never_polled("a", "one.example"), never_polled("b", "two.example")) == [("Cluster", "", True)]
