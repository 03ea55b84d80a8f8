"""The image as a cluster runs it: the very command, a service account's token, the real API server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.container.conftest import ROOT, Image
from tests.container.pod import SECRETS, account, anybody, cluster_environment, start_pod
from tests.e2e.test_secured import bind
from tests.e2e.test_serve import Running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.rig.servers import free_port

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
ROLE = ROOT / "deploy" / "kustomize" / "base" / "clusterrole.yaml"


@pytest.fixture
def user() -> int:
    return anybody()


@pytest.fixture
def secrets(real: Cluster, namespace: str, tmp_path: Path) -> Path:
    """What the kubelet mounts of a service account that has the shipped role."""
    real.load(WORLD)
    role = real.apply(yaml.safe_load(ROLE.read_text()))["metadata"]["name"]
    return account(real, bind(real, role, namespace, "bootsource-exporter"), namespace, tmp_path / "serviceaccount")


@pytest.fixture
def environment(real: Cluster) -> dict[str, str]:
    return cluster_environment(real)


@pytest.fixture
def tree(image: Image) -> Iterator[Path]:
    """The container without any tool; after the test it must be as it was."""
    before = files(image.bare)
    yield image.bare
    assert files(image.bare) == before


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if not path.is_dir()}


def test_it_serves_as_anybody_with_nothing_to_write_to_and_ends_when_asked(
    image: Image, tree: Path, secrets: Path, environment: dict[str, str], user: int
) -> None:
    port = free_port()
    environment["BOOTSOURCE_LISTEN"] = f"127.0.0.1:{port}"
    with start_pod(image.configuration, tree, {SECRETS: secrets}, user, environment) as pod:
        exporter = Running(pod.outer, port)
        exporter.ready()
        assert exporter.get("/healthz") == (200, b"ok\n")
        assert exporter.samples("bootsource_dataimportcron_up_to_date") == {
            ("openshift-virtualization-os-images", "fedora-image-cron"): 1.0
        }
        assert {state for _, state in exporter.samples("bootsource_resource_state")} >= {"live"}
        status = pod.status()
        assert (set(status["Uid"].split()), set(status["Gid"].split())) == ({str(user)}, {"0"})
        assert (status["CapEff"], status["NoNewPrivs"], status["NSpid"].split()[-1]) == ("0" * 16, "1", "1")
        exporter.close()
        pod.terminate()
        said, logged = pod.outer.communicate(timeout=10)
    assert pod.outer.returncode == 0, logged
    assert "Traceback" not in said + logged
    assert not (tree / "tmp").exists()
    assert not (tree / "usr/bin/sh").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--help",), 0, "doctor"),
        (("explain", "polling-frozen"), 0, "polling-frozen"),
        (("audit", "--timeout", "60s", "--output", "json"), 1, '"schema": "bootsource.report/v1"'),
        (("demo", "--nonsense"), 2, "nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_other_commands_work_in_it_too(
    image: Image,
    tree: Path,
    secrets: Path,
    environment: dict[str, str],
    user: int,
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    with start_pod(image.configuration, tree, {SECRETS: secrets}, user, environment, arguments) as pod:
        printed, complained = pod.outer.communicate(timeout=120)
    assert pod.outer.returncode == code, complained
    assert said in printed + complained
    assert "Traceback" not in complained
