"""A real Prometheus that holds the week, and goes on to scrape an exporter that watches the same cluster.

`python -m tests.dashboards.live` runs it until Ctrl-C, for somebody who works on the dashboards.
"""

from __future__ import annotations

import json
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exporter.base.clock import SystemClock
from exporter.demo.api import DemoApi
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.serving.access import OPEN
from exporter.serving.exporter import Exporter
from exporter.settings.options import SERVE
from exporter.settings.sources import settings_of
from exporter.settings.values import Address
from exporter.watch.cluster_watch import ClusterWatch
from tests.dashboards.week import ARGUMENTS, JOB, Week, backfill
from tests.rig.monitoring import Prometheus, fetch_json
from tests.rig.servers import free_port
from tools.generate.rules import rule_file

CONFIG = """
global: {{scrape_interval: 2s, evaluation_interval: 2s}}
rule_files: [rules.yaml]
scrape_configs:
  - job_name: {job}
    static_configs: [{{targets: ['{instance}']}}]
"""


@contextmanager
def run_prometheus(directory: Path) -> Iterator[Prometheus]:
    """That Prometheus, once it has scraped and evaluated the rules."""
    port = free_port()
    instance = f"127.0.0.1:{port}"
    week = Week(datetime.now(UTC), instance)
    rules = rule_file().replace("interval: 30s", "interval: 2s").replace("interval: 5m", "interval: 2s")
    prometheus = Prometheus(
        directory / "prometheus", CONFIG.format(job=JOB, instance=instance), {"rules.yaml": rules}, more=ARGUMENTS
    )
    backfill(week, directory / "week", prometheus.data)
    clock = SystemClock()
    with (
        DemoApi(week.objects) as api,
        ClusterWatch("", Client(Connection(api.url)), clock) as cluster,
        Exporter([cluster], settings_of(SERVE, {}, {}), clock, OPEN.open(Address("127.0.0.1", port))),
        prometheus,
    ):
        until(lambda: bool(prometheus.query("dataimportcron:bootsource_freshness_budget:remaining")))
        until(lambda: bool(prometheus.query("rate(bootsource_exporter_watch_starts_total[10s])")))
        yield prometheus


def until(so: Callable[[], object], seconds: float = 120) -> None:
    """Wait for what is to come true; an AssertionError if it does not in that time."""
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def query_range(prometheus: Prometheus, expr: str, span: float, step: float) -> list[dict[str, Any]]:
    """The series that a graph of the last `span` seconds shows."""
    now = time.time()
    asked = urllib.parse.urlencode({"query": expr, "start": now - span, "end": now, "step": step})
    answer = fetch_json(f"{prometheus.url}/api/v1/query_range?{asked}")
    assert answer["status"] == "success"
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, run_prometheus(Path(folder)) as running:
        print(json.dumps({"prometheus": running.url}), flush=True)
        while True:
            time.sleep(3600)
