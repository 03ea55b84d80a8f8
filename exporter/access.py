"""Access: from the settings to who may see what is served, and over which kind of connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from exporter.clock import Clock
from exporter.kube.client import Client
from exporter.option_values import Address
from exporter.options import AUTH, AUTH_AUDIENCE, KUBERNETES, LISTEN, TLS_CERT, TLS_CLIENT_CA, TLS_KEY
from exporter.settings import Settings, SettingsError
from exporter.web.certificates import CertificateError, Certificates, Counting, Files, loaded
from exporter.web.guard import CertificateGuard, Guard, KubernetesGuard
from exporter.web.listen import ListenError, listening


@dataclass(frozen=True, slots=True)
class Access:
    """What has been decided about it. As it is by default everybody may see everything, in the clear."""

    files: Files | None = None
    by_kubernetes: bool = False
    audiences: tuple[str, ...] = ()

    @property
    def scheme(self) -> str:
        """That of the address."""
        return "https" if self.files else "http"

    def certificates(self, clock: Clock, counting: Counting) -> Certificates | None:
        """What TLS is spoken with; None if it is not. Raises SettingsError if the files are no good."""
        try:
            return Certificates(self.files, clock, counting) if self.files else None
        except CertificateError as error:
            raise SettingsError(f"{TLS_CERT.flag}: {error}") from None

    def expect_usable(self, listen: Address) -> None:
        """Try the files and the address, to tell in one line what cannot work before anything runs.

        Raises SettingsError.
        """
        try:
            if self.files:
                loaded(self.files)
            listening(listen.host, listen.port).close()
        except CertificateError as error:
            raise SettingsError(f"{TLS_CERT.flag}: {error}") from None
        except ListenError as error:
            raise SettingsError(f"{LISTEN.flag}: {error}") from None

    def guard(self, client: Client, clock: Clock, decided: Callable[[str], None]) -> Guard:
        """Who stands before all routes but the probes; `client` is for asking the API server."""
        if self.by_kubernetes:
            return KubernetesGuard(client.branch(), clock, decided, self.audiences)
        if self.files and self.files.client_ca:
            return CertificateGuard(clock, decided)
        return lambda _: None


OPEN: Final = Access()


def access_of(settings: Settings) -> Access:
    """What the settings say. Raises SettingsError if they contradict each other."""
    certificate, key, client_ca = settings[TLS_CERT], settings[TLS_KEY], settings[TLS_CLIENT_CA]
    if (certificate is None) != (key is None):
        there, missing = (TLS_CERT, TLS_KEY) if key is None else (TLS_KEY, TLS_CERT)
        raise SettingsError(f"{settings.origin(there)} needs {missing.flag} too; give both, or neither for plain HTTP")
    if client_ca and certificate is None:
        raise SettingsError(f"{settings.origin(TLS_CLIENT_CA)} needs TLS; give {TLS_CERT.flag} and {TLS_KEY.flag} too")
    by_kubernetes = settings[AUTH] == KUBERNETES
    if settings[AUTH_AUDIENCE] and not by_kubernetes:
        raise SettingsError(f"{settings.origin(AUTH_AUDIENCE)} is about tokens; give {AUTH.flag} {KUBERNETES} too")
    files = Files(certificate, key, client_ca) if certificate and key else None
    return Access(files, by_kubernetes, settings[AUTH_AUDIENCE])
