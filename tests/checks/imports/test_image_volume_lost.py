from __future__ import annotations

import pytest

from exporter.checks.imports.image_volume_lost import image_volume_lost
from tests.checks.imports.manifests import VOLUME
from tests.checks.storage.assertions import advice_of, costs_of, only_finding, summarize
from tests.worlds import IMAGES, Manifest, a_claim, a_cron, a_data_source, status

CHECK = image_volume_lost
LOST: Manifest = {"phase": "Lost"}


def using(name: str) -> Manifest:
    return a_data_source(spec={"source": {"snapshot": None, "pvc": {"name": name, "namespace": IMAGES}}})


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_claim(), using(VOLUME)], id="bound"),
        pytest.param([a_claim(status={"phase": "Pending"}), using(VOLUME)], id="pending is not lost"),
        pytest.param([a_claim("data", cron="", status=LOST)], id="not an image"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_the_image_of_a_data_source_is_critical_without_any_data_volume() -> None:
    finding = only_finding(CHECK, a_claim(status=LOST), using(VOLUME), a_cron())
    assert finding.summary == (
        f"The volume behind image {VOLUME} of cron fedora-image-cron is lost; DataSource fedora stands for it"
    )
    assert summarize(finding) == (
        "critical",
        f"PersistentVolumeClaim {VOLUME}",
        "status.phase",
        f"Lost, PersistentVolume pv-{VOLUME} is gone",
        "Bound",
    )
    ((command, cost),) = costs_of(finding)
    assert command == f"kubectl delete datavolume,persistentvolumeclaim {VOLUME} -n {IMAGES} --ignore-not-found"
    assert "whose data is gone already; the image is imported again (30 GiB)" in cost


def test_without_a_data_import_cron_nothing_would_import_it_again() -> None:
    finding = only_finding(CHECK, a_claim(status=LOST), using(VOLUME))
    assert finding.fix is None
    assert "copy or upload the image" in advice_of(finding)


def test_an_older_image_that_nobody_uses_is_a_warning() -> None:
    finding = only_finding(CHECK, a_claim("fedora-old", status=LOST), using(VOLUME))
    assert (finding.severity.value, "no DataSource stands for it" in finding.summary) == ("warning", True)


def test_an_uploaded_image_is_not_deleted_since_nobody_would_import_it_again() -> None:
    finding = only_finding(CHECK, a_claim("win11", cron="", status=LOST, spec={"volumeName": ""}), using("win11"))
    assert (finding.severity.value, finding.observed, finding.fix) == ("critical", "Lost", None)
