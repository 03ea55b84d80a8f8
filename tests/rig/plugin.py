"""Fixtures for tests against the real API server. It is started once and shared; what a test makes it removes.

Tests that use them are marked `real`. The servers are built, if need be, before the first test and outside its time
limit.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.rig.build import SERVERS, BuildError, build
from tests.rig.cluster import Cluster
from tests.rig.servers import ApiServer, Etcd

PROGRAMS: Final = {
    "real": SERVERS,
    "monitoring": ("prometheus", "promtool", "promtool-old", "alertmanager", "amtool"),
    "manifests": ("helm", "kustomize", "kubeconform"),
}
"""What tests with these marks need."""
FORBIDDEN_TOKEN: Final = "nobody-token"
_NUMBERS: Final = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the servers."""
    for item in items:
        if "etcd" in getattr(item, "fixturenames", ()):
            item.add_marker("real")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Build the programs that selected tests need."""
    marked = {mark for mark in PROGRAMS if any(item.get_closest_marker(mark) for item in session.items)}
    if not marked or session.config.option.collectonly:
        return
    capture: Any = session.config.pluginmanager.getplugin("capturemanager")
    with ExitStack() as stack:
        if capture:
            stack.enter_context(capture.global_and_fixture_disabled())
        try:
            for name in (name for mark in sorted(marked) for name in PROGRAMS[mark]):
                build(name)
        except BuildError as error:
            raise pytest.UsageError(str(error)) from error


@pytest.fixture(scope="session")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """A real etcd."""
    with Etcd(tmp_path_factory.mktemp("etcd")) as running:
        yield running


@contextmanager
def provide_server(etcd: Etcd, directory: Path, *more: str, **arguments: Any) -> Iterator[ApiServer]:
    """An API server with all trimmed CRDs, and with those of these files."""
    with ApiServer(etcd, directory, tokens={FORBIDDEN_TOKEN: "nobody"}, **arguments) as running:
        with closing(Cluster(running)) as admin:
            admin.install_crds()
            if more:
                admin.install_crds(*more)
        yield running


@contextmanager
def administrator(server: ApiServer) -> Iterator[Cluster]:
    """Its administrator; what is made through it is removed at the end."""
    with closing(Cluster(server)) as admin:
        yield admin
        admin.clean()


@pytest.fixture(scope="session")
def api_server(etcd: Etcd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A real kube-apiserver with all trimmed CRDs, on that etcd."""
    with provide_server(etcd, tmp_path_factory.mktemp("apiserver")) as running:
        yield running


@pytest.fixture
def real(api_server: ApiServer) -> Iterator[Cluster]:
    """The administrator of the shared server; what is made through it is removed after the test."""
    with administrator(api_server) as admin:
        yield admin


@pytest.fixture
def namespace(real: Cluster) -> str:
    """A namespace that no other test uses."""
    return real.namespace(f"test-{next(_NUMBERS)}")


@pytest.fixture
def kubeconfig(real: Cluster, tmp_path: Path) -> Path:
    """A kubeconfig of the shared server's administrator."""
    return real.kubeconfig(tmp_path / "kubeconfig")


@pytest.fixture
def start_api_server(etcd: Etcd, tmp_path: Path) -> Iterator[Callable[..., ApiServer]]:
    """Start further API servers, each a cluster of its own, with the arguments of ApiServer; no CRDs are installed."""
    with ExitStack() as running:

        def start(**arguments: Any) -> ApiServer:
            number = next(_NUMBERS)
            arguments.setdefault("prefix", f"/registry-{number}")
            return running.enter_context(ApiServer(etcd, tmp_path / f"apiserver-{number}", **arguments))

        yield start
