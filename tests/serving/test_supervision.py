"""Whatever thread dies: health, readiness, the metric and the alert's expression say so."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3
from prometheus_client.parser import text_string_to_metric_families

from exporter.base.clock import SystemClock
from exporter.base.threads import Threads
from exporter.cluster.resources import DATA_SOURCES, WATCHED
from exporter.commands.serve import StopSignal, _stand_by, apply_configuration, wait_for_signal
from exporter.demo.api import DemoApi, ObjectStore
from exporter.demo.sample import sample_objects
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.rules import ALERTS
from exporter.serving.access import AccessSettings
from exporter.serving.exporter import Exporter
from exporter.settings.options import SERVE
from exporter.settings.sources import settings_of
from exporter.settings.values import Address
from exporter.watch.cluster_watch import ClusterWatch
from exporter.web.server.certificates import CertificateFiles
from exporter.web.server.server import HttpServer
from tests.rig.pki import Authority
from tests.worlds import a_data_source

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


class Killer(SystemClock):
    """A clock whose waits are short, and that ends the threads which it is told to when they ask for the time."""

    def __init__(self) -> None:
        self.killed = ""

    def _strike(self) -> None:
        if threading.current_thread().name == self.killed:
            raise SystemExit

    def now(self) -> datetime:
        self._strike()
        return super().now()

    def monotonic(self) -> float:
        self._strike()
        return super().monotonic()

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self._strike()
        return stop.wait(min(seconds, 0.02))


@dataclass
class Running:
    """An exporter at work on the sample cluster, in this process."""

    exporter: Exporter
    observed: ClusterWatch
    objects: ObjectStore
    clock: Killer
    url: str
    http: urllib3.PoolManager
    number: int = 0

    def get(self, path: str) -> tuple[int, str]:
        answer = self.http.request("GET", self.url + path, retries=False, timeout=30)
        return answer.status, answer.data.decode()

    def sample(self, name: str, **labels: str) -> float | None:
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return next((s.value for f in families for s in f.samples if s.name == name and s.labels == labels), None)

    def alive(self, thread: str) -> float | None:
        return self.sample("bootsource_exporter_thread_alive", thread=thread)

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not true():
            assert time.monotonic() < deadline, self.exporter.threads.states() | self.observed.threads.states()
            # What happens in the cluster wakes every thread that waits for it.
            self.number += 1
            self.objects.put(a_data_source(f"awake-{self.number % 5}", ready=self.number % 2 == 0))
            time.sleep(0.01)


@contextmanager
def running(tmp_path: Path) -> Iterator[Running]:
    """With HTTPS and a configuration file, so that every thread is there."""
    clock, objects = Killer(), ObjectStore(WATCHED)
    for manifest in sample_objects(clock.now()):
        objects.put(manifest)
    authority = Authority(tmp_path)
    pair = authority.issue("exporter")
    config = tmp_path / "config.yaml"
    config.write_text("{}")
    settings = settings_of(SERVE, {"config": [str(config)]}, {})
    with ExitStack() as parts:
        api = parts.enter_context(DemoApi(objects))
        entrance = AccessSettings(CertificateFiles(pair.certificate, pair.key)).open(Address("127.0.0.1", 0))
        observed = parts.enter_context(ClusterWatch("", Client(Connection(api.url)), clock))
        exporter = parts.enter_context(Exporter([observed], settings, clock, entrance))
        parts.enter_context(apply_configuration(settings, clock, exporter))
        trusted = ssl.create_default_context(cafile=str(authority.certificate))
        http = parts.enter_context(urllib3.PoolManager(ssl_context=trusted))
        url = f"https://127.0.0.1:{entrance.listener.getsockname()[1]}"
        one = Running(exporter, observed, objects, clock, url, http)
        one.until(lambda: not exporter.pending_resources())
        yield one


@pytest.fixture
def exporter(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as one:
        yield one


@pytest.mark.parametrize(
    ("thread", "name"),
    [
        ("evaluation", "evaluation"),
        ("namespaces", "namespaces"),
        ("configuration", "configuration"),
        ("certificates", "certificates"),
        ("datasources", "watch-datasources"),
    ],
)
def test_a_thread_that_dies_shows_in_health_readiness_and_the_metric(exporter: Running, thread: str, name: str) -> None:
    assert exporter.get("/healthz")[0] == exporter.get("/readyz")[0] == 200
    assert exporter.alive(name) == 1
    exporter.clock.killed = thread
    exporter.until(lambda: exporter.get("/healthz")[0] == 503)
    assert exporter.get("/readyz") == (503, f"waiting for: thread {name} has ended\n")
    exporter.until(lambda: exporter.alive(name) == 0)  # the exporter's own metrics are kept for a second
    (alert,) = (a for a in ALERTS if a.name == "BootSourceExporterFailing")
    assert "min by (cluster) (bootsource_exporter_thread_alive) == 0" in alert.expr


def test_the_table_of_a_watch_whose_thread_has_died_is_stale(exporter: Running) -> None:
    exporter.clock.killed = "datasources"
    exporter.until(lambda: exporter.observed.store.freeze()[DATA_SOURCES].state == "stale")
    assert "has ended" in exporter.observed.store.freeze()[DATA_SOURCES].detail


def test_every_thread_of_the_program_is_supervised(exporter: Running) -> None:
    """A new thread must be added to those that are looked at, or its end would go unnoticed."""
    known = {*exporter.exporter.threads.states(), *exporter.observed.threads.states()}
    ours = {t.name.partition("/")[0].rpartition("-")[0] or t.name.partition("/")[0] for t in threading.enumerate()}
    resources = {str(resource) for resource in WATCHED}
    named = {f"watch-{name}" if name in resources else name.partition("_")[0] for name in ours}
    tests = {"MainThread", "demo-api", "demo", "Thread", "pytest_timeout", "http", "probes"}
    assert {n for n in named if not n.startswith(("Thread", "pytest"))} - tests <= known
    assert {f"watch-{name}" for name in resources} <= known
    assert {"http", "evaluation", "namespaces", "configuration", "certificates"} <= known


def test_without_the_threads_that_answer_the_program_ends(
    exporter: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def dies(server: HttpServer) -> None:
        raise SystemExit

    monkeypatch.setattr(HttpServer, "_turn", dies)
    with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
        exporter.http.request("GET", exporter.url + "/healthz", retries=False, timeout=1)
    with caplog.at_level(logging.CRITICAL):
        assert _stand_by(exporter.exporter, StopSignal()) == 1
    assert [r.ended for r in caplog.records] == ["http"]  # type: ignore[attr-defined]
    exporter.exporter._server._connections.close_all()  # what the thread would have done


def test_an_evaluation_that_crashes_is_tried_again(
    exporter: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no reason to restart: the same objects would be there again."""
    from exporter.serving import evaluation

    def crash(*_: object) -> None:
        raise RecursionError("a bug")

    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(evaluation, "evaluate_cluster", crash)
        exporter.until(lambda: any("an evaluation crashed" in r.message for r in caplog.records))
        assert exporter.get("/healthz")[0] == exporter.get("/api/v1/findings")[0] == 200, [
            getattr(r, "trace", "") for r in caplog.records
        ]
    before: Any = exporter.sample("bootsource_exporter_last_evaluation_timestamp_seconds")
    exporter.until(lambda: (exporter.sample("bootsource_exporter_last_evaluation_timestamp_seconds") or 0) > before)


def test_a_look_for_namespaces_that_crashes_is_tried_again(exporter: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(cluster: object) -> frozenset[str]:
        raise RuntimeError("a bug")

    from exporter.watch import namespaces, watcher

    real = namespaces.boot_source_namespaces
    monkeypatch.setattr(watcher, "boot_source_namespaces", crash)
    snapshots = next(r for r in WATCHED if str(r) == "volumesnapshots")
    exporter.until(lambda: exporter.observed.store.freeze()[snapshots].state == "failed")
    assert "a bug" in exporter.observed.store.freeze()[snapshots].detail
    monkeypatch.setattr(watcher, "boot_source_namespaces", real)
    exporter.until(lambda: exporter.observed.store.freeze()[snapshots].state == "live")
    assert exporter.get("/healthz")[0] == 200


def test_the_thread_that_hears_signals_is_supervised() -> None:
    threads = Threads()
    with wait_for_signal() as stop:
        threads.add("signals", stop.is_handled)
        assert threads.ended_names() == []
        listener, stop.listener = stop.listener, dead()
        assert threads.ended_names() == ["signals"]
        stop.listener = listener


def dead() -> threading.Thread:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    return thread
