"""What is measured: the exporter, and kube-state-metrics as its peer, started alike and asked alike."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from benchmarks.http_client import Connection
from benchmarks.process import Process
from benchmarks.world import has_reference
from tests.rig.servers import free_port

_PATIENCE: Final = 600.0
_PEER_CONFIG: Final = Path(__file__).parent / "kube-state-metrics.yaml"
_COUNT: Final = re.compile(rb'^bootsource_references\{kind="VirtualMachine",state="\w+"\} (\d+)$', re.MULTILINE)
_OWN: Final = (b"#", b"bootsource_exporter_", b"process_", b"python_")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the server holds."""

    machines: int
    crons: int

    @property
    def references(self) -> int:
        return sum(has_reference(number) for number in range(self.machines))


class Subject(Protocol):
    """A program that serves metrics about the cluster."""

    @property
    def name(self) -> str: ...

    def start(self, directory: Path) -> Running:
        """Start it; returns at once."""

    def ready(self, connection: Connection, expected: Expected) -> bool:
        """Whether it serves all series."""

    def machine_marker(self, name: str) -> bytes:
        """What the lines have in common that change when this virtual machine refers to something else."""


@dataclass(slots=True)
class Running:
    """A subject that runs."""

    subject: Subject
    process: Process
    url: str
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = Connection(self.url)

    def scrape(self) -> bytes:
        return self.connection.get("/metrics").body

    def series(self) -> frozenset[bytes]:
        """Name and labels of all series that are about the cluster."""
        lines = self.scrape().split(b"\n")
        return frozenset(line.rpartition(b" ")[0] for line in lines if line and not line.startswith(_OWN))

    def await_ready(self, expected: Expected, pause: float = 0.02) -> float:
        """Seconds from the start of the process until all series are served."""
        while time.monotonic() - self.process.started < _PATIENCE:
            self.process.check()
            try:
                if self.subject.ready(self.connection, expected):
                    return time.monotonic() - self.process.started
            except OSError:
                self.connection.close()
            time.sleep(pause)
        raise RuntimeError(f"{self.subject.name} did not serve all series within {_PATIENCE:.0f} s")


@dataclass(frozen=True, slots=True)
class Exporter:
    """Us."""

    command: tuple[str, ...]
    kubeconfig: Path
    environ: Mapping[str, str]
    """Makes it run as in a pod; if empty it uses the kubeconfig."""
    name: str = "bootsource-exporter"

    def start(self, directory: Path) -> Running:
        port = free_port()
        how = () if self.environ else (f"--kubeconfig={self.kubeconfig}",)
        command = [*self.command, "serve", f"--listen=127.0.0.1:{port}", *how]
        process = Process(command, directory / "exporter.log", self.environ)
        return Running(self, process, f"http://127.0.0.1:{port}")

    def ready(self, connection: Connection, expected: Expected) -> bool:
        if connection.get("/readyz").status != 200:
            return False
        counts = _COUNT.findall(connection.get("/metrics").body)
        return bool(counts) and sum(map(int, counts)) == expected.references

    def machine_marker(self, name: str) -> bytes:
        """Machines are counted, not listed: the counts change."""
        del name
        return b'bootsource_references{kind="VirtualMachine"'


@dataclass(frozen=True, slots=True)
class Peer:
    """kube-state-metrics with the CustomResourceState configuration beside this file."""

    binary: Path
    kubeconfig: Path
    name: str = "kube-state-metrics"

    def start(self, directory: Path) -> Running:
        port = free_port()
        command = [
            *(str(self.binary), f"--kubeconfig={self.kubeconfig}", "--custom-resource-state-only"),
            *(f"--custom-resource-state-config-file={_PEER_CONFIG}", "--enable-gzip-encoding"),
            *("--host=127.0.0.1", f"--port={port}", "--telemetry-host=127.0.0.1", f"--telemetry-port={free_port()}"),
        ]
        process = Process(command, directory / "kube-state-metrics.log")
        return Running(self, process, f"http://127.0.0.1:{port}")

    def ready(self, connection: Connection, expected: Expected) -> bool:
        body = connection.get("/metrics").body
        return (
            body.count(b"\nkube_customresource_virtualmachine_source_info{") == expected.references
            and body.count(b"\nkube_customresource_datasource_condition{") == expected.crons
            and body.count(b"\nkube_customresource_dataimportcron_condition{") == 2 * expected.crons
        )

    def machine_marker(self, name: str) -> bytes:
        return b'"' + name.encode() + b'"'
