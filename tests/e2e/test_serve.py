"""The program as users run it: processes of their own, against a real API server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.rig.plugin import FORBIDDEN_TOKEN
from tests.rig.servers import free_port
from tests.worlds import a_cron, a_storage_class

PROGRAM = (sys.executable, "-m", "exporter")


class Running:
    """A process of ours that serves."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self._http = urllib3.PoolManager()

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Status and body."""
        response = self._http.request("GET", self.url + path, headers=headers, retries=False, timeout=10)
        return response.status, response.data

    def until(self, true: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until this is so."""
        deadline = time.monotonic() + seconds
        while True:
            assert self.process.poll() is None, self.process.communicate()
            try:
                if true():
                    return
            except (urllib3.exceptions.HTTPError, OSError):
                pass
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def ready(self) -> None:
        """Wait until every resource has settled."""
        self.until(lambda: self.get("/readyz")[0] == 200)

    def findings(self) -> list[dict[str, Any]]:
        """Those of the report."""
        found: list[dict[str, Any]] = json.loads(self.get("/api/v1/findings")[1])["findings"]
        return found

    def blind(self) -> list[str]:
        """Checks that cannot judge."""
        checks = json.loads(self.get("/api/v1/findings")[1])["checks"]
        return [check["check"] for check in checks if check["status"] == "blind"]

    def samples(self, name: str) -> dict[tuple[str, ...], float]:
        """Values of a metric by label values."""
        text = self.get("/metrics")[1].decode()
        families = text_string_to_metric_families(text)
        return {tuple(s.labels.values()): s.value for f in families for s in f.samples if s.name == name}

    def close(self) -> None:
        """Close the connections."""
        self._http.clear()


@contextmanager
def running(*words: str) -> Iterator[Running]:
    """The program with these words, listening on a port of its own."""
    port = free_port()
    command = [*PROGRAM, *words, "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        served = Running(process, port)
        try:
            yield served
        finally:
            served.close()
            process.kill()


@pytest.fixture
def world(real: Cluster) -> Cluster:
    """The shared server with a small healthy cluster on it."""
    real.load(WORLD)
    return real


def test_serve_shows_a_cluster_and_ends_when_asked(world: Cluster, kubeconfig: Path) -> None:
    with running("serve", "--kubeconfig", str(kubeconfig)) as exporter:
        exporter.ready()
        assert exporter.get("/healthz") == (200, b"ok\n")
        assert exporter.samples("bootsource_dataimportcron_up_to_date") == {
            ("openshift-virtualization-os-images", "fedora-image-cron"): 1.0
        }
        assert b"Boot sources" in exporter.get("/")[1]
        world.apply(a_storage_class("other", virt="true"))
        exporter.until(lambda: exporter.samples("bootsource_default_storageclasses")["virt",] == 2)
        world.apply(a_cron("odd-image-cron", managed="odd", spec={"schedule": "nonsense"}))
        exporter.until(lambda: "invalid-schedule" in {f["check"] for f in exporter.findings()})
        exporter.process.send_signal(signal.SIGTERM)
        assert exporter.process.wait(10) == 0


def test_audit_and_serve_agree(world: Cluster, kubeconfig: Path) -> None:
    world.apply(a_cron("silent-image-cron", managed="silent", spec={"schedule": "0 0 31 2 *"}, status=None))
    with running("serve", "--kubeconfig", str(kubeconfig)) as exporter:
        exporter.ready()
        # A server whose CRDs were just installed refuses the first lists: wait until nothing is blind.
        exporter.until(lambda: not exporter.blind())
        served = {(f["check"], f["object"]["name"]) for f in exporter.findings()}
    command = [*PROGRAM, "audit", "--kubeconfig", str(kubeconfig), "--output", "json"]
    audited = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    report = json.loads(audited.stdout)
    assert {(f["check"], f["object"]["name"]) for f in report["findings"]} == served
    assert ("schedule-never-fires", "silent-image-cron") in served
    assert audited.returncode == 1
    assert report["atSource"] == "now"


def test_what_may_not_be_read_is_blind_and_ready_all_the_same(world: Cluster, tmp_path: Path) -> None:
    nobody = world.kubeconfig(tmp_path / "nobody", FORBIDDEN_TOKEN)
    with running("serve", "--kubeconfig", str(nobody)) as exporter:
        exporter.ready()
        assert exporter.samples("bootsource_finding") == {}
        assert exporter.samples("bootsource_dataimportcron_up_to_date") == {}
        status = exporter.samples("bootsource_check_status")
        assert {labels[1] for labels, value in status.items() if value} == {"blind"}
    command = [*PROGRAM, "audit", "--kubeconfig", str(nobody)]
    audited = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (audited.returncode, audited.stdout, audited.stderr.count("\n")) == (3, "", 1)
    assert "the cluster cannot be read (hyperconvergeds and " in audited.stderr
    assert "forbidden" in audited.stderr


def test_what_is_switched_off_is_not_asked_for(world: Cluster, kubeconfig: Path) -> None:
    with running("serve", "--kubeconfig", str(kubeconfig), "--disable", "virtualmachines,templates") as exporter:
        exporter.ready()
        states = exporter.samples("bootsource_resource_state")
        assert states["virtualmachines", "disabled"] == 1
        blind = exporter.samples("bootsource_check_status")
        assert blind["machine-source-missing", "blind"] == 1
        assert blind["polling-frozen", "blind"] == 0


def test_the_demo_breaks_something_and_says_where_to_look() -> None:
    with running("demo") as demo:
        demo.ready()
        demo.until(lambda: "polling-frozen" in {f["check"] for f in demo.findings()})
        demo.process.send_signal(signal.SIGINT)
        told, _ = demo.process.communicate(timeout=10)
        assert demo.url.removeprefix("http://127.0.0.1") in told
        assert demo.process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_that_come_at_once_end_it_as_one_does(world: Cluster, kubeconfig: Path, number: signal.Signals) -> None:
    with running("serve", "--kubeconfig", str(kubeconfig)) as exporter:
        exporter.ready()
        for _ in range(200):
            exporter.process.send_signal(number)
        assert exporter.process.wait(10) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("serve", "--kubeconfig", "/nowhere/kubeconfig"), "/nowhere/kubeconfig"),
        (("audit", "--kubeconfig", "/nowhere/kubeconfig"), "/nowhere/kubeconfig"),
        (("serve", "--listen", "127.0.0.1:99999"), "99999"),
    ],
)
def test_what_cannot_work_is_one_line_and_exit_2(words: tuple[str, ...], said: str) -> None:
    done = subprocess.run([*PROGRAM, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_named(world: Cluster, kubeconfig: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = ("serve", "--kubeconfig", str(kubeconfig), "--listen", f"127.0.0.1:{port}")
        done = subprocess.run([*PROGRAM, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert str(port) in done.stderr


def test_a_server_that_is_not_there_is_blindness_and_not_a_crash(tmp_path: Path) -> None:
    config = tmp_path / "kubeconfig"
    config.write_text(
        "{apiVersion: v1, kind: Config, current-context: x, "
        "contexts: [{name: x, context: {cluster: x, user: x}}], users: [{name: x, user: {}}], "
        f"clusters: [{{name: x, cluster: {{server: 'http://127.0.0.1:{free_port()}'}}}}]}}"
    )
    command = [*PROGRAM, "audit", "--kubeconfig", str(config), "--timeout", "3s"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ})
    assert done.returncode == 3
    assert "Traceback" not in done.stderr + done.stdout
