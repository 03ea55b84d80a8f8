"""Where the connection comes from: the pod's service account or a kubeconfig."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Final

from exporter.base.clock import Clock, SystemClock
from exporter.kube.connection import Connection, load_ca, tls_context
from exporter.kube.errors import ConfigurationError
from exporter.kube.proxies import proxy_for

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_LARGEST_TOKEN: Final = 65536
"""Bytes of a token file that are read; servers reject headers of that length."""
_TOKEN_AGE: Final = 60.0
"""Seconds after which a token file is read again: the kubelet replaces it before it expires."""


class FileToken:
    """The service account's token, which the kubelet replaces while we run."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = Lock()
        self._value = ""
        self._read_at = float("-inf")

    def __call__(self, fresh: bool) -> str:
        """The header's value; the file is read again once a minute, and when `fresh` says that the token was refused.

        Raises ConfigurationError if the file could never be read. Later read errors keep the old token: if it has
        expired, the server answers 401.
        """
        with self._lock:
            now = self._clock.monotonic()
            if fresh or now - self._read_at > _TOKEN_AGE:
                self._read(now)
            return f"Bearer {self._value}"

    def _read(self, now: float) -> None:
        try:
            with self._path.open("rb") as file:
                value = "".join(file.read(_LARGEST_TOKEN).decode("ascii").split())
            problem = "" if value else "is empty"
        except (OSError, UnicodeDecodeError) as error:
            value, problem = "", str(error)
        if value:
            self._value = value
        elif not self._value:
            raise ConfigurationError(f"token file {self._path}: {problem}; is the service account's token mounted?")
        self._read_at = now


def in_cluster(
    environ: Mapping[str, str] = os.environ, clock: Clock | None = None, directory: Path = SERVICE_ACCOUNT
) -> Connection:
    """Connect to the API server of the pod as its service account. Raises ConfigurationError outside of a pod."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT") or "443"
    if not host:
        raise ConfigurationError("$KUBERNETES_SERVICE_HOST is not set: not in a pod; give a kubeconfig")
    url = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    token = FileToken(directory / "token", clock or SystemClock())
    token(True)
    tls = tls_context(directory / "ca.crt")
    return Connection(
        url, tls, token, proxy_for(url, environ), reload=lambda: load_ca(tls, directory / "ca.crt", "the pod's CA")
    )


def discover(
    kubeconfig: str | None,
    context: str | None,
    environ: Mapping[str, str],
    clock: Clock,
    directory: Path = SERVICE_ACCOUNT,
) -> Connection:
    """The connection by flags, else by the pod's service account, else by the user's kubeconfig, as kubectl does.

    Raises ConfigurationError if none of them is there or the chosen one is incomplete.
    """
    given = bool(kubeconfig or context)
    if not given and environ.get("KUBERNETES_SERVICE_HOST") and (directory / "token").exists():
        return in_cluster(environ, clock, directory)
    paths = [kubeconfig] if kubeconfig else _default_files(environ)
    if not kubeconfig and not any(Path(p).is_file() for p in paths):
        raise ConfigurationError(
            f"no cluster to connect to: not in a pod, and there is no kubeconfig in {', '.join(paths)}; "
            "give one with --kubeconfig FILE or $KUBECONFIG, or try `bootsource-exporter demo`"
        )
    return _from_files(paths, context, environ, clock)


def from_kubeconfig(path: str | None = None, context: str | None = None) -> Connection:
    """The connection of a kubeconfig's context; the path defaults to $KUBECONFIG. Raises ConfigurationError."""
    return _from_files([path] if path else _default_files(os.environ), context, os.environ, SystemClock())


def _from_files(paths: list[str], context: str | None, environ: Mapping[str, str], clock: Clock) -> Connection:
    # Imported here because it loads the official package, 20 MiB that a pod does not need.
    from exporter.kube.kubeconfig import from_files  # noqa: PLC0415

    return from_files(paths, context, environ, clock)


def _default_files(environ: Mapping[str, str]) -> list[str]:
    named = [p for p in environ.get("KUBECONFIG", "").split(os.pathsep) if p]
    home = environ.get("HOME") or "~"
    return [str(Path(p).expanduser()) for p in named or [f"{home}/.kube/config"]]
