"""Etcd and ApiServer: real processes on loopback, with data of their own, ended with the test."""

from __future__ import annotations

import base64
import http.client
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.rig.build import build
from tests.rig.pki import LOOPBACK, Authority, Certificate, new_key, sign_token

ADMIN_TOKEN: Final = "admin-token"
ISSUER: Final = "https://kubernetes.default.svc"
# Admission that changes or refuses what a test writes, or that waits for controllers, of which there are none.
ADMISSION_OFF: Final = (
    *("DefaultStorageClass", "DefaultTolerationSeconds", "LimitRanger", "PersistentVolumeClaimResize", "Priority"),
    *("ResourceQuota", "ServiceAccount", "StorageObjectInUseProtection", "TaintNodesByCondition"),
)
_START: Final = 60.0
_LEEWAY: Final = 60.0  # the API server accepts a token for so long after its expiry
# Below the ports that the kernel hands out to clients, so that a server finds its port free when it is restarted.
_PORTS: Final = range(20_000, 30_000)
# Run between fork and exec: the kernel ends the server with the test, however the test ends.
_LAUNCHER: Final = (
    "import ctypes, os, signal, sys\n"
    "ctypes.CDLL(None).prctl(1, signal.SIGKILL)\n"
    "if os.getppid() == int(sys.argv[1]): os.execv(sys.argv[2], sys.argv[2:])\n"
)


def free_port() -> int:
    """A loopback port that nobody uses now."""
    for port in random.SystemRandom().sample(_PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise RuntimeError(f"no free port in {_PORTS}")


class Process:
    """A server process with a log. It ends with the thread that started it."""

    def __init__(self, command: Sequence[str], log: Path, memory: str) -> None:
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env={"GOMEMLIMIT": memory, "PATH": os.environ.get("PATH", "")},
                process_group=0,  # a Ctrl-C is for the test, which then ends its servers
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def tail(self) -> str:
        """The end of the log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])

    def until(self, what: str, ready: Callable[[], bool]) -> None:
        """Wait until `ready()`; fail with the end of the log if that takes too long or the process has ended."""
        deadline = time.monotonic() + _START
        while not ready():
            if self._process.poll() is not None:
                raise RuntimeError(f"{what} ended with {self._process.returncode}; {self._log} ends:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} was not ready in {_START:.0f} s; {self._log} ends:\n{self.tail()}")
            time.sleep(0.02)

    def freeze(self) -> None:
        """Stop all its threads where they are."""
        self._process.send_signal(signal.SIGSTOP)
        self.until("stopping", self._is_frozen)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def _is_frozen(self) -> bool:
        tasks = Path(f"/proc/{self.pid}/task").glob("*/stat")
        return {task.read_text().rpartition(")")[2].split()[0] for task in tasks} == {"T"}

    def end(self, *, graceful: bool = False) -> None:
        """Stop it: at once, or as an administrator would."""
        if graceful:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        self._process.kill()
        self._process.wait()


class Etcd:
    """One etcd with an empty store."""

    def __init__(self, directory: Path, *, memory: str = "256MiB") -> None:
        self._directory = directory
        self._memory = memory
        self.port = free_port()

    def __enter__(self) -> Self:
        self._directory.mkdir(parents=True, exist_ok=True)
        client, peer = f"http://{LOOPBACK}:{self.port}", f"http://{LOOPBACK}:0"
        command = [
            *(str(build("etcd")), "--name=test", f"--data-dir={self._data}", "--log-level=warn", "--unsafe-no-fsync"),
            *(
                f"--listen-client-urls={client}",
                f"--advertise-client-urls={client}",
                "--quota-backend-bytes=1073741824",
            ),
            *(f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=test={peer}"),
        ]
        self._process = Process(command, self._directory / "etcd.log", self._memory)
        try:
            self._process.until("etcd", self._healthy)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def compact(self) -> None:
        """Forget all history. API servers notice it only where they ask etcd; see `ApiServer.forget`."""
        for _ in range(2):  # so that going on from the newest version that anyone has read is too old, too
            self.put("compacted")
        revision = int(self._call("/v3/maintenance/status", {})["header"]["revision"])
        self._call("/v3/kv/compaction", {"revision": str(revision), "physical": True})

    def put(self, key: str) -> None:
        """Write something of no interest, so that the revision grows."""
        self._call("/v3/kv/put", {"key": base64.b64encode(key.encode()).decode(), "value": "eA=="})

    @property
    def _data(self) -> Path:
        return self._directory / "etcd"

    def _end(self) -> None:
        """The log is kept, the data, which is big, is not."""
        self._process.end()
        shutil.rmtree(self._data, ignore_errors=True)

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=10)
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
    """One kube-apiserver over TLS, RBAC on, with an administrator's token and as many others as wanted.

    `tokens` names a user for each further token, `gates` are feature gates, `flags` are more command line flags,
    `memory` is what Go's runtime tries to stay within.
    Servers on one etcd with the same `prefix` serve the same cluster, with different ones different clusters.
    """

    def __init__(
        self,
        etcd: Etcd,
        directory: Path,
        *,
        tokens: Mapping[str, str] | None = None,
        gates: Mapping[str, bool] | None = None,
        flags: Sequence[str] = (),
        prefix: str = "/registry",
        admission_off: Sequence[str] = ADMISSION_OFF,
        memory: str = "768MiB",
    ) -> None:
        self._memory = memory
        self._etcd = etcd
        self._directory = directory
        self._gates = dict(gates or {})
        self._flags = (*flags, f"--etcd-prefix={prefix}", f"--disable-admission-plugins={','.join(admission_off)}")
        self.tokens = dict(tokens or {})
        self.port = free_port()
        directory.mkdir(parents=True, exist_ok=True)
        self._authority = Authority(directory / "pki")
        self._key = new_key(directory / "pki" / "service-account.key")
        self._serving = self._authority.issue("kube-apiserver")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def ca(self) -> Path:
        """The authority of the server's certificate."""
        return self._authority.certificate

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def log(self) -> Path:
        """The server's log."""
        return self._directory / "kube-apiserver.log"

    def client_certificate(
        self, user: str, groups: Iterable[str] = (), valid: timedelta = timedelta(days=1)
    ) -> Certificate:
        """A certificate that the server takes for this user."""
        return self._authority.issue(user, groups, valid)

    def serving_certificate(self, host: str) -> Certificate:
        """A certificate of the same authority for a server on loopback that is also called so."""
        return self._authority.issue(host, hosts=[host])

    def account_token(self, account: Mapping[str, Any], seconds: float) -> str:
        """A token of a ServiceAccount that expires sooner than a TokenRequest allows.

        The server caches a token that it has accepted for up to ten seconds, past its expiry too.
        """
        meta, now = account["metadata"], time.time()
        identity = {"namespace": meta["namespace"], "serviceaccount": {"name": meta["name"], "uid": meta["uid"]}}
        times = {"iat": int(now - 2 * _LEEWAY), "nbf": int(now - 2 * _LEEWAY), "exp": int(now + seconds - _LEEWAY)}
        subject = f"system:serviceaccount:{meta['namespace']}:{meta['name']}"
        return sign_token(
            self._key, {"iss": ISSUER, "aud": [ISSUER], "sub": subject, "kubernetes.io": identity, **times}
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(self) -> None:
        """Start it on its port."""
        lines = [f'{ADMIN_TOKEN},admin,admin,"system:masters"', *(f"{t},{u},{u}" for t, u in self.tokens.items())]
        tokens = self._directory / "tokens.csv"
        tokens.write_text("\n".join(lines) + "\n")
        key = self._directory / "pki" / "service-account.key"
        gates = ",".join(f"{name}={str(on).lower()}" for name, on in self._gates.items())
        command = [
            *(str(build("kube-apiserver")), f"--etcd-servers=http://{LOOPBACK}:{self._etcd.port}"),
            *(f"--bind-address={LOOPBACK}", f"--advertise-address={LOOPBACK}", f"--secure-port={self.port}"),
            *(f"--tls-cert-file={self._serving.certificate}", f"--tls-private-key-file={self._serving.key}"),
            *(f"--client-ca-file={self.ca}", f"--token-auth-file={tokens}", "--authorization-mode=RBAC"),
            *(f"--service-account-issuer={ISSUER}", f"--service-account-key-file={key}"),
            *(f"--service-account-signing-key-file={key}", "--service-cluster-ip-range=10.0.0.0/24"),
            *("--endpoint-reconciler-type=none", "--profiling=false", "--delete-collection-workers=4"),
            "--etcd-compaction-interval=0",  # history is forgotten when the test says so
            *((f"--feature-gates={gates}",) if gates else ()),
            *self._flags,
        ]
        self._process = Process(command, self.log, self._memory)
        try:
            self._process.until("kube-apiserver", self._ready)
        except BaseException:
            self._process.end()
            raise

    def end(self, *, graceful: bool = False) -> None:
        """Stop it; etcd keeps its data."""
        self._process.end(graceful=graceful)

    def restart(self, *, graceful: bool = False) -> None:
        """Stop it and start it again on the same port with the same data, and with `tokens` as they are now."""
        self.end(graceful=graceful)
        self.start()

    def forget(self) -> None:
        """Forget all history, caches included: whoever goes on from an older resourceVersion gets a 410."""
        self._etcd.compact()
        self.restart()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """For so long, connections are neither answered nor closed."""
        try:
            self._process.freeze()
            yield
        finally:
            self._process.thaw()

    def _ready(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.ca))
        connection = http.client.HTTPSConnection(LOOPBACK, self.port, timeout=5, context=context)
        try:
            connection.request("GET", "/readyz", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
