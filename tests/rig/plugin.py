"""Fixtures for tests against the real API server. It is started once and shared; what a test makes it removes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.cluster import Cluster
from tests.rig.servers import ApiServer, Etcd

FORBIDDEN_TOKEN = "nobody-token"


@pytest.fixture(scope="session")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """A real etcd."""
    with Etcd(tmp_path_factory.mktemp("etcd")) as running:
        yield running


@pytest.fixture(scope="session")
def api_server(etcd: Etcd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A real kube-apiserver with all trimmed CRDs, on that etcd."""
    tokens = {FORBIDDEN_TOKEN: "nobody"}
    with ApiServer(etcd, tmp_path_factory.mktemp("apiserver"), tokens=tokens) as running:
        admin = Cluster(running)
        admin.install_crds()
        admin.close()
        yield running


@pytest.fixture
def real(api_server: ApiServer) -> Iterator[Cluster]:
    """The administrator of the shared server."""
    admin = Cluster(api_server)
    yield admin
    admin.close()


@pytest.fixture
def kubeconfig(real: Cluster, tmp_path: Path) -> Path:
    """A kubeconfig of the shared server's administrator."""
    return real.kubeconfig(tmp_path / "kubeconfig")
