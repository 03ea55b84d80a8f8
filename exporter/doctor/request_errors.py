"""Why a server has not answered, and what to do about it."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import requests
import urllib3

HTTPS: Final = "write https:// instead of http://"
_HTTP: Final = "write http:// instead of https://, if that is what is served"
_REACHABLE: Final = "is the address right, and is it reachable from here?"
_CA: Final = "name the CA that has issued it with --ca-file"
_UNNAMED: Final = (62, 64)
"""Codes of OpenSSL: the certificate is for another host name, or another address."""
_UNTIMELY: Final = (9, 10)
"""Codes of OpenSSL: not valid yet, expired."""
_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
"""Reasons of OpenSSL: what came was no TLS."""


class QuestionError(Exception):
    """A question was not answered."""

    def __init__(self, said: str, remedy: str, status: int = 0) -> None:
        super().__init__(said)
        self.said = said
        self.remedy = remedy
        self.status = status
        """Of HTTP; 0 if there was no answer that can be read."""


def describe_failure(name: str, url: str, error: Exception) -> tuple[str, str]:
    """In words, and the remedy: what kept a request to this server, at this address, from being answered."""
    match error:
        case requests.exceptions.SSLError() | urllib3.exceptions.SSLError():
            return _insecure(name, error)
        case requests.exceptions.Timeout() | urllib3.exceptions.TimeoutError():
            return f"{name} does not answer in time at {url}", _REACHABLE
        case requests.exceptions.ProxyError():
            return f"the proxy to {name} fails", "check HTTPS_PROXY and NO_PROXY"
        case _ if any(isinstance(e, http.client.HTTPException | ConnectionResetError) for e in _root_cause(error)):
            # There was a connection, and what came over it was no answer.
            mend = HTTPS + ", if that is what is served" if url.startswith("http:") else "see its log"
            return f"{name} breaks the connection off", mend
        case _:
            return f"{name} cannot be reached at {url}{_reason(error)}", _REACHABLE


def _root_cause(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and all that it came from."""
    while error is not None:
        yield error
        error = error.__context__


def _reason(error: Exception) -> str:
    for each in _root_cause(error):
        if isinstance(each, socket.gaierror):
            return ": there is no host of this name"
        if isinstance(each, OSError) and each.strerror:
            return f": {each.strerror.lower()}"
    return ""


def _insecure(name: str, error: BaseException) -> tuple[str, str]:
    """What is wrong with TLS: another CA does not help against a name or a date."""
    cause = next((each for each in _root_cause(error) if isinstance(each, ssl.SSLError)), None)
    if cause is None:
        return f"the certificate of {name} is not trusted, or TLS fails", _CA
    if cause.reason in _NO_TLS:
        return f"{name} does not speak TLS at this address", _HTTP
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return f"TLS with {name} fails: {cause.reason or cause}", f"see the log of {name}, and of what stands before it"
    said = f"the certificate of {name} is not trusted: {cause.verify_message}"
    if cause.verify_code in _UNNAMED:
        return said, "use the name that the certificate was made for"
    if cause.verify_code in _UNTIMELY:
        return said, "have the certificate renewed, or set the clock of this machine"
    return said, _CA
