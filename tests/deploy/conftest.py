"""Marks what needs Helm, Kustomize or kubeconform, so that they are built before the tests' time begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.cluster import Cluster
from tests.rig.plugin import administrator, provide_server
from tests.rig.servers import ApiServer, Etcd

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder render something."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("manifests")


@pytest.fixture(scope="session")
def site_server(etcd: Etcd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A cluster of its own, as what is installed has fixed names; with the CRDs of the operators of monitoring."""
    more = ("variant-monitoring.yaml", "variant-dashboards.yaml")
    with provide_server(etcd, tmp_path_factory.mktemp("site"), *more, prefix="/site") as running:
        yield running


@pytest.fixture
def site(site_server: ApiServer) -> Iterator[Cluster]:
    """Its administrator; what is made through it is removed after the test."""
    with administrator(site_server) as admin:
        admin.namespace("openshift-config-managed")
        yield admin
