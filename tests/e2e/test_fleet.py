"""Federation as docs/fleet.md tells it: a real Prometheus collects from another one, which scrapes the exporter."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml

from tests.e2e.test_serve import running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.rig.monitoring import Prometheus

ROOT = Path(__file__).parent.parent.parent
ALERT = {"alert": "BootSourceTest", "expr": "max by (check) (bootsource_finding) > 0", "labels": {"severity": "info"}}
Found = dict[tuple[tuple[str, str], ...], float]


def documented(comment: str) -> dict[str, Any]:
    """The example in the documentation that begins with this comment."""
    text = (ROOT / "docs" / "fleet.md").read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (block,) = (block for block in blocks if block.startswith(f"# {comment}\n"))
    loaded: dict[str, Any] = yaml.safe_load(block)
    return loaded


def inside(targets: list[str]) -> str:
    """The configuration of the Prometheus in a cluster."""
    config = documented("in the cluster")
    config["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    scraped = {"job_name": "bootsource-exporter", "static_configs": [{"targets": targets}]}
    return yaml.safe_dump({**config, "scrape_configs": [scraped], "rule_files": ["rules.yaml"]})


def collecting(target: str) -> str:
    """The configuration of the one that collects."""
    config = documented("where it all comes together")
    config["global"] = {"scrape_interval": "1s"}
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
    return yaml.safe_dump(config)


def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        Event().wait(0.1)
    raise AssertionError("it never came true")


def found(prometheus: Prometheus, expression: str) -> Found:
    return {tuple(sorted(labels.items())): value for labels, value in prometheus.query(expression)}


@pytest.mark.monitoring
def test_a_fleet_sees_what_each_cluster_sees_with_its_name_and_two_replicas_as_one(
    real: Cluster, kubeconfig: Path, tmp_path: Path
) -> None:
    real.load(WORLD)
    words = ("serve", "--kubeconfig", str(kubeconfig))
    rules = {"rules.yaml": yaml.safe_dump({"groups": [{"name": "test", "rules": [ALERT]}]})}
    with running(*words) as one, running(*words) as other:
        for replica in (one, other):
            replica.ready()
        targets = [replica.url.removeprefix("http://") for replica in (one, other)]
        with (
            Prometheus(tmp_path / "inside", inside(targets), rules) as local,
            Prometheus(tmp_path / "hub", collecting(f"127.0.0.1:{local.port}")) as hub,
        ):
            names = "count by (__name__) ({__name__=~'bootsource_.+'})"
            until(lambda: len(local.query("up == 1")) == 2 and bool(found(local, "ALERTS{alertstate='firing'}")))
            until(lambda: found(hub, names) == found(local, names) != {})
            until(lambda: bool(found(hub, "ALERTS{alertname='BootSourceTest',cluster='prod'}")))
            findings = "max by (cluster, check, severity, kind, object_namespace, object) (bootsource_finding)"
            of_fleet, of_cluster = found(hub, findings), found(local, findings)
            assert of_fleet == {tuple(sorted((("cluster", "prod"), *key))): value for key, value in of_cluster.items()}
            assert len(of_fleet) == len(one.findings())
            instances = {labels["instance"] for labels, _ in hub.query("bootsource_verdict")}
            assert instances == set(targets)
