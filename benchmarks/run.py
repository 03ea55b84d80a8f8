"""`python -m benchmarks.run`: starts real servers, fills them, measures, and writes benchmarks/results/latest.md."""

from __future__ import annotations

import argparse
import compileall
import json
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import measure
from benchmarks.credentials import in_cluster
from benchmarks.findings import to_findings
from benchmarks.load import load_boot_sources, load_machines, tell
from benchmarks.report import markdown
from benchmarks.results import Results, Sync
from benchmarks.subjects import Expected, Exporter, Peer, Running, Subject
from tests.rig.cluster import Cluster
from tests.rig.servers import ADMIN_TOKEN, ApiServer, Etcd

EXPORTER: Final = Path(__file__).parent.parent / "exporter"
RESULTS: Final = Path(__file__).parent / "results"
_MEMORY: Final = "8GiB"
"""Servers of tests are held to little memory, in which a large cluster would only collect garbage."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    machines: int
    crons: int
    runs: int
    scrapes: int
    probes: int
    event_seconds: float
    crd_changes: int


def plan(arguments: argparse.Namespace) -> Plan:
    if arguments.quick:
        return Plan(min(arguments.machines, 1000), min(arguments.crons, 50), 1, 50, 6, 4.0, 5)
    return Plan(arguments.machines, arguments.crons, arguments.runs, 300, 40, 20.0, 100)


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--machines", type=int, default=20_000, help="virtual machines to create [20000]")
    parser.add_argument(
        "--crons", type=int, default=500, help="DataImportCrons to create, with their DataSources [500]"
    )
    parser.add_argument("--runs", type=int, default=5, help="first syncs of each program [5]")
    parser.add_argument("--peer", type=Path, metavar="FILE", help="a kube-state-metrics binary to measure as well")
    parser.add_argument("--quick", action="store_true", help="a small world, few repeats: does it work at all?")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="DIRECTORY", help="where results go")
    default = f"{shlex.quote(sys.executable)} -m exporter"
    parser.add_argument("--exporter", default=default, metavar="COMMAND", help="another build of the exporter")
    arguments = parser.parse_args(words)
    if arguments.peer and not arguments.peer.is_file():
        parser.error(f"--peer {arguments.peer}: no such file")
    return arguments


def drain(url: str) -> dict[str, float]:
    """The yardstick, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.drain", url, ADMIN_TOKEN]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    measured: dict[str, float] = json.loads(out)
    return measured


def synced(subject: Subject, directory: Path, expected: Expected) -> Sync:
    """Start it, wait for all series, scrape it a few times, end it."""
    running = subject.start(directory)
    with running.process as process:
        # The peer renders all it has for each look, so it is looked at less often.
        wall = running.await_ready(expected, 0.1 if isinstance(subject, Peer) else 0.02)
        cpu = process.cpu()
        for gzip in (False, True, False, True):
            running.connection.get("/metrics", gzip=gzip)
            time.sleep(1.1)
        peak, steady = process.memory()
    return Sync(wall, cpu, peak, steady)


def sync_all(results: Results, subjects: Sequence[Subject], url: str, directory: Path, expected: Expected) -> None:
    """One round: the yardstick and each subject in turn, so that a slow minute of the machine hits all."""
    if expected.machines:
        results.drains.setdefault(expected.machines, []).append(drain(url))
    for subject in subjects:
        sync = synced(subject, directory, expected)
        results.syncs.setdefault(subject.name, {}).setdefault(expected.machines, []).append(sync)
        figures = f"{sync.wall:.2f} s, {sync.cpu:.2f} s CPU, {sync.peak:.0f} MiB"
        tell(f"{subject.name}: {expected.machines} machines in {figures}")


def serve_all(results: Results, running: Running, plan: Plan, cluster: Cluster, server: ApiServer) -> None:
    """Everything that is measured on a subject that keeps running."""
    name, process = running.subject.name, running.process
    results.scrapes[name] = measure.scrapes(running, server.url, plan.scrapes)
    results.events[name] = measure.events(running, server.url, plan.machines, plan.event_seconds)
    tell(f"{name}: {results.events[name].per_thousand:.3f} s CPU per 1,000 events")
    results.latencies[name] = measure.visible(running, server.url, plan.machines, plan.probes)
    if isinstance(running.subject, Exporter):
        results.findings[name] = to_findings(running, server.url, plan.probes)
    results.served[name] = process.memory()
    results.crd_gaps[name] = measure.crd_gaps(running, cluster, plan.crd_changes)
    tell(f"{name}: at most {results.crd_gaps[name].most_missing} series missing while CRDs came and went")
    results.relists[name] = measure.relist(running, server)
    results.relisted[name] = process.memory()


def main(words: Sequence[str] | None = None) -> int:
    arguments = parsed(words)
    todo = plan(arguments)
    # As in the image: Python compiles what it loads only once, and some machines forbid it to keep that.
    compileall.compile_dir(str(EXPORTER), quiet=1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is ended
    results = Results(machines=todo.machines, crons=todo.crons, runs=todo.runs)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bootsource-benchmark-")))
        etcd = stack.enter_context(Etcd(directory / "etcd", memory=_MEMORY))
        server = stack.enter_context(ApiServer(etcd, directory / "apiserver", memory=_MEMORY))
        cluster = Cluster(server)
        stack.callback(cluster.close)
        cluster.install_crds()
        kubeconfig = cluster.kubeconfig(directory / "kubeconfig")
        environ = stack.enter_context(in_cluster(server.url, server.ca, ADMIN_TOKEN))
        results.in_cluster = bool(environ)
        subjects: list[Subject] = [Exporter(tuple(shlex.split(arguments.exporter)), kubeconfig, environ)]
        if arguments.peer:
            subjects.append(Peer(arguments.peer.resolve(), kubeconfig))
        load_boot_sources(cluster, server.url, todo.crons)
        loaded = 0
        for size in (0, todo.machines // 2, todo.machines):
            load_machines(server.url, range(loaded, size), todo.crons)
            loaded, expected = size, Expected(size, todo.crons)
            for _ in range(todo.runs if size == todo.machines else (todo.runs + 1) // 2):
                sync_all(results, subjects, server.url, directory, expected)
        for subject in subjects:
            running = subject.start(directory)
            with running.process:
                running.await_ready(expected, 0.1)
                serve_all(results, running, todo, cluster, server)
            tell(results.to_json())
    text = markdown(results)
    (arguments.output / "latest.md").write_text(text)
    (arguments.output / "latest.json").write_text(results.to_json())
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
