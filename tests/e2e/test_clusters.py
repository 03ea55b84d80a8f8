"""Several clusters in one process, and several processes on one cluster, as users run them, on real API servers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from exporter.metrics.families import FAMILIES
from tests.e2e.test_serve import PROGRAM, Running, running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.rig.servers import ADMIN_TOKEN, ApiServer, free_port
from tests.worlds import a_cron

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]
SILENT = a_cron("silent-image-cron", managed="silent", spec={"schedule": "0 0 31 2 *"}, status=None)
FIRST_SEEN = ("bootsource_finding_since_timestamp_seconds",)
"""What may differ between replicas: findings whose objects tell no date are as old as the replica's first look."""


@pytest.fixture
def other(start_api_server: Callable[..., ApiServer]) -> Iterator[Cluster]:
    """A second cluster with a problem of its own."""
    admin = Cluster(start_api_server())
    admin.install_crds()
    admin.load((*WORLD, a_cron("odd-image-cron", managed="odd", spec={"schedule": "nonsense"})))
    yield admin
    admin.close()


def contexts(path: Path, servers: Mapping[str, tuple[str, Path | None]]) -> Path:
    """A kubeconfig with a context per cluster."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "users": [{"name": "admin", "user": {"token": ADMIN_TOKEN}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "admin"}} for name in servers],
        "clusters": [
            {"name": name, "cluster": {"server": url, **({"certificate-authority": str(ca)} if ca else {})}}
            for name, (url, ca) in servers.items()
        ],
    }
    path.write_text(yaml.safe_dump(config))
    return path


def series(exporter: Running) -> Series:
    """All series about clusters; those of the exporter about itself are its own."""
    text = exporter.get("/metrics")[1].decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name in {f.name for f in FAMILIES}
    }


def test_several_clusters_are_watched_at_once_and_one_that_is_not_there_costs_the_others_nothing(
    real: Cluster, other: Cluster, tmp_path: Path
) -> None:
    real.load(WORLD)
    gone = f"https://127.0.0.1:{free_port()}"
    servers = {"prod": (real.url, real.ca), "lab": (other.url, other.ca), "gone": (gone, None)}
    config = contexts(tmp_path / "kubeconfig", servers)
    words = ("--context", "prod", "--context", "lab", "--context", "gone")
    with running("serve", "--kubeconfig", str(config), *words) as exporter:
        exporter.until(lambda: verdicts(exporter) == {"prod": "fail", "lab": "fail", "gone": "unknown"})
        exporter.ready()
        real.apply(SILENT)
        exporter.until(lambda: "schedule-never-fires" in checks(exporter, "prod") - checks(exporter, "lab"))
        assert "invalid-schedule" in checks(exporter, "lab") - checks(exporter, "prod")
        assert checks(exporter, "gone") == set()
        told = series(exporter)
        crons = {dict(labels)["cluster"] for name, labels in told if name == "bootsource_dataimportcron_up_to_date"}
        assert crons == {"prod", "lab"}
        assert all("cluster" in dict(labels) for _, labels in told)
        page = exporter.get("/")[1].decode()
        assert all(f"/?cluster={name}" in page for name in servers)
        assert exporter.get("/healthz")[0] == 200


def verdicts(exporter: Running) -> dict[str, str]:
    return {each["name"]: each["verdict"] for each in json.loads(exporter.get("/api/v1/clusters")[1])["clusters"]}


def checks(exporter: Running, cluster: str = "") -> set[str]:
    report = json.loads(exporter.get(f"/api/v1/findings?cluster={cluster}")[1])
    return {finding["check"] for finding in report["findings"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("serve", "--context", "prod", "--context", "prdo"), "contexts are prod"),
        (("serve", "--context", "prod,prod"), "names prod more than once"),
        (("audit", "--context", "prod", "--context", "lab"), "audit looks at one cluster"),
    ],
)
def test_a_context_that_makes_no_sense_is_one_clear_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    config = contexts(tmp_path / "kubeconfig", {"prod": ("https://127.0.0.1:1", None)})
    command = [*PROGRAM, *words, "--kubeconfig", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_replicas_say_the_same_however_long_they_have_been_looking(real: Cluster, kubeconfig: Path) -> None:
    real.load(WORLD)
    words = ("serve", "--kubeconfig", str(kubeconfig))
    with running(*words) as one, running(*words) as other:
        for replica in (one, other):
            replica.ready()
        real.apply(SILENT)
        one.until(lambda: lasting(one) == lasting(other) and "schedule-never-fires" in checks(one))
        with running(*words) as late:
            late.ready()
            one.until(lambda: lasting(one) == lasting(other) == lasting(late))
            marks = [{finding["fingerprint"] for finding in replica.findings()} for replica in (one, other, late)]
    assert marks[0] == marks[1] == marks[2] != set()


def lasting(exporter: Running) -> Series:
    """What must be the same in all replicas."""
    return {key: value for key, value in series(exporter).items() if key[0] not in FIRST_SEEN}
