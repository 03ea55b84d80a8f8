"""Which StorageClass wins, by CDI's rule."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES
from exporter.cluster.snapshot import RestrictedView
from exporter.joins.defaults import Defaults, defaults
from exporter.kube.contract import Key
from tests.worlds import IMAGES, Manifest, a_cron, a_storage_class, ago, cluster


def known(*manifests: Manifest) -> Defaults:
    frozen = cluster(*manifests)
    return frozen.join(defaults)


def aged(name: str, days: float, **kinds: Any) -> Manifest:
    return a_storage_class(name, **kinds, metadata={"creationTimestamp": ago(days=days)})


def template(**spec: Any) -> Manifest:
    return {"spec": {"template": {"spec": spec}}}


@pytest.mark.parametrize(
    ("classes", "effective"),
    [
        pytest.param([], "", id="no class: nothing wins"),
        pytest.param([aged("a", 1)], "", id="a class without annotation does not win, not even alone"),
        pytest.param([aged("a", 1, default="true")], "a", id="the Kubernetes default wins alone"),
        pytest.param(
            [aged("a", 1, default="true"), aged("b", 9, virt="true")], "b", id="virt before Kubernetes, age aside"
        ),
        pytest.param([aged("a", 9, virt="true"), aged("b", 1, virt="true")], "b", id="of two the newest wins"),
        pytest.param(
            [aged("b", 1, virt="true"), aged("a", 1, virt="true")], "a", id="of the same age the first by name"
        ),
        pytest.param([aged("a", 1, virt="True")], "", id="True is not true"),
        pytest.param([aged("a", 1, default="yes")], "", id="yes is not true"),
        pytest.param([aged("a", 1, beta="true")], "", id="the beta key is ignored"),
        pytest.param(
            [a_storage_class("a", virt="true", metadata={"deletionTimestamp": ago(hours=1)})],
            "a",
            id="one that is being deleted still counts",
        ),
    ],
)
def test_the_winner(classes: list[Manifest], effective: str) -> None:
    assert known(*classes).effective == effective


@pytest.mark.parametrize(
    ("cron", "minor", "wanted"),
    [
        pytest.param({}, 65, "virt", id="no class named: the default rule"),
        pytest.param({}, None, "virt", id="unknown CDI counts as new"),
        pytest.param({}, 58, "virt", id="CDI 1.58 reads the virt annotation"),
        pytest.param({}, 57, "plain", id="CDI 1.57 does not"),
        pytest.param(template(storage={"storageClassName": "other"}), 65, "other", id="a named class is used"),
        pytest.param(template(storage=None, pvc={"storageClassName": "other"}), 65, "other", id="also in spec.pvc"),
        pytest.param(template(storage={"storageClassName": "gone"}), 65, "", id="a missing class has no fallback"),
        pytest.param(template(contentType="archive"), 65, "plain", id="archives ignore the virt default"),
    ],
)
def test_the_class_that_a_cron_wants(cron: Manifest, minor: int | None, wanted: str) -> None:
    frozen = cluster(
        a_cron("c", **cron), aged("virt", 1, virt="true"), aged("plain", 9, default="true"), aged("other", 9)
    )
    spec = frozen[DATA_IMPORT_CRONS].rows[Key(IMAGES, "c")].spec
    assert frozen.join(defaults).for_cdi(minor).resolve(spec) == wanted


def test_only_storage_classes_are_read() -> None:
    assert defaults.reads == {STORAGE_CLASSES}
    assert RestrictedView(cluster(), defaults.reads).join(defaults) == Defaults((), (), frozenset())
