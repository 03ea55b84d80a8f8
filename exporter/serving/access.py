"""Access: from the settings to TLS and to the guard that decides which requests are answered."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from exporter.base.clock import Clock
from exporter.kube.client import Client
from exporter.settings.options import AUTH, AUTH_AUDIENCE, KUBERNETES, LISTEN, TLS_CERT, TLS_CLIENT_CA, TLS_KEY
from exporter.settings.settings import Settings, SettingsError
from exporter.settings.values import Address
from exporter.web.guard import CertificateGuard, Guard, KubernetesGuard
from exporter.web.server.certificates import (
    CertificateCounters,
    CertificateError,
    CertificateFiles,
    Certificates,
    LoadedCertificates,
    load,
)
from exporter.web.server.failures import Failures
from exporter.web.server.listen import ListenError, open_socket


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """The access settings. The default is plain HTTP without a guard: every client can read everything."""

    files: CertificateFiles | None = None
    by_kubernetes: bool = False
    audiences: tuple[str, ...] = ()

    def open(self, listen: Address) -> Listener:
        """Read the certificates and open the socket. Clients that connect before the server starts wait in the backlog.

        Raises SettingsError if either cannot be done.
        """
        try:
            return Listener(
                self, listen, load(self.files) if self.files else None, open_socket(listen.host, listen.port)
            )
        except CertificateError as error:
            raise SettingsError(f"{TLS_CERT.flag}: {error}") from None
        except ListenError as error:
            raise SettingsError(f"{LISTEN.flag}: {error}") from None

    def guard(self, client: Client, clock: Clock, decided: Callable[[str], None]) -> Guard:
        """The guard of all routes except the probes. `client` sends its reviews, `decided` counts its decisions."""
        if self.by_kubernetes:
            return KubernetesGuard(client.branch(), clock, decided, self.audiences)
        if self.files and self.files.client_ca:
            return CertificateGuard(clock, decided)
        return lambda _: None


OPEN: Final = AccessSettings()


@dataclass(frozen=True, slots=True)
class Listener:
    """The open socket and the certificates. Opened before anything else runs, so that errors show at once."""

    access: AccessSettings
    listen: Address
    loaded: LoadedCertificates | None
    """The certificates as read at the start; None for plain HTTP."""
    listener: socket.socket

    @property
    def address(self) -> str:
        """The URL of the page for a browser."""
        scheme = "https" if self.loaded else "http"
        return f"{scheme}://{self.listen.host or 'localhost'}:{self.listener.getsockname()[1]}/"

    def certificates(self, clock: Clock, counting: CertificateCounters, failures: Failures) -> Certificates | None:
        """The certificates for TLS, which follow changes of their files; None for plain HTTP."""
        files = self.access.files
        return Certificates(files, clock, counting, failures, first=self.loaded) if files else None


def access_settings(settings: Settings) -> AccessSettings:
    """Read the access settings. Raises SettingsError for options that need another one which is missing."""
    certificate, key, client_ca = settings[TLS_CERT], settings[TLS_KEY], settings[TLS_CLIENT_CA]
    if (certificate is None) != (key is None):
        there, missing = (TLS_CERT, TLS_KEY) if key is None else (TLS_KEY, TLS_CERT)
        raise SettingsError(f"{settings.origin(there)} needs {missing.flag} too; give both, or neither for plain HTTP")
    if client_ca and certificate is None:
        raise SettingsError(f"{settings.origin(TLS_CLIENT_CA)} needs TLS; give {TLS_CERT.flag} and {TLS_KEY.flag} too")
    by_kubernetes = settings[AUTH] == KUBERNETES
    if settings[AUTH_AUDIENCE] and not by_kubernetes:
        raise SettingsError(f"{settings.origin(AUTH_AUDIENCE)} is about tokens; give {AUTH.flag} {KUBERNETES} too")
    files = CertificateFiles(certificate, key, client_ca) if certificate and key else None
    return AccessSettings(files, by_kubernetes, settings[AUTH_AUDIENCE])
