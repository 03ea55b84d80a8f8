"""Connection: the address of an API server, the TLS context, and the source of the token."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from exporter.kube.errors import ConfigurationError

Token = Callable[[bool], str]
"""Returns the Authorization header's value, "" for none. True asks for a new token after a 401. Thread-safe."""


def _anonymous(_fresh: bool) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one API server."""

    url: str
    """Scheme, host and port, perhaps with a path; no credentials in it."""
    tls: ssl.SSLContext | None = None
    """Shared by all connections, since every context loads the CA bundle again. None for plain HTTP."""
    token: Token = field(default=_anonymous, repr=False)
    proxy: str = field(default="", repr=False)
    """URL of the proxy, perhaps with its user and password; "" for none."""
    server_name: str = ""
    """Name in the server's certificate where it differs from the host."""
    reload: Callable[[], None] = field(default=lambda: None, repr=False)
    """Reads CA and client certificate again, into `tls`: they are replaced while we run."""

    def __post_init__(self) -> None:
        """Raise ConfigurationError if the URL has no host or contains credentials."""
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable, parts = False, urlsplit("")
        if not usable:
            raise ConfigurationError("the server's address is no URL; give https://HOST:PORT")
        if parts.username is not None:
            raise ConfigurationError(f"the address of {parts.hostname} holds credentials; put them into the user entry")


def tls_context(ca: Path | None, *, verify: bool = True) -> ssl.SSLContext:
    """A context that trusts this CA file, or the system's CAs. Raises ConfigurationError if the file cannot be used."""
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"CA file {ca}: {error}; it must hold PEM certificates") from error
    # Python 3.13 rejects CAs without an authority key identifier, which many clusters have. Other clients accept them.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def load_ca(context: ssl.SSLContext, ca: Path, where: str) -> None:
    """Add the current content of the CA file to the context. Raises ConfigurationError, which begins with `where`."""
    try:
        context.load_verify_locations(cafile=str(ca))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{where}: CA file {ca}: {error}; it must hold PEM certificates") from error
