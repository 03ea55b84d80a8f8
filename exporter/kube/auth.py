"""Where the API server is and who we are: a pod's service account, or a kubeconfig."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from exporter.clock import Clock
from exporter.kube.errors import ConfigurationError

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TOKEN_AGE: Final = 60.0

Token = Callable[[bool], str]
"""Gives the Authorization header's value, "" for none; True asks for a fresh one after a 401."""


def _anonymous(_fresh: bool) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one API server."""

    url: str
    """Scheme, host and port, perhaps with a path; no credentials in it."""
    tls: ssl.SSLContext | None = None
    """One for all connections: each context of its own would load the CA bundle again. None for plain HTTP."""
    token: Token = _anonymous
    proxy: str = ""
    server_name: str = ""
    """Name in the server's certificate where it differs from the host."""


class FileToken:
    """The service account's token, which the kubelet replaces while we run."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._value = ""
        self._read_at = float("-inf")

    def __call__(self, fresh: bool) -> str:
        """The token; read again at least once a minute, and when the old one was refused."""
        now = self._clock.monotonic()
        if fresh or now - self._read_at > _TOKEN_AGE:
            self._value = _text(self._path)
            self._read_at = now
        return f"Bearer {self._value}"


def in_cluster(environ: Mapping[str, str], clock: Clock, directory: Path = SERVICE_ACCOUNT) -> Connection:
    """The API server of the pod we run in, as its service account."""
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT", "443")
    url = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    token = FileToken(directory / "token", clock)
    token(True)
    return Connection(url, _trusting(directory / "ca.crt"), token, _proxy(url, environ))


def from_kubeconfig(path: str | None, context: str | None) -> Connection:
    """The cluster of a kubeconfig's context.

    The official package reads it, with exec plugins and all; it is imported here because it costs 20 MiB, which a pod
    should not pay. Raises ConfigurationError.
    """
    from kubernetes.client import Configuration  # noqa: PLC0415
    from kubernetes.config import kube_config  # noqa: PLC0415
    from kubernetes.config.config_exception import ConfigException  # noqa: PLC0415
    from yaml import YAMLError  # noqa: PLC0415

    where = path or "the default kubeconfig (~/.kube/config or $KUBECONFIG)"
    if path and not Path(path).is_file():
        raise ConfigurationError(f"kubeconfig {path}: no such file; give the right one with --kubeconfig")
    configuration = Configuration()
    try:
        kube_config.load_kube_config(path, context, configuration, persist_config=False)
    except ConfigException as error:
        raise ConfigurationError(f"{where}: {_told(error)}{_contexts(path)}") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigurationError(f"{where}: cannot be read as a kubeconfig: {_told(error)}") from error
    except YAMLError as error:
        raise ConfigurationError(f"{where}: is not valid YAML: {_told(error)}") from error
    return _connection(configuration, where)


def discover(
    kubeconfig: str | None,
    context: str | None,
    environ: Mapping[str, str],
    clock: Clock,
    directory: Path = SERVICE_ACCOUNT,
) -> Connection:
    """What the flags say, else the pod we run in, else the user's kubeconfig. Raises ConfigurationError."""
    if not kubeconfig and not context and "KUBERNETES_SERVICE_HOST" in environ and (directory / "token").exists():
        return in_cluster(environ, clock, directory)
    if not kubeconfig and not any(Path(p).expanduser().is_file() for p in _default_files(environ)):
        raise ConfigurationError(
            "no cluster to connect to: not in a pod, and no kubeconfig found; "
            "give one with --kubeconfig FILE or $KUBECONFIG, or try `bootsource-exporter demo`"
        )
    return from_kubeconfig(kubeconfig, context)


def _default_files(environ: Mapping[str, str]) -> list[str]:
    named = [p for p in environ.get("KUBECONFIG", "").split(":") if p]
    return named or ["~/.kube/config"]


def _connection(configuration: Any, where: str) -> Connection:  # noqa: ANN401  (the package has no types)
    def token(_fresh: bool) -> str:
        # Asking runs exec plugins and renews expiring tokens: the package's own hook.
        headers = configuration.auth_settings().values()
        return next((str(h["value"]) for h in headers if h["key"].lower() == "authorization" and h["value"]), "")

    url = str(configuration.host).rstrip("/")
    tls = None
    if url.startswith("https"):
        ca = configuration.ssl_ca_cert
        tls = _trusting(Path(ca) if ca else None, verify=bool(configuration.verify_ssl))
        if configuration.cert_file:
            _load_pair(tls, configuration.cert_file, configuration.key_file, where)
    no_proxy = {"no": configuration.no_proxy or ""}
    bypass = proxy_bypass_environment(_host(url), no_proxy)
    proxy = "" if bypass else str(configuration.proxy or "")
    return Connection(url, tls, token, proxy, str(configuration.tls_server_name or ""))


def _trusting(ca: Path | None, *, verify: bool = True) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"CA file {ca}: {error}; it must hold PEM certificates") from error
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _load_pair(context: ssl.SSLContext, cert: str, key: str | None, where: str) -> None:
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{where}: the client certificate or key cannot be used: {error}") from error


def _proxy(url: str, environ: Mapping[str, str]) -> str:
    lower = {k.lower(): v for k, v in environ.items()}
    bypass = proxy_bypass_environment(_host(url), {"no": lower.get("no_proxy", "")})
    return "" if bypass else lower.get("https_proxy", "")


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"token file {path}: {error}; is the service account token mounted?") from error


def _contexts(path: str | None) -> str:
    """The contexts that there are, for whoever has mistyped one."""
    from kubernetes.config import kube_config  # noqa: PLC0415
    from kubernetes.config.config_exception import ConfigException  # noqa: PLC0415

    try:
        contexts, _ = kube_config.list_kube_config_contexts(path)
    except (ConfigException, OSError, ValueError, TypeError, KeyError):
        return ""
    return f"; contexts are {', '.join(sorted(c['name'] for c in contexts))}" if contexts else ""


def _told(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
