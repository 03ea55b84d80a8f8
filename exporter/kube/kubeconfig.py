"""Reads kubeconfigs with the official package: contexts, inline certificates, exec plugins, tokens that expire.

That package costs 20 MiB, so this module is imported only where a kubeconfig is used.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Final

import yaml
from kubernetes.client.exceptions import OpenApiException
from kubernetes.config import kube_config

from exporter.base.clock import Clock
from exporter.kube.connection import Connection, load_ca, tls_context
from exporter.kube.errors import ConfigurationError
from exporter.kube.proxies import proxy_for

_EARLY: Final = timedelta(seconds=30)
"""How long before its expiry a plugin's token is replaced."""
_LARGEST: Final = 4 * 1024 * 1024
"""Maximum bytes of one file: hundreds of clusters with their certificates have fewer."""
_FAILURES: Final[tuple[type[Exception], ...]] = (
    *(kube_config.ConfigException, OpenApiException),
    *(kube_config.urllib3.exceptions.HTTPError, kube_config.oauthlib.oauth2.OAuth2Error),
    *(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError),
)
"""Everything that the official package raises: its own errors, those of its libraries, and those of broken files."""


def from_files(paths: Sequence[str], context: str | None, environ: Mapping[str, str], clock: Clock) -> Connection:
    """The connection of a context in these files, merged the way kubectl merges them. Raises ConfigurationError."""
    source = _Source(paths, context)
    token = _Token(source, clock)
    config = token.config
    url = str(config.host or "").rstrip("/")
    try:
        proxy = proxy_for(url, environ, str(source.cluster.get("proxy-url") or ""))
        if not url.startswith("https://"):
            return Connection(url, None, token, proxy)
        tls = tls_context(_path(config.ssl_ca_cert), verify=bool(config.verify_ssl))
        token.tls = tls
        token.load_certificates()
        return Connection(url, tls, token, proxy, str(config.tls_server_name or ""), token.load_certificates)
    except ConfigurationError as error:
        raise ConfigurationError(f"{source}: {error}") from error


class _Source:
    """One context in one or several files."""

    def __init__(self, paths: Sequence[str], context: str | None) -> None:
        self._paths = [str(Path(p).expanduser()) for p in paths]
        self._context = context
        self.expires: datetime | None = None
        self.cluster: dict[str, Any] = {}

    def __str__(self) -> str:
        name = f"kubeconfig {':'.join(self._paths)}"
        return f"{name}, context {self._context}" if self._context else name

    def read(self) -> Any:  # noqa: ANN401  (the package has no types)
        """Load the context's configuration; runs its exec plugin. Raises ConfigurationError."""
        with self._describe_errors():
            merged = self._merge()
            self._choose(merged.value)
            user, self.cluster = self._entries(merged.value)
            self.expires = None
            if isinstance(user.get("exec"), dict):
                self._run_plugin(merged, user)
            config = kube_config.Configuration()
            loader = kube_config.KubeConfigLoader(merged, active_context=self._context, config_base_path=None)
            loader.load_and_set(config)
        return config

    def authorization(self, config: Any) -> str:  # noqa: ANN401
        """The Authorization header's value. The package renews some tokens in this call, such as those of OIDC."""
        with self._describe_errors():
            headers = config.auth_settings().values()
            values = (str(h["value"]).strip() for h in headers if h["key"].lower() == "authorization" and h["value"])
            return next(values, "")

    @contextmanager
    def _describe_errors(self) -> Iterator[None]:
        """Turn errors of the package into a ConfigurationError of one sentence."""
        try:
            yield
        except _FAILURES as error:
            # Some of these messages end with the whole entry as a dict, including its token.
            told = _describe(error).partition("{")[0]
            raise ConfigurationError(f"{self}: {told}; correct it, log in again, or give another one") from None

    def _merge(self) -> Any:  # noqa: ANN401  (the package has no types)
        there = [p for p in self._paths if Path(p).exists()]
        if not there:
            raise ConfigurationError(f"{self}: no such file; give the right one with --kubeconfig")
        for path in there:
            _check(path)
        return kube_config.KubeConfigMerger(":".join(there)).config

    def _choose(self, merged: Mapping[str, Any]) -> None:
        named = sorted(str(c.value.get("name")) for c in merged["contexts"])
        self._context = self._context or merged.get("current-context")
        known = f"; contexts are {', '.join(named)}" if named else "; it holds no contexts"
        if not self._context:
            raise ConfigurationError(f"{self}: current-context is not set; give one with --context{known}")
        if self._context not in named:
            raise ConfigurationError(f"{self}: there is no such context; give another one with --context{known}")

    def _entries(self, merged: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The entries of the context's user and cluster. Raises ConfigurationError if one is missing or incomplete."""
        chosen = _find_named(merged["contexts"], self._context).get("context") or {}
        cluster = _find_named(merged["clusters"], chosen.get("cluster")).get("cluster") or {}
        if not cluster.get("server"):
            raise ConfigurationError(f"{self}: cluster {chosen.get('cluster')!r} has no server; set its address")
        entry = _find_named(merged["users"], chosen.get("user"))
        if chosen.get("user") and not entry:
            raise ConfigurationError(
                f"{self}: there is no user {chosen['user']!r}; log in again, or correct the context"
            )
        return entry.get("user") or {}, cluster

    def _run_plugin(self, merged: Any, user: dict[str, Any]) -> None:  # noqa: ANN401
        """Run the exec plugin and put its credentials into the user entry.

        Raises ConfigurationError if it fails; the package itself would only log that.
        """
        command = user["exec"].get("command")
        chosen = merged["contexts"].get_with_name(self._context)["context"]
        node = merged["users"].get_with_name(chosen["user"])
        cluster = merged["clusters"].get_with_name(chosen["cluster"])["cluster"]
        try:
            status = kube_config.ExecProvider(node["user"]["exec"], str(Path(node.path).parent), cluster).run()
        except (kube_config.ConfigException, OSError) as error:
            raise ConfigurationError(
                f"{self}: exec plugin {command} failed: {_describe(error)}; run it by hand, or log in again"
            ) from error
        _adopt(status, user, f"{self}: exec plugin {command}")
        if expires := status.get("expirationTimestamp"):
            instant = datetime.fromisoformat(str(expires))
            self.expires = instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _adopt(status: object, user: dict[str, Any], who: str) -> None:
    given = status if isinstance(status, dict) else {}
    pair = given.get("clientCertificateData"), given.get("clientKeyData")
    if not given.get("token") and not all(pair):
        raise ConfigurationError(f"{who} gave neither a token nor a client certificate with its key")
    del user["exec"]
    if given.get("token"):
        user["token"] = given["token"]
    if all(pair):
        user["client-certificate-data"], user["client-key-data"] = (
            b64encode(str(part).encode()).decode() for part in pair
        )


class _Token:
    """The Authorization header of a kubeconfig's user, renewed when it expires or is refused."""

    def __init__(self, source: _Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._lock = Lock()
        self.config = source.read()
        self.tls: ssl.SSLContext | None = None

    def __call__(self, fresh: bool) -> str:
        """The header's value. Raises ConfigurationError if a renewal fails."""
        with self._lock:
            expires = self._source.expires
            if fresh or (expires is not None and expires - _EARLY <= self._clock.now()):
                # Load everything again: plugins have to run again, and the user may have logged in again meanwhile.
                self.config = self._source.read()
                self.load_certificates()
            return self._source.authorization(self.config)

    def load_certificates(self) -> None:
        """Load CA and client certificate from the files into the TLS context. Raises ConfigurationError."""
        if self.tls is None:
            return
        if ca := _path(self.config.ssl_ca_cert):
            load_ca(self.tls, ca, str(self._source))
        if cert := self.config.cert_file:
            try:
                self.tls.load_cert_chain(cert, self.config.key_file)
            except (OSError, ssl.SSLError) as error:
                raise ConfigurationError(
                    f"{self._source}: client-certificate and client-key cannot be used: {_describe(error)}; "
                    "they must be a pair of PEM files"
                ) from error


def _check(path: str) -> None:
    """Raise ConfigurationError, with file and reason, if the file cannot be a kubeconfig."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ConfigurationError(f"kubeconfig {path}: has more than {_LARGEST} bytes; is it a kubeconfig?")
        value = yaml.safe_load(content.decode("utf-8"))
    except RecursionError:
        raise ConfigurationError(f"kubeconfig {path}: is nested too deeply; is it a kubeconfig?") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"kubeconfig {path}: cannot be read: {_describe(error)}") from error
    except yaml.YAMLError as error:
        # The parser's message contains an excerpt of the file, which may be a token: only its place is shown.
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise ConfigurationError(f"kubeconfig {path}: is not valid YAML{place}: {problem}") from None
    if not isinstance(value, dict):
        raise ConfigurationError(f"kubeconfig {path}: holds no mapping; is it a kubeconfig?")
    for name in ("clusters", "contexts", "users"):
        entries = value.get(name) or []
        if not isinstance(entries, list) or not all(isinstance(e, dict) and "name" in e for e in entries):
            raise ConfigurationError(f"kubeconfig {path}: {name} must be a list of entries that have a name")


def _find_named(nodes: Sequence[Any], name: object) -> dict[str, Any]:
    return next((n.value for n in nodes if n.value.get("name") == name), {})


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _describe(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
