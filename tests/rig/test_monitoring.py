"""The servers of the Prometheus family start, talk to each other and end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.rig.monitoring import Alertmanager, Prometheus

RULES = """
groups:
  - name: test
    interval: 1s
    rules:
      - alert: Always
        expr: vector(7) > 0
"""


@pytest.mark.monitoring
def test_an_alert_of_prometheus_arrives_at_alertmanager(tmp_path: Path) -> None:
    with Alertmanager(tmp_path / "a", "route: {receiver: none}\nreceivers: [{name: none}]\n") as alertmanager:
        config = (
            "rule_files: [rules.yaml]\n"
            f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{alertmanager.port}']}}]}}]}}\n"
        )
        with Prometheus(tmp_path / "p", config, {"rules.yaml": RULES}) as prometheus:
            deadline = time.monotonic() + 60
            while not alertmanager.alerts() and time.monotonic() < deadline:
                time.sleep(0.1)
            assert [alert["labels"] for alert in alertmanager.alerts()] == [{"alertname": "Always"}]
            assert prometheus.query("vector(1) + 1") == [({}, 2.0)]
