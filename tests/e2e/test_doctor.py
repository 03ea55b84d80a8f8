"""The doctor on a real chain: API server, exporter, Prometheus with our rules, Alertmanager."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.cluster.permissions import permission_for
from exporter.cluster.resources import STORAGE_CLASSES, WATCHED
from tests.e2e.test_serve import PROGRAM, Running, running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.rig.monitoring import Alertmanager, Prometheus

RULES = Path(__file__).parents[2] / "rules" / "bootsource.rules.yaml"
ACCOUNT = "system:serviceaccount:ops:bootsource-exporter"
HEARD = """
route: {receiver: chat}
receivers:
- {name: chat, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}
"""
UNHEARD = "route: {receiver: Default}\nreceivers: [{name: Default}]\n"


@dataclass
class Chain:
    """What there is to look at."""

    kubeconfig: Path
    exporter: Running
    prometheus: Prometheus
    alertmanager: Alertmanager

    def doctor(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command, as an administrator runs it."""
        command = [*PROGRAM, "doctor", "--kubeconfig", str(self.kubeconfig), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def lines(self, *words: str) -> list[dict[str, Any]]:
        """What it says, of all links."""
        links = ("--prometheus", self.prometheus.url, "--alertmanager", self.alertmanager.url)
        said: list[dict[str, Any]] = json.loads(self.doctor("--output", "json", *links, *words).stdout)["lines"]
        return said


@pytest.fixture
def chain(real: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Chain]:
    """All of it, on a small healthy cluster; the account lacks the permissions that the test names."""
    lacking = getattr(request, "param", ())
    real.load(WORLD)
    token = real.token("ops", "bootsource-exporter")
    real.grant(ACCOUNT, *(permission_for(r).rule() for r in WATCHED if r not in lacking))
    kubeconfig = real.kubeconfig(tmp_path / "kubeconfig", token)
    with (
        running("serve", "--kubeconfig", str(kubeconfig)) as exporter,
        Alertmanager(tmp_path / "alertmanager", HEARD) as alertmanager,
    ):
        exporter.ready()
        targets = f"static_configs: [{{targets: ['127.0.0.1:{alertmanager.port}']}}]"
        scrape = (
            f"job_name: bootsource-exporter, static_configs: [{{targets: ['{exporter.url.removeprefix('http://')}']}}]"
        )
        config = f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{RULES}]
alerting: {{alertmanagers: [{{{targets}}}]}}
scrape_configs: [{{{scrape}}}]
"""
        with Prometheus(tmp_path / "prometheus", config) as prometheus:
            exporter.until(lambda: bool(prometheus.query("bootsource_verdict")))
            yield Chain(kubeconfig, exporter, prometheus, alertmanager)
    real.empty(WORLD)


def test_a_chain_that_holds(chain: Chain) -> None:
    said = chain.lines()
    assert [(line["subject"], line["said"]) for line in said if line["status"] != "ok"] == []
    run = chain.doctor("--prometheus", chain.prometheus.url, "--alertmanager", chain.alertmanager.url)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("The chain holds")
    assert "storageclasses             served as v1, 1 kept" in run.stdout


@pytest.mark.parametrize("chain", [(STORAGE_CLASSES,)], indirect=True)
def test_a_permission_that_is_missing_is_named_and_the_yaml_gives_it(chain: Chain, real: Cluster) -> None:
    here, there = (line for line in chain.lines() if line["subject"] == "storageclasses")
    assert here["said"] == f"{ACCOUNT} may not get, list, watch storageclasses of storage.k8s.io"
    assert (here["link"], there["link"]) == ("cluster", "exporter")
    run = chain.doctor()
    assert run.returncode == 1
    assert run.stdout.startswith("The chain is broken at cluster storageclasses")
    for manifest in yaml.safe_load_all(here["manifest"]):
        real.apply(manifest)
    chain.exporter.until(lambda: real.may(ACCOUNT, "watch", "storage.k8s.io", "storageclasses"))
    assert [line["said"] for line in chain.lines() if line["link"] == "cluster" and line["status"] != "ok"] == []


def test_an_alertmanager_that_tells_nobody(chain: Chain, tmp_path: Path) -> None:
    with Alertmanager(tmp_path / "deaf", UNHEARD) as deaf:
        run = chain.doctor("--alertmanager", deaf.url)
    assert run.returncode == 1
    assert "would reach nobody: receiver Default sends" in run.stdout


def test_an_exporter_that_is_gone(chain: Chain) -> None:
    chain.exporter.process.kill()
    chain.exporter.process.wait()

    deadline = time.monotonic() + 60
    while chain.prometheus.query("up == 0") == []:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    said = [line["said"] for line in chain.lines() if line["subject"] == "targets" and line["status"] == "problem"]
    assert "is down" in said[0]


def test_a_cluster_that_cannot_be_reached(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    context = {"name": "a", "context": {"cluster": "a", "user": "a"}}
    server = {"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}
    user = {"name": "a", "user": {"token": "t"}}
    kubeconfig.write_text(
        json.dumps({"current-context": "a", "contexts": [context], "clusters": [server], "users": [user]})
    )
    run = subprocess.run(
        [*PROGRAM, "doctor", "--kubeconfig", str(kubeconfig), "--timeout", "3s"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 3
    assert run.stdout.startswith("Nothing is known to be broken, but")
    assert f"none of {len(WATCHED)} resources can be read" in run.stdout
    assert run.stdout.count("connection") == 2, "once for the permissions, once for all resources"
    assert "Traceback" not in run.stdout + run.stderr


def test_wrong_usage(tmp_path: Path) -> None:
    command = [*PROGRAM, "doctor", "--prometheus", "https://me:secret@prometheus.example"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert "holds credentials" in run.stderr


def test_a_format_that_it_does_not_print() -> None:
    command = [*PROGRAM, "doctor", "--output", "junit"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert "--output: 'junit' is not one of table, json" in run.stderr
