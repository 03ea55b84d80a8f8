from __future__ import annotations

import pytest

from exporter.checks.storage.virtualization_class_not_used import virtualization_class_not_used
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import Manifest, a_cdi, a_cron, a_storage_class, merge, status

CHECK = virtualization_class_not_used
RBD = "openshift-storage.rbd.csi.ceph.com"
BOUNCE = {"mapOptions": "krbd:rxbounce", "mounter": "rbd"}


def rbd(name: str, virt: str = "", **changes: object) -> Manifest:
    return merge(a_storage_class(name, virt=virt), {"provisioner": RBD, **changes})


PLAIN = rbd("ceph-rbd", virt="true", parameters={"pool": "images"})
MADE = rbd("vms", parameters=BOUNCE)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([PLAIN, a_cron()], id="there is no other"),
        pytest.param([rbd("ceph-rbd"), rbd("vms", virt="true", parameters=BOUNCE), a_cron()], id="it is used"),
        pytest.param(
            [rbd("a-virtualization", virt="true"), MADE, a_cron()], id="by the name that Data Foundation gives"
        ),
        pytest.param([PLAIN, MADE], id="nothing goes there"),
        pytest.param([PLAIN, merge(MADE, {"provisioner": f"other.{RBD}"}), a_cron()], id="of another Ceph"),
        pytest.param([a_storage_class(virt="true"), MADE, a_cron()], id="another storage"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, a_cdi(), *world) == "pass"


@pytest.mark.parametrize("other", [MADE, rbd("ceph-rbd-virtualization")], ids=["by its option", "by its name"])
def test_boot_sources_on_the_plain_class_are_counted(other: Manifest) -> None:
    found = only_finding(CHECK, a_cdi(), PLAIN, other, a_cron())
    name = other["metadata"]["name"]
    assert summarize(found) == (
        "warning",
        "StorageClass ceph-rbd",
        "parameters.mapOptions",
        "not set",
        f"a class with krbd:rxbounce, such as {name}",
    )
    assert found.dependents["DataImportCron"] == 1


def test_a_class_that_an_entry_names_counts_as_well() -> None:
    cron = a_cron(spec={"template": {"spec": {"storage": {"storageClassName": "plain"}}}})
    assert (
        only_finding(CHECK, a_cdi(), rbd("plain"), rbd("vms", virt="true", parameters=BOUNCE), cron).object.name
        == "plain"
    )
