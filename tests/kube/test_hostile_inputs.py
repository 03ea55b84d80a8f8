"""Token files, kubeconfigs, reviews and answers read whole: hostile ones cost a message, never a crash or a wait."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.base.clock import SystemClock
from exporter.kube import client as client_module
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.kube.credentials import FileToken, discover
from exporter.kube.errors import ConfigurationError, KubeError, ProtocolError, TimedOutError, UnavailableError
from exporter.kube.reviews import User, review_access, review_token
from tests.kube.fake import FakeApi, Request
from tests.kube.hostile import ANYTHING, DEPTH, VALUE, few, nest, with_fields

SHARED = settings(few(), suppress_health_check=[HealthCheck.function_scoped_fixture])


def client_of(api: FakeApi, body: bytes) -> Client:
    api.lists = [lambda r: r.raw(200, body)]
    return Client(Connection(api.url))


@given(ANYTHING)
@SHARED
def test_an_answer_that_is_read_whole_is_an_object_or_an_error(api: FakeApi, body: bytes) -> None:
    client = client_of(api, body)
    with suppress(ProtocolError):
        assert isinstance(client.get_json("/x"), dict)
    client.close()


REVIEWED = st.dictionaries(st.sampled_from(["authenticated", "audiences", "user", "allowed"]), VALUE | st.just(b"true"))
USERS = st.dictionaries(st.sampled_from(["username", "groups", "uid", "extra"]), VALUE, min_size=1).map(with_fields)


@given(REVIEWED, USERS | VALUE)
@SHARED
def test_a_review_tells_who_somebody_is_or_fails(api: FakeApi, status: dict[str, bytes], user: bytes) -> None:
    client = client_of(api, with_fields({"status": with_fields({**status, "user": user})}))
    try:
        found = review_token(client, "token", ["us"], 5)
        assert found is None or (isinstance(found.name, str) and all(isinstance(g, str) for g in found.groups))
        assert isinstance(review_access(client, User("somebody"), "/metrics", 5), bool)
    except KubeError:
        pass
    client.close()


@pytest.mark.parametrize(
    "user", [{"username": 7}, {"username": "u", "groups": "system:masters"}, {"username": "u", "extra": {"a": 1}}, "u"]
)
def test_of_who_somebody_is_nothing_is_guessed(api: FakeApi, user: Any) -> None:
    client = client_of(api, json.dumps({"status": {"authenticated": True, "user": user}}).encode())
    with pytest.raises(ProtocolError):
        review_token(client, "token", [], 5)


def trickling(code: int) -> Any:
    def answer(request: Request) -> None:
        request.send_response(code)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        while not request.server.api.over.wait(0.001):
            request.chunk(b" ")

    return answer


@pytest.mark.parametrize(("code", "error"), [(200, TimedOutError), (503, UnavailableError)])
def test_an_answer_that_trickles_is_given_up(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, code: int, error: type[KubeError]
) -> None:
    monkeypatch.setattr(client_module, "_LONGEST", 0.2)
    api.lists = [trickling(code)]
    client = Client(Connection(api.url))
    with pytest.raises(error):
        client.get_json("/x")
    client.close()


def test_an_answer_that_does_not_end_is_given_up(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_LARGEST", 500)
    api.lists = [trickling(200)]
    client = Client(Connection(api.url))
    with pytest.raises(ProtocolError, match="longer than 500 bytes"):
        client.get_json("/x")
    client.close()


@given(st.binary(max_size=200) | st.sampled_from([b"\x00", b"a" * 1_000_000, b"\xff", b"a\r\nX: b"]))
@SHARED
def test_a_token_file_gives_one_line_or_a_message(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with suppress(ConfigurationError):
        header = FileToken(tmp_path / "token", SystemClock())(True)
        assert len(header) < 70_000
        assert "\n" not in header


def test_a_token_file_that_never_ends_is_read_in_part() -> None:
    assert len(FileToken(Path("/dev/zero"), SystemClock())(True)) < 70_000


@given(ANYTHING | st.binary(max_size=200))
@SHARED
def test_a_kubeconfig_is_used_or_refused_with_a_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        discover(str(path), None, {}, SystemClock())
    assert str(path) in str(raised.value)
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize("field", ["contexts", "clusters", "users", "current-context", "preferences"])
def test_a_kubeconfig_that_is_nested_too_deeply_anywhere_is_refused(tmp_path: Path, field: str) -> None:
    path = tmp_path / "config"
    path.write_bytes(with_fields({"contexts": b"[]", "clusters": b"[]", "users": b"[]", field: nest(DEPTH, "[")}))
    with pytest.raises(ConfigurationError, match="nested too deeply"):
        discover(str(path), None, {}, SystemClock())


def test_a_kubeconfig_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b"a" * 5_000_000)
    with pytest.raises(ConfigurationError, match="is it a kubeconfig"):
        discover(str(path), None, {}, SystemClock())
