"""Server: asks an HTTP API of the Prometheus family, and turns every failure into words and a remedy."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from exporter.version import version

_TIMEOUT: Final = (5.0, 20.0)
"""Seconds to connect, and between two pieces of an answer."""
LIMIT: Final = 64 * 1024 * 1024
"""Bytes of an answer; one that is longer is not what we have asked for."""
_TOKEN: Final = "pass a token with --token-file, for instance one of `oc whoami -t`"  # noqa: S105  (a hint)
_HERE: Final = ("localhost", "127.0.0.1", "::1")
_CA: Final = "name the CA that has issued it with --ca-file"
_UNNAMED: Final = (62, 64)
"""Codes of OpenSSL: the certificate is for another host name, or another address."""
_UNTIMELY: Final = (9, 10)
"""Codes of OpenSSL: not valid yet, expired."""
_REMEDIES: Final = {
    401: _TOKEN,
    403: "give the account of the token the right to ask: on OpenShift the ClusterRole cluster-monitoring-view",
    404: "check the address: the path under which it is served, as /prometheus, belongs to it",
}


class FaultError(Exception):
    """A question was not answered."""

    def __init__(self, said: str, remedy: str, status: int = 0) -> None:
        super().__init__(said)
        self.said = said
        self.remedy = remedy
        self.status = status
        """Of HTTP; 0 if there was no answer that can be read."""


class Server:
    """One server, and how to be let in."""

    def __init__(self, name: str, url: str, token: Path | None = None, ca: Path | None = None) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._token = token
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"bootsource-exporter/{version()}"
        self._session.auth = self._authorized  # also keeps a password of ~/.netrc from being sent
        # Given with each request: requests lets REQUESTS_CA_BUNDLE overrule the session's own.
        self._verify = None if ca is None else str(ca)

    def _authorized(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            parts = urlsplit(request.url or "")
            if parts.scheme != "https" and parts.hostname not in _HERE:
                raise FaultError(
                    f"a token for {self._name} would be sent unencrypted", "write https://, or leave it out"
                )
            request.headers["Authorization"] = f"Bearer {_token(self._token)}"
        return request

    def json(self, path: str, **params: str) -> Any:  # noqa: ANN401
        """The document at a path. Raises FaultError."""
        body = self.text(path, **params)
        try:
            return json.loads(body)
        except ValueError:
            raise FaultError(*self._no_api(path, body)) from None

    def data(self, path: str, **params: str) -> Any:  # noqa: ANN401
        """What Prometheus wraps into status and data. Raises FaultError."""
        answer = self.json(path, **params)
        if not isinstance(answer, dict) or answer.get("status") not in ("success", "error"):
            raise FaultError(f"{self._name} answers {path} with something else than its API does", _REMEDIES[404])
        if answer["status"] == "error":
            raise FaultError(f"{self._name} refuses {path}: {answer.get('error', 'no reason given')}", "see its log")
        return answer.get("data")

    def text(self, path: str, **params: str) -> str:
        """The body at a path. Raises FaultError."""
        try:
            # Redirects lead to login pages. Following one would send the token to another server.
            with self._session.get(
                self._url + path,
                params=params,
                timeout=_TIMEOUT,
                allow_redirects=False,
                stream=True,
                verify=self._verify,
            ) as answer:
                self._refuse(path, answer)
                return self._read(path, answer)
        except requests.RequestException as error:
            raise FaultError(*self._unreachable(error)) from None
        except OSError:
            raise FaultError("the file of --ca-file holds no CA certificates", "name a PEM file that does") from None

    def _refuse(self, path: str, answer: requests.Response) -> None:
        code = answer.status_code
        if answer.is_redirect:
            host = urlsplit(answer.headers.get("Location", "")).hostname or "another page"
            raise FaultError(f"{self._name} sends us on to {host}, as to a login page", _TOKEN, code)
        if code in (400, 422) and "json" in answer.headers.get("Content-Type", ""):
            return  # Prometheus explains in its own words what it does not like.
        if code != 200:
            remedy = _REMEDIES.get(code, f"see the log of {self._name}, and of what stands before it")
            raise FaultError(f"{self._name} answers {path} with {code} {answer.reason or ''}".strip(), remedy, code)

    def _read(self, path: str, answer: requests.Response) -> str:
        body = bytearray()
        for piece in answer.iter_content(65536):
            body += piece
            if len(body) > LIMIT:
                raise FaultError(f"{self._name} answers {path} with more than {LIMIT >> 20} MiB", _REMEDIES[404])
        return body.decode("utf-8", "replace")

    def _no_api(self, path: str, body: str) -> tuple[str, str]:
        if body.lstrip()[:1] == "<":
            return f"{self._name} answers {path} with a web page, as a login page does", _TOKEN
        return (
            f"{self._name} answers {path} with JSON that is cut off or broken",
            "ask again; see what stands before it",
        )

    def _unreachable(self, error: requests.RequestException) -> tuple[str, str]:
        match error:
            case requests.exceptions.SSLError():
                return _insecure(self._name, error)
            case requests.exceptions.Timeout():
                return f"{self._name} does not answer in time", "is the address right, and is it reachable from here?"
            case requests.exceptions.ProxyError():
                return f"the proxy to {self._name} fails", "check HTTPS_PROXY and NO_PROXY"
            case _:
                return f"{self._name} cannot be reached", "is the address right, and is it reachable from here?"


def _token(file: Path) -> str:
    """The token in a file. Raises FaultError, and never repeats what the file holds."""
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise FaultError(f"the token file {file} cannot be read", "name a file that can be read") from None
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise FaultError(f"the token file {file} holds no token", "put one token into it, and nothing else")
    return token


def _insecure(name: str, error: BaseException) -> tuple[str, str]:
    """What is wrong with TLS: another CA does not help against a name or a date."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__context__
    if cause is None:
        return f"the certificate of {name} is not trusted, or TLS fails", _CA
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return f"TLS with {name} fails: {cause.reason or cause}", "is it https:// that is served at this address?"
    said = f"the certificate of {name} is not trusted: {cause.verify_message}"
    if cause.verify_code in _UNNAMED:
        return said, "use the name that the certificate was made for"
    if cause.verify_code in _UNTIMELY:
        return said, "have the certificate renewed, or set the clock of this machine"
    return said, _CA
