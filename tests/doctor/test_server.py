"""Whatever a server answers, or does not: words, a remedy, and nothing given away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import responses

from exporter.doctor.request_errors import QuestionError
from exporter.doctor.server import MonitoringServer, TokenFile
from tests.kube.fake import FakeApi, Request

URL = "https://prometheus.example/base"
PATH = f"{URL}/api/v1/query"


@pytest.fixture
def answers() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def fault(server: MonitoringServer | None = None) -> QuestionError:
    with pytest.raises(QuestionError) as caught:
        (server or MonitoringServer("Prometheus", URL)).data("/api/v1/query", query="up")
    return caught.value


@pytest.mark.parametrize(
    ("answer", "said", "remedy"),
    [
        ({"status": 401}, "answers /api/v1/query with 401 Unauthorized", "--token-file"),
        ({"status": 403}, "answers /api/v1/query with 403 Forbidden", "cluster-monitoring-view"),
        ({"status": 404}, "answers /api/v1/query with 404 Not Found", "check the address"),
        ({"status": 500}, "with 500 Internal Server Error", "see the log of Prometheus"),
        ({"status": 503, "body": "<html>"}, "with 503 Service Unavailable", "see the log of Prometheus"),
        ({"status": 302, "headers": {"Location": "https://login.example/auth?x=1"}}, "login.example", "--token-file"),
        ({"status": 301, "headers": {"Location": "/login"}}, "sends us on to another page", "--token-file"),
        ({"body": "[" * 200_000}, "cut off or broken", "ask again"),
        ({"body": OSError("no CA bundle at /nowhere")}, "of this machine cannot be read", "REQUESTS_CA_BUNDLE"),
        ({"body": "<!DOCTYPE html><title>Log in</title>"}, "a web page, as a login page does", "--token-file"),
        ({"body": '{"status": "success", "da'}, "cut off or broken", "ask again"),
        ({"body": ""}, "cut off or broken", "ask again"),
        ({"json": ["something"]}, "something else than its API does", "check the address"),
        ({"json": {"status": "error", "error": "too busy"}}, "refuses /api/v1/query: too busy", "see its log"),
        (
            {"status": 422, "json": {"status": "error", "error": "query timed out"}},
            "refuses /api/v1/query: query timed out",
            "see its log",
        ),
        ({"status": 400, "body": "Client sent an HTTP request to an HTTPS server."}, "speaks HTTPS", "write https://"),
        ({"status": 400, "body": "No."}, "with 400 Bad Request", "see the log"),
        ({"body": requests.exceptions.SSLError("self-signed certificate")}, "is not trusted", "--ca-file"),
        ({"body": requests.exceptions.ConnectTimeout("slow")}, "does not answer in time", "reachable from here"),
        ({"body": requests.exceptions.ReadTimeout("slow")}, "does not answer in time", "reachable from here"),
        ({"body": requests.exceptions.ConnectionError("refused")}, "cannot be reached", "reachable from here"),
        ({"body": requests.exceptions.ProxyError("no")}, "the proxy to Prometheus fails", "HTTPS_PROXY"),
        ({"body": requests.exceptions.ChunkedEncodingError("cut")}, "cannot be reached", "reachable from here"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
def test_a_fault_has_words_and_a_remedy(
    answers: responses.RequestsMock, answer: dict[str, object], said: str, remedy: str
) -> None:
    answers.get(PATH, **answer)
    told = fault()
    assert said in told.said
    assert remedy in told.remedy


def test_an_answer_that_is_too_long_is_not_read_to_its_end(answers: responses.RequestsMock) -> None:
    answers.get(PATH, body=b"[" + b" " * 5_000_000)
    assert fault(MonitoringServer("Prometheus", URL, limit=1 << 20)).said.endswith("with more than 1 MiB")


def test_an_answer_that_does_not_end_is_not_waited_for() -> None:
    def dripping(request: Request) -> None:
        request.begin()
        while not request.server.api.over.wait(0.02):
            request.chunk(b" ")

    with FakeApi() as api:
        api.lists = [dripping]
        told = fault(MonitoringServer("Prometheus", api.url, seconds=0.3))
    assert "does not end within 0.3 s" in told.said


def test_a_redirect_is_not_followed_so_that_the_token_stays_here(
    answers: responses.RequestsMock, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("secret-token\n")
    answers.get(PATH, status=301, headers={"Location": "https://elsewhere.example/"})
    told = fault(MonitoringServer("Prometheus", URL, TokenFile(token)))
    assert [call.request.url for call in answers.calls] == [f"{PATH}?query=up"]
    assert answers.calls[0].request.headers["Authorization"] == "Bearer secret-token"
    assert "secret-token" not in told.said + told.remedy


def test_a_token_is_not_sent_unencrypted(answers: responses.RequestsMock, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret-token")
    assert "unencrypted" in fault(MonitoringServer("Prometheus", "http://prometheus.example", TokenFile(token))).said
    answers.get("http://localhost:9090/api/v1/query", json={"status": "success", "data": 1})
    assert (
        MonitoringServer("Prometheus", "http://localhost:9090", TokenFile(token)).data("/api/v1/query", query="up") == 1
    )


def test_a_redirect_to_https_is_about_the_address_and_not_about_a_login(answers: responses.RequestsMock) -> None:
    plain = URL.replace("https:", "http:")
    answers.get(f"{plain}/api/v1/query", status=301, headers={"Location": f"{PATH}?query=up"})
    told = fault(MonitoringServer("Prometheus", plain))
    assert (told.said, told.remedy) == ("Prometheus speaks HTTPS at this address", "write https:// instead of http://")


def test_what_is_on_this_machine_is_not_asked_through_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tmp_path / "token"
    token.write_text("secret-token")
    with FakeApi() as proxy, FakeApi() as api:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        proxy.lists = [Request.cut]
        api.lists = [lambda request: request.body(200, {"status": "success", "data": 1})]
        assert MonitoringServer("Prometheus", api.url, TokenFile(token)).data("/api/v1/query") == 1
    assert (proxy.paths, api.tokens) == ([], ["Bearer secret-token"])


@pytest.mark.parametrize(
    ("url", "why"),
    [("http://127.0.0.1:9", "connection refused"), ("http://nowhere.invalid", "there is no host of this name")],
)
def test_an_address_at_which_nobody_is_says_why(url: str, why: str) -> None:
    assert fault(MonitoringServer("Prometheus", url)).said == f"Prometheus cannot be reached at {url}: {why}"


def test_a_password_in_netrc_is_not_sent(
    answers: responses.RequestsMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine prometheus.example login me password hidden\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    answers.get(PATH, json={"status": "success", "data": 1})
    MonitoringServer("Prometheus", URL).data("/api/v1/query", query="up")
    assert "Authorization" not in answers.calls[0].request.headers


def test_a_token_file_that_is_not_there(tmp_path: Path) -> None:
    assert "gone cannot be read" in fault(MonitoringServer("Prometheus", URL, TokenFile(tmp_path / "gone"))).said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"secret-a\nsecret-b\n", "holds something else than one token"),
        (b"secret-a\r\nsecret-b\r\n", "holds something else than one token"),
        (b"secret a", "holds something else than one token"),
        (b"secret\0", "holds something else than one token"),
        ("secret-é→".encode(), "holds something else than one token"),
        (b"secret-\xff", "cannot be read"),
    ],
    ids=repr,
)
def test_a_file_that_holds_no_token_is_not_repeated(tmp_path: Path, content: bytes, said: str) -> None:
    token = tmp_path / "token"
    token.write_bytes(content)
    told = fault(MonitoringServer("Prometheus", URL, TokenFile(token)))
    assert told.said == f"the token file {token} {said}"
    assert "secret" not in told.remedy


def test_a_token_with_the_line_end_of_another_system(answers: responses.RequestsMock, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_bytes(b"secret-token\r\n")
    answers.get(PATH, json={"status": "success", "data": 1})
    MonitoringServer("Prometheus", URL, TokenFile(token)).data("/api/v1/query")
    assert answers.calls[0].request.headers["Authorization"] == "Bearer secret-token"


def test_a_pipe_gives_its_token_to_every_question(answers: responses.RequestsMock, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"secret-token\n")
    os.close(writing)
    token = TokenFile(Path(f"/dev/fd/{reading}"))
    answers.get(PATH, json={"status": "success", "data": 1})
    for _ in range(2):
        MonitoringServer("Prometheus", URL, token).data("/api/v1/query")
    os.close(reading)
    assert {call.request.headers["Authorization"] for call in answers.calls} == {"Bearer secret-token"}
