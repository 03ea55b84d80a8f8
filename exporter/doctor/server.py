"""Server: asks an HTTP API of the Prometheus family, and turns every failure into words and a remedy."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import urllib3

from exporter.base.clock import SystemClock
from exporter.base.version import installed_version
from exporter.doctor.request_errors import HTTPS, QuestionError, describe_failure

_TIMEOUT: Final = (5.0, 20.0)
"""Seconds to connect, and between two pieces of an answer."""
_WHOLE: Final = 30.0
"""Seconds for a whole answer."""
_LARGEST: Final = 64 * 1024 * 1024
"""Bytes of an answer; one that is longer is not what we have asked for."""
_TOKEN: Final = "pass a token with --token-file, for instance one of `oc whoami -t`"  # noqa: S105  (a hint)
_HERE: Final = ("localhost", "127.0.0.1", "::1")
_HTTP: Final = "write http:// instead of https://, if that is what is served"
_NO_PROXY: Final[dict[str, Any]] = {"http": None, "https": None, "all": None}
"""What is None here is not taken from the environment."""
_HTTP_TO_HTTPS: Final = b"HTTP request to an HTTPS server"
"""How servers written in Go tell, as Prometheus and the proxies of OpenShift are."""
_REMEDIES: Final = {
    401: _TOKEN,
    403: "give the account of the token the right to ask: on OpenShift the ClusterRole cluster-monitoring-view",
    404: "check the address: the path under which it is served, as /prometheus, belongs to it",
}


class TokenFile:
    """A bearer token in a file. It is read once, since the file may be a pipe: `--token-file <(oc whoami -t)`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @cached_property
    def value(self) -> str:
        """The token. Raises QuestionError, which never repeats what the file holds."""
        try:
            token = self._file.read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise QuestionError(f"the token file {self._file} cannot be read", "name a file that can be read") from None
        if not token:
            raise QuestionError(f"the token file {self._file} is empty", "put a token into it, and nothing else")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise QuestionError(
                f"the token file {self._file} holds something else than one token",
                "put one token into it, on one line, and nothing else",
            )
        return token


class MonitoringServer:
    """One server, and how to be let in. `seconds` and `limit`, in bytes, are what an answer may take at most."""

    def __init__(
        self,
        name: str,
        url: str,
        token: TokenFile | None = None,
        ca: Path | None = None,
        *,
        seconds: float = _WHOLE,
        limit: int = _LARGEST,
    ) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._token = token
        self._seconds = seconds
        self._limit = limit
        self._clock = SystemClock()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"bootsource-exporter/{installed_version()}"
        self._session.auth = self._authorize  # also keeps a password of ~/.netrc from being sent
        # Given with each request: requests lets REQUESTS_CA_BUNDLE overrule the session's own.
        self._verify = None if ca is None else str(ca)
        # A proxy would get in the clear what is not meant to leave this machine.
        self._proxies = _NO_PROXY if urlsplit(url).hostname in _HERE else None

    @property
    def url(self) -> str:
        """Its address."""
        return self._url

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            parts = urlsplit(request.url or "")
            if parts.scheme != "https" and parts.hostname not in _HERE:
                raise QuestionError(
                    f"a token for {self._name} would be sent unencrypted", "write https://, or leave it out"
                )
            request.headers["Authorization"] = f"Bearer {self._token.value}"
        return request

    def json(self, path: str, **params: str) -> Any:  # noqa: ANN401
        """The document at a path. Raises QuestionError."""
        body = self.text(path, **params)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise QuestionError(*self._no_api(path, body)) from None

    def data(self, path: str, **params: str) -> Any:  # noqa: ANN401
        """What Prometheus wraps into status and data. Raises QuestionError."""
        answer = self.json(path, **params)
        if not isinstance(answer, dict) or answer.get("status") not in ("success", "error"):
            raise QuestionError(f"{self._name} answers {path} with something else than its API does", _REMEDIES[404])
        if answer["status"] == "error":
            raise QuestionError(f"{self._name} refuses {path}: {answer.get('error', 'no reason given')}", "see its log")
        return answer.get("data")

    def text(self, path: str, **params: str) -> str:
        """The body at a path. Raises QuestionError."""
        try:
            # Redirects lead to login pages. Following one would send the token to another server.
            with self._session.get(
                self._url + path,
                params=params,
                timeout=_TIMEOUT,
                allow_redirects=False,
                stream=True,
                verify=self._verify,
                proxies=self._proxies,
            ) as answer:
                self._refuse(path, answer)
                return self._read(path, answer)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise QuestionError(*describe_failure(self._name, self._url, error)) from None
        except OSError:  # of the files with certificates, the only ones that it reads
            if self._verify:
                said, remedy = "the file of --ca-file holds no CA certificates", "name a PEM file that does"
            else:
                said = "the CA certificates of this machine cannot be read"
                remedy = "check REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, or name the CA with --ca-file"
            raise QuestionError(said, remedy) from None

    def _refuse(self, path: str, answer: requests.Response) -> None:
        code = answer.status_code
        if answer.is_redirect:
            place, asked = urlsplit(answer.headers.get("Location", "")), urlsplit(self._url)
            host = place.hostname or "another page"
            if (place.hostname, place.scheme, asked.scheme) == (asked.hostname, "https", "http"):
                raise QuestionError(f"{self._name} speaks HTTPS at this address", HTTPS, code)
            raise QuestionError(f"{self._name} sends us on to {host}, as to a login page", _TOKEN, code)
        if code in (400, 422) and "json" in answer.headers.get("Content-Type", ""):
            return  # Prometheus explains in its own words what it does not like.
        if code == 400 and _HTTP_TO_HTTPS in answer.raw.read(1024):
            raise QuestionError(f"{self._name} speaks HTTPS at this address", HTTPS, code)
        if code != 200:
            remedy = _REMEDIES.get(code, f"see the log of {self._name}, and of what stands before it")
            raise QuestionError(f"{self._name} answers {path} with {code} {answer.reason or ''}".strip(), remedy, code)

    def _read(self, path: str, answer: requests.Response) -> str:
        deadline = self._clock.monotonic() + self._seconds
        body = bytearray()
        # Not in pieces of a size: such a read would wait for a whole piece of an answer that trickles.
        while piece := answer.raw.read1(65536, decode_content=True):
            body += piece
            if len(body) > self._limit:
                raise QuestionError(
                    f"{self._name} answers {path} with more than {self._limit >> 20} MiB", _REMEDIES[404]
                )
            if self._clock.monotonic() > deadline:
                said = f"the answer of {self._name} to {path} does not end within {self._seconds:g} s"
                raise QuestionError(said, "is it overloaded, or the connection slow? See its log")
        return body.decode("utf-8", "replace")

    def _no_api(self, path: str, body: str) -> tuple[str, str]:
        if body.lstrip()[:1] == "<":
            return f"{self._name} answers {path} with a web page, as a login page does", _TOKEN
        return (
            f"{self._name} answers {path} with JSON that is cut off or broken",
            "ask again; see what stands before it",
        )
