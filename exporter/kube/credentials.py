"""Where the API server is and who we are: a pod's service account, or a kubeconfig."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from exporter.base.clock import Clock, SystemClock
from exporter.kube.errors import ConfigurationError
from exporter.kube.proxies import proxy_for

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TOKEN_AGE: Final = 60.0
"""Seconds after which a token file is read again."""

Token = Callable[[bool], str]
"""Gives the Authorization header's value, "" for none; True asks for a fresh one after a 401. Safe in many threads."""


def _anonymous(_fresh: bool) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one API server."""

    url: str
    """Scheme, host and port, perhaps with a path; no credentials in it."""
    tls: ssl.SSLContext | None = None
    """One for all connections: each context of its own would load the CA bundle again. None for plain HTTP."""
    token: Token = field(default=_anonymous, repr=False)
    proxy: str = field(default="", repr=False)
    """URL of the proxy, perhaps with its user and password; "" for none."""
    server_name: str = ""
    """Name in the server's certificate where it differs from the host."""
    reload: Callable[[], None] = field(default=lambda: None, repr=False)
    """Reads CA and client certificate again, into `tls`: they are replaced while we run."""

    def __post_init__(self) -> None:
        """Refuse what is no address of a server. Raises ConfigurationError."""
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable, parts = False, urlsplit("")
        if not usable:
            raise ConfigurationError("the server's address is no URL; give https://HOST:PORT")
        if parts.username is not None:
            raise ConfigurationError(f"the address of {parts.hostname} holds credentials; put them into the user entry")


class FileToken:
    """The service account's token, which the kubelet replaces while we run."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = Lock()
        self._value = ""
        self._read_at = float("-inf")

    def __call__(self, fresh: bool) -> str:
        """The token; read again at least once a minute, and when the old one was refused.

        Raises ConfigurationError if it has never been read. Later the old one is kept: a 401 tells when it is no good.
        """
        with self._lock:
            now = self._clock.monotonic()
            if fresh or now - self._read_at > _TOKEN_AGE:
                self._read(now)
            return f"Bearer {self._value}"

    def _read(self, now: float) -> None:
        try:
            value = "".join(self._path.read_text("ascii").split())
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
    """The API server of the pod we run in, as its service account. Raises ConfigurationError."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT") or "443"
    if not host:
        raise ConfigurationError("$KUBERNETES_SERVICE_HOST is not set: not in a pod; give a kubeconfig")
    url = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    token = FileToken(directory / "token", clock or SystemClock())
    token(True)
    tls = trusting(directory / "ca.crt")
    return Connection(
        url, tls, token, proxy_for(url, environ), reload=lambda: trust(tls, directory / "ca.crt", "the pod's CA")
    )


def discover(
    kubeconfig: str | None,
    context: str | None,
    environ: Mapping[str, str],
    clock: Clock,
    directory: Path = SERVICE_ACCOUNT,
) -> Connection:
    """What the flags say, else the pod we run in, else the user's kubeconfig. Raises ConfigurationError."""
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
    """The cluster of a kubeconfig's context; without a path that of $KUBECONFIG. Raises ConfigurationError."""
    return _from_files([path] if path else _default_files(os.environ), context, os.environ, SystemClock())


@dataclass(frozen=True, slots=True)
class Official:
    """The official package's part that reads kubeconfigs."""

    package: Any
    failures: tuple[type[Exception], ...]
    """What it fails with, besides what it lets through from those that it uses."""


def _from_files(paths: list[str], context: str | None, environ: Mapping[str, str], clock: Clock) -> Connection:
    # Imported only here: in a pod it would cost 20 MiB for nothing.
    from kubernetes.client.exceptions import OpenApiException  # noqa: PLC0415
    from kubernetes.config import kube_config  # noqa: PLC0415

    from exporter.kube.kubeconfig import from_files  # noqa: PLC0415

    used = kube_config.urllib3.exceptions.HTTPError, kube_config.oauthlib.oauth2.OAuth2Error
    broken = OSError, ValueError, TypeError, KeyError, AttributeError
    failures = (kube_config.ConfigException, OpenApiException, *used, *broken)
    return from_files(paths, context, environ, clock, Official(kube_config, failures))


def _default_files(environ: Mapping[str, str]) -> list[str]:
    named = [p for p in environ.get("KUBECONFIG", "").split(os.pathsep) if p]
    home = environ.get("HOME") or "~"
    return [str(Path(p).expanduser()) for p in named or [f"{home}/.kube/config"]]


def trusting(ca: Path | None, *, verify: bool = True) -> ssl.SSLContext:
    """A context that trusts this CA, or the system's. Raises ConfigurationError."""
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"CA file {ca}: {error}; it must hold PEM certificates") from error
    # Python 3.13 refuses CAs without an authority key identifier, as many clusters have; no other client does.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def trust(context: ssl.SSLContext, ca: Path, where: str) -> None:
    """Trust what the CA file holds by now. Raises ConfigurationError."""
    try:
        context.load_verify_locations(cafile=str(ca))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{where}: CA file {ca}: {error}; it must hold PEM certificates") from error
