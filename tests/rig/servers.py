"""Etcd and ApiServer: real processes on loopback, with data of their own, ended with the test."""

from __future__ import annotations

import base64
import ctypes
import http.client
import json
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.rig.build import binary

ADMIN_TOKEN: Final = "admin-token"
_START: Final = 60.0
_PR_SET_PDEATHSIG: Final = 1


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A server process with a log."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  (one system call; no server may outlive a killed test)
                cwd=log.parent,
            )

    def check(self) -> None:
        """Fail with the end of the log if the process has ended."""
        if self._process.poll() is not None:
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])
            raise RuntimeError(f"{self._process.args!s:.80} ended early:\n{tail}")

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def end(self) -> None:
        """Stop it, at last by force."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def until(what: str, ready: Any, process: Process) -> None:
    """Wait until `ready()` is true, or fail with the log."""
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        process.check()
        if ready():
            return
        time.sleep(0.1)
    raise RuntimeError(f"{what} was not ready within {_START:.0f} s")


class Etcd:
    """One etcd with an empty store."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.port = free_port()
        self._peer = free_port()

    def __enter__(self) -> Self:
        client, peer = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self._peer}"
        command = [
            *(str(binary("etcd")), "--name=test", f"--data-dir={self._directory / 'etcd'}", "--log-level=warn"),
            *(f"--listen-client-urls={client}", f"--advertise-client-urls={client}", "--unsafe-no-fsync"),
            *(f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=test={peer}"),
        ]
        self._process = Process(command, self._directory / "etcd.log")
        until("etcd", self._healthy, self._process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.end()

    def compact(self) -> None:
        """Forget all history: whoever asks for an older version gets a 410."""
        revision = int(self._call("/v3/maintenance/status", {})["header"]["revision"])
        self._call("/v3/kv/compaction", {"revision": str(revision), "physical": True})

    def put(self, key: str) -> None:
        """Write something of no interest, so that the revision grows."""
        self._call("/v3/kv/put", {"key": base64.b64encode(key.encode()).decode(), "value": "eA=="})

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", path, json.dumps(body))
            answer = connection.getresponse()
            read: dict[str, Any] = json.loads(answer.read())
            if answer.status != 200:
                raise RuntimeError(f"etcd {path}: {read}")
            return read
        finally:
            connection.close()

    def _healthy(self) -> bool:
        try:
            self._call("/v3/maintenance/status", {})
        except (OSError, http.client.HTTPException, RuntimeError, ValueError):
            return False
        return True


class ApiServer:
    """One kube-apiserver over TLS, RBAC on, with an administrator's token and as many others as wanted."""

    def __init__(
        self,
        etcd: Etcd,
        directory: Path,
        *,
        tokens: Mapping[str, str] | None = None,
        gates: Mapping[str, bool] | None = None,
    ) -> None:
        self._etcd = etcd
        self._directory = directory
        self._gates = dict(gates or {})
        self._tokens = dict(tokens or {})
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        """The certificate that it serves with is its own CA."""
        return self._directory / "pki" / "apiserver.crt"

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def __enter__(self) -> Self:
        self._directory.mkdir(parents=True, exist_ok=True)
        key = self._directory / "service-account.key"
        if not key.exists():
            _rsa_key(key)
        lines = [f'{ADMIN_TOKEN},admin,1,"system:masters"', *(f"{t},{u},{u}" for t, u in self._tokens.items())]
        (self._directory / "tokens.csv").write_text("\n".join(lines) + "\n")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(self) -> None:
        """Start it on its port."""
        key = self._directory / "service-account.key"
        gates = ",".join(f"{name}={str(on).lower()}" for name, on in self._gates.items())
        command = [
            *(str(binary("kube-apiserver")), f"--etcd-servers=http://127.0.0.1:{self._etcd.port}"),
            *("--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={self.port}"),
            *(f"--cert-dir={self._directory / 'pki'}", f"--token-auth-file={self._directory / 'tokens.csv'}"),
            *("--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={key}"),
            *(
                f"--service-account-signing-key-file={key}",
                "--authorization-mode=RBAC",
                "--endpoint-reconciler-type=none",
            ),
            *("--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount"),
            *("--watch-cache=true", "--profiling=false", "--event-ttl=1h"),
            *((f"--feature-gates={gates}",) if gates else ()),
        ]
        self._process = Process(command, self._directory / "kube-apiserver.log")
        until("kube-apiserver", self._ready, self._process)

    def end(self) -> None:
        """Stop it; etcd keeps its data."""
        self._process.end()

    def _ready(self) -> bool:
        if not self.ca.exists():
            return False
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=context)
        try:
            connection.request("GET", "/readyz", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _rsa_key(path: Path) -> None:
    """A key to sign service account tokens with."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))


def directory() -> tempfile.TemporaryDirectory[str]:
    """A place for data and logs that goes with the test."""
    return tempfile.TemporaryDirectory(prefix="bootsource-rig-")
