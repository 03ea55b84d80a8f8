"""Exporters that tests write the metrics of, and a pager that keeps books."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from exporter.checks import CHECKS
from tests.e2e.receivers import Hooks

BY_ID = {check.id: check for check in CHECKS}
Root = tuple[str, str, str, str, str, int]
"""Check, severity, kind, namespace and name of a root cause, and how many objects it affects."""


def metrics(roots: list[Root]) -> str:
    """What an exporter that has found these exposes. Its checks are evaluated now; the problems are three hours old."""
    now = time.time()
    lines = [
        'bootsource_exporter_build_info{version="1"} 1',
        f"bootsource_exporter_last_evaluation_timestamp_seconds {now}",
    ]
    for check in CHECKS:
        title, effect = (text.replace('"', '\\"') for text in (check.summary, check.impact))
        status = "fail" if check.id in {root[0] for root in roots} else "pass"
        lines += [
            f'bootsource_check_info{{check="{check.id}",title="{title}",area="{check.area}"}} 1',
            f'bootsource_check_effect_info{{check="{check.id}",effect="{effect}"}} 1',
            f'bootsource_check_status{{check="{check.id}",status="{status}"}} 1',
        ]
    for check_id, severity, kind, namespace, name, affected in roots:
        labels = (
            f'check="{check_id}",severity="{severity}",kind="{kind}",object_namespace="{namespace}",object="{name}"'
        )
        lines += [
            f"bootsource_finding_root_dependents{{{labels}}} {affected}",
            f"bootsource_finding_since_timestamp_seconds{{{labels}}} {now - 3 * 3600}",
        ]
    return "\n".join(lines) + "\n"


class Exporter:
    """One exporter. It serves what it has found, or nothing while it is down."""

    def __init__(self, *roots: Root) -> None:
        self.roots = list(roots)
        self.down = False
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = metrics(exporter.roots).encode()
                self.send_response(503 if exporter.down else 200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(b"" if exporter.down else body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class Books:
    """What a pager knows: an alert is opened by its first notification and closed by RESOLVED alone."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    def entries(self) -> list[tuple[str, str, str]]:
        """Cluster, alert with its check, and opened or closed, in their order. What is open is not opened again."""
        entries: list[tuple[str, str, str]] = []
        opened: set[str] = set()
        for message in self._hooks.at("/pager"):
            for alert in message["alerts"]:
                key, labels = alert["fingerprint"], alert["labels"]
                name = " ".join(filter(None, (labels["alertname"], labels.get("check", ""))))
                if alert["status"] == "firing" and key not in opened:
                    opened.add(key)
                    entries.append((labels.get("cluster", ""), name, "opened"))
                elif alert["status"] == "resolved" and key in opened:
                    opened.discard(key)
                    entries.append((labels.get("cluster", ""), name, "closed"))
        return entries

    def open(self) -> list[tuple[str, str]]:
        """What is open now: cluster and alert."""
        found: dict[tuple[str, str], int] = {}
        for cluster, name, what in self.entries():
            found[cluster, name] = found.get((cluster, name), 0) + (1 if what == "opened" else -1)
        return sorted(key for key, number in found.items() if number > 0)


def scraping(exporters: dict[str, Exporter], alertmanager: int, seconds: int) -> dict[str, Any]:
    """The configuration of a Prometheus that has several clusters."""
    return {
        "global": {"scrape_interval": f"{seconds}s", "evaluation_interval": f"{seconds}s"},
        "rule_files": ["rules.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]},
        "scrape_configs": [
            {
                "job_name": "bootsource-exporter",
                "static_configs": [
                    {"targets": [each.address], "labels": {"cluster": name} if name else {}}
                    for name, each in exporters.items()
                ],
            }
        ],
    }
