"""Prometheus and Alertmanager: real processes on loopback, with configuration and data of their own."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError

from tests.rig.build import build
from tests.rig.pki import LOOPBACK
from tests.rig.servers import Process, free_port


def fetch_json(url: str) -> Any:
    """The JSON that a URL gives."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


class Server(ABC):
    """A server of the Prometheus family: it is ready when `/-/ready` says so."""

    name = ""

    def __init__(self, directory: Path, config: str) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.config = directory / f"{self.name}.yaml"
        self.config.write_text(config)
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self.port}"

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    def __enter__(self) -> Self:
        self._process = Process(self.command(), self._directory / f"{self.name}.log", "256MiB")
        try:
            self._process.until(self.name, self._ready)
        except BaseException:
            self._process.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.end()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


class Prometheus(Server):
    """One Prometheus. Its configuration may name files beside it, which `files` holds by name; `more` are arguments."""

    name = "prometheus"

    def __init__(
        self, directory: Path, config: str, files: Mapping[str, str] | None = None, *, more: Sequence[str] = ()
    ) -> None:
        super().__init__(directory, config)
        self._more = more
        for name, text in (files or {}).items():
            (directory / name).write_text(text)

    def command(self) -> list[str]:
        """The program and its arguments."""
        return [
            *(str(build("prometheus")), f"--config.file={self.config}", f"--web.listen-address={LOOPBACK}:{self.port}"),
            *(f"--storage.tsdb.path={self.data}", "--storage.tsdb.retention.time=30d"),
            *("--rules.alert.resend-delay=1s", "--log.level=warn", *self._more),
        ]

    @property
    def data(self) -> Path:
        """Where it keeps its blocks."""
        return self._directory / "data"

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of each series that an instant query gives now."""
        found = fetch_json(f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
        return [(series["metric"], float(series["value"][1])) for series in found["data"]["result"]]

    def alerts(self) -> list[dict[str, Any]]:
        """All alerts, pending and firing."""
        found: list[dict[str, Any]] = fetch_json(f"{self.url}/api/v1/alerts")["data"]["alerts"]
        return found


class Alertmanager(Server):
    """One Alertmanager without a cluster."""

    name = "alertmanager"

    def command(self) -> list[str]:
        """The program and its arguments."""
        return [
            *(str(build("alertmanager")), f"--config.file={self.config}", "--cluster.listen-address="),
            *(f"--web.listen-address={LOOPBACK}:{self.port}", f"--storage.path={self._directory / 'data'}"),
        ]

    def alerts(self) -> list[dict[str, Any]]:
        """All alerts with their status: active or suppressed, and by what."""
        found: list[dict[str, Any]] = fetch_json(f"{self.url}/api/v2/alerts")
        return found
