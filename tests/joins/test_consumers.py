"""Which image each volume came from, and what is kept of a cluster to tell it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.cluster.resources import DATA_VOLUMES, VIRTUAL_MACHINES
from exporter.joins.consumers import Generation, volumes_by_generation
from exporter.kube.contract import Key
from exporter.watch.namespaces import boot_source_namespaces
from tests.checks.datasources.sources import a_source, claim
from tests.checks.references.consumers import (
    a_clone,
    a_mounting_machine,
    a_template_that_clones,
    image,
    owned_by,
    source_ref,
)
from tests.worlds import IMAGES, NOW, Manifest, a_claim, a_data_source, ago, cluster, merge

FEDORA = Key(IMAGES, "fedora")


def done(source: Manifest, name: str = "disk") -> Manifest:
    """A finished DataVolume of a machine."""
    return a_clone(name, source, phase="Succeeded", **owned_by("web-1"))


@pytest.mark.parametrize(
    ("source", "generation"),
    [
        pytest.param(image("fedora-0123456789ab"), Generation.CURRENT, id="the claim of the current snapshot"),
        pytest.param(
            {"source": {"snapshot": {"name": "fedora-0123456789ab", "namespace": IMAGES}}},
            Generation.CURRENT,
            id="the current snapshot",
        ),
        pytest.param(image("fedora-aaaaaaaaaaaa"), Generation.KEPT, id="an older one that exists"),
        pytest.param(image("fedora-ffffffffffff"), Generation.GONE, id="an older one that is gone"),
        pytest.param({"sourceRef": source_ref("fedora", IMAGES)}, Generation.UNKNOWN, id="only a sourceRef"),
    ],
)
def test_the_image_that_a_volume_came_from(source: Manifest, generation: Generation) -> None:
    frozen = cluster(a_data_source(), a_claim("fedora-aaaaaaaaaaaa"), done(source), done(source, "other"))
    assert frozen.join(volumes_by_generation) == {(FEDORA, generation): 2}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(image("web-0-disk", "shop"), id="another disk"),
        pytest.param(image("fedora-ffffffffffff", "shop"), id="a namesake elsewhere"),
        pytest.param({"source": {"blank": {}}}, id="not a clone"),
        pytest.param({"source": None}, id="no source"),
    ],
)
def test_what_came_from_no_datasource_is_not_counted(source: Manifest) -> None:
    assert cluster(a_data_source(), done(source)).join(volumes_by_generation) == {}


def test_an_uploaded_image_belongs_to_the_datasource_that_points_at_it() -> None:
    frozen = cluster(a_source("win11", claim("windows-2024")), done(image("windows-2024")))
    assert frozen.join(volumes_by_generation) == {(Key(IMAGES, "win11"), Generation.CURRENT): 1}


def test_finished_volumes_of_one_image_share_a_row() -> None:
    rows = cluster(done(image("fedora-0123456789ab")), done(image("fedora-0123456789ab"), "b"))[DATA_VOLUMES].rows
    assert len(rows) == 2
    assert len({id(row) for row in rows.values()}) == 1


def test_finished_volumes_are_dated_to_within_four_weeks() -> None:
    sources = {"a": 100, "b": 70, "c": 3}
    rows = cluster(
        *(
            merge(done(image("fedora-0123456789ab"), name), {"metadata": {"creationTimestamp": ago(days=days)}})
            for name, days in sources.items()
        )
    )[DATA_VOLUMES].rows
    for key, row in rows.items():
        made = NOW - timedelta(days=sources[key.name])
        assert row.made_before is not None
        assert made < row.made_before <= made + timedelta(days=28)


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_a_finished_volume_of_an_impossible_date_is_read(instant: str) -> None:
    odd = merge(done(image("fedora-0123456789ab")), {"metadata": {"creationTimestamp": instant}})
    (row,) = cluster(odd)[DATA_VOLUMES].rows.values()
    assert row.made_before is not None
    assert row.phase == "Succeeded"


@pytest.mark.parametrize(
    ("machine", "kept"),
    [
        pytest.param(a_mounting_machine(volume={"dataVolume": {"name": "x"}}), ("x",), id="it waits"),
        pytest.param(a_mounting_machine(volume={"emptyDisk": {}}), None, id="it mounts no claim"),
        pytest.param(
            a_mounting_machine(volume={"dataVolume": {"name": "x"}}, printableStatus="Stopped"), None, id="stopped"
        ),
        pytest.param(
            a_mounting_machine(volume={"dataVolume": {"name": "x"}}, created=True, printableStatus="Running"),
            None,
            id="it runs on its own disk",
        ),
        pytest.param(
            a_mounting_machine(
                volume={"persistentVolumeClaim": {"claimName": "x-0123456789ab"}},
                created=True,
                printableStatus="Running",
            ),
            ("x-0123456789ab",),
            id="it runs on an image",
        ),
    ],
)
def test_a_machine_is_kept_only_for_what_it_waits_for_or_may_hold(
    machine: Manifest, kept: tuple[str, ...] | None
) -> None:
    row = cluster(machine)[VIRTUAL_MACHINES].rows.get(Key("shop", "web-3"))
    assert (row.mounts if row else None) == kept


def test_where_templates_clone_from_is_looked_at_too() -> None:
    watched = boot_source_namespaces(cluster(a_data_source(), a_template_that_clones("gold", "vault")))
    assert watched == frozenset({IMAGES, "vault"})


def test_templates_never_make_all_namespaces_be_watched() -> None:
    many = [
        {**a_template_that_clones("gold", f"vault-{i:02d}"), "metadata": {"name": f"t-{i}", "namespace": "shop"}}
        for i in range(40)
    ]
    watched = boot_source_namespaces(cluster(a_data_source(), *many))
    assert watched is not None
    assert len(watched) == 16
    assert {IMAGES, "vault-00"} <= watched
