"""Connection: where an API server is, whom it is to be trusted by, and the token of each request."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from exporter.kube.errors import ConfigurationError

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


def tls_context(ca: Path | None, *, verify: bool = True) -> ssl.SSLContext:
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


def load_ca(context: ssl.SSLContext, ca: Path, where: str) -> None:
    """Trust what the CA file holds by now. Raises ConfigurationError."""
    try:
        context.load_verify_locations(cafile=str(ca))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{where}: CA file {ca}: {error}; it must hold PEM certificates") from error
