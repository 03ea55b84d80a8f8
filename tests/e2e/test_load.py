"""The program under attack: hundreds of clients that do not behave, while scrapes and probes are answered."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3

from tests.e2e.test_serve import Running, running

SECONDS = float(os.environ.get("LOAD_SECONDS", "12"))
"""How long the attack lasts; `make fuzz` lets it last a minute."""
ANSWERED_WITHIN = 10.0
"""Seconds, on any machine. On one with two cores that has nothing else to do it is less than a tenth of one."""


@contextmanager
def attacked(port: int) -> Iterator[None]:
    """Half-open, slow and hostile clients, until the end."""
    command = (sys.executable, "-m", "tests.web.hostile", str(port))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as attack:
        try:
            assert attack.stdout is not None
            assert attack.stdout.readline()
            yield
            assert attack.poll() is None
        finally:
            attack.kill()


def scraped(exporter: Running, path: str) -> float:
    """Seconds until the answer was complete; on a new connection, as after a restart of the scraper."""
    started = time.monotonic()
    with urllib3.PoolManager() as http:
        response = http.request("GET", exporter.url + path, retries=False, timeout=ANSWERED_WITHIN)
    assert response.status == 200, (path, response.status, response.data[:200])
    return time.monotonic() - started


@pytest.mark.load
def test_scrapes_and_probes_are_answered_while_hundreds_of_clients_attack() -> None:
    took: dict[str, list[float]] = {"/metrics": [], "/healthz": [], "/readyz": []}
    with running("demo") as exporter:
        exporter.ready()
        with attacked(int(exporter.url.rpartition(":")[2])):
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                for path, seconds in took.items():
                    seconds.append(scraped(exporter, path))
        failures = exporter.samples("bootsource_exporter_http_failures_total")
        assert failures == dict.fromkeys(failures, 0.0)
    for path, seconds in took.items():
        seconds.sort()
        shown = {f"p{share}": seconds[len(seconds) * share // 100] for share in (50, 90, 99)} | {"max": seconds[-1]}
        print(path, len(seconds), {name: f"{value * 1000:.1f} ms" for name, value in shown.items()})
    assert all(seconds[-1] < ANSWERED_WITHIN for seconds in took.values())
