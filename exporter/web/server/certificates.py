"""Certificates: what the server proves itself with and whom it believes, read again whenever the files change.

Files are compared by content, since a mounted secret is a symbolic link that is swapped, with times that mean nothing.
New connections get what is new; those that are open keep what they began with, so that no request fails.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Final, NoReturn, Protocol, Self

from exporter.base.clock import Clock
from exporter.web.server.failures import Failures, Part
from exporter.web.server.validity import not_after

log = logging.getLogger(__name__)

LOOK: Final = 10.0
"""Seconds between two looks at the files."""
_LARGEST: Final = 1024 * 1024
"""Bytes of one file; the largest secret of a cluster has as many."""


class CertificateError(Exception):
    """The files cannot be used: one line that names the file, what is wrong and the remedy."""


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where the PEM files are."""

    certificate: Path
    """The server's, followed by those of intermediate authorities."""
    key: Path
    client_ca: Path | None = None
    """Whose client certificates are believed; without it none is asked for."""

    def contents(self) -> tuple[bytes, ...]:
        """What is in them now. Raises CertificateError."""
        paths = (self.certificate, self.key, *((self.client_ca,) if self.client_ca else ()))
        return tuple(map(_read_file, paths))


@dataclass(frozen=True, slots=True)
class LoadedCertificates:
    """What is in use."""

    contents: tuple[bytes, ...]
    context: ssl.SSLContext
    expires: datetime
    """When the server's certificate does."""


class CertificateCounters(Protocol):
    """Is told how it goes."""

    def certificates(self, *, good: bool, expires: datetime) -> None:
        """Changed files were read: they are in use, or they are no good and those before are. `expires` of those."""


class Certificates:
    """Keeps the certificates up to date, from `with` to its end."""

    def __init__(
        self,
        files: CertificateFiles,
        clock: Clock,
        counting: CertificateCounters,
        failures: Failures | None = None,
        *,
        look: float = LOOK,
        first: LoadedCertificates | None = None,
    ) -> None:
        """`first` is what the files hold, if they were read already.

        Raises CertificateError if they were not, and are no good.
        """
        self._files = files
        self._clock = clock
        self._counting = counting
        self._failures = failures or Failures()
        self._look = look
        self._problem = ""
        self._stop = Event()
        self._thread = Thread(target=self._run, name="certificates", daemon=True)
        self._loaded = first or load(files)
        self._take(self._loaded)

    @property
    def context(self) -> ssl.SSLContext:
        """For a connection that begins now."""
        return self._loaded.context

    def alive(self) -> bool:
        """The thread that looks at the files has not ended by itself."""
        return self._thread.is_alive()

    def __enter__(self) -> Self:
        """Begin to look at the files."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """No longer."""
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Take new files into use; if they are no good keep what there is, and say so once."""
        before = self._loaded
        try:
            fresh = before if self._files.contents() == before.contents else load(self._files)
        except CertificateError as error:
            self._refuse(str(error))
            return
        if fresh is not before or self._problem:
            self._take(fresh)
            log.info("certificates were read again", extra={"expires": fresh.expires.isoformat()})

    def _take(self, fresh: LoadedCertificates) -> None:
        self._loaded, self._problem = fresh, ""
        if fresh.expires <= self._clock.now():
            log.warning("the certificate has expired", extra={"expires": fresh.expires.isoformat()})
        self._counting.certificates(good=True, expires=fresh.expires)

    def _refuse(self, problem: str) -> None:
        if problem == self._problem:
            return
        self._problem = problem
        log.error("new certificates are no good; those before stay in use", extra={"error": problem})
        self._counting.certificates(good=False, expires=self._loaded.expires)

    def _run(self) -> None:
        while not self._clock.wait(self._stop, self._look):
            self._failures.isolate(Part.CERTIFICATES, self.look)


def load(files: CertificateFiles) -> LoadedCertificates:
    """The files, ready for use. Raises CertificateError, also if they change at this very moment."""
    contents = files.contents()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Tickets would outlive a certificate that was replaced; a connection lasts for many scrapes anyway.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(files.certificate, files.key, password=_refuse_passphrase)
    except (OSError, ValueError) as error:
        raise CertificateError(
            f"{files.certificate} and {files.key} are no pair of certificate and key: {_describe(error)}; "
            "both must be PEM, and the key must be that of the first certificate"
        ) from None
    if files.client_ca:
        _trust(context, files.client_ca)
    if files.contents() != contents:
        raise CertificateError(f"{files.certificate} and {files.key} are just being replaced; they will be read again")
    return LoadedCertificates(contents, context, _expiry(files.certificate, contents[0]))


def _trust(context: ssl.SSLContext, authority: Path) -> None:
    """Ask for client certificates. The guard demands one, not the handshake: probes have none."""
    try:
        context.load_verify_locations(cafile=authority)
    except (OSError, ValueError) as error:
        raise CertificateError(
            f"{authority} is no authority: {_describe(error)}; it must hold PEM certificates"
        ) from None
    context.verify_mode = ssl.CERT_OPTIONAL


def _expiry(path: Path, pem: bytes) -> datetime:
    try:
        return not_after(pem.decode("ascii"))
    except ValueError as error:
        raise CertificateError(f"{path}: it cannot be told when it expires: {error}") from None


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise CertificateError(f"{path} cannot be read: {error.strerror}; is the secret mounted?") from None
    if len(content) > _LARGEST:
        raise CertificateError(f"{path} is longer than {_LARGEST} bytes; does it hold anything but PEM certificates?")
    return content


def _refuse_passphrase() -> NoReturn:
    """OpenSSL would ask the terminal."""
    raise ValueError("the key is encrypted")


def _describe(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error).lower().replace("_", " ")
