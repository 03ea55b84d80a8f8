"""Kubeconfigs: everything they can say is used, and whatever is wrong with one is told in one sentence."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.base.clock import SystemClock
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.kube.credentials import discover
from exporter.kube.errors import ConfigurationError, UnreachableError
from tests.kube.certificates import authority, leaf, serving
from tests.kube.fake import ROOT, FakeApi, Waits, status


@pytest.fixture
def clock() -> Waits:
    return Waits(SystemClock())


@pytest.fixture
def api(tmp_path: Path) -> Iterator[FakeApi]:
    with FakeApi(serving(tmp_path, "cluster")) as running:
        yield running


def inline(content: bytes) -> str:
    return base64.b64encode(content).decode()


def written(tmp_path: Path, user: dict[str, Any], server: str = "https://127.0.0.1:1", **cluster: Any) -> str:
    """A kubeconfig with one context."""
    content = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user}],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(content))
    return str(path)


def plugin(tmp_path: Path, script: str) -> dict[str, Any]:
    """A user with an exec plugin."""
    path = tmp_path / "plugin"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(path), "interactiveMode": "Never"}}


def giving(**status_: Any) -> str:
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status_}
    return f"cat <<'END'\n{json.dumps(answer)}\nEND"


def read(path: str, clock: Waits, context: str | None = None, **environ: str) -> Connection:
    return discover(path, context, environ, clock)


def reached(connection: Connection) -> bool:
    client = Client(connection)
    try:
        return bool(client.get_json(ROOT)["kind"] == "APIResourceList")
    finally:
        client.close()


def test_inline_ca_and_token_reach_the_server(api: FakeApi, tmp_path: Path, clock: Waits) -> None:
    ca = inline(authority("cluster").certificate)
    connection = read(written(tmp_path, {"token": "t"}, api.url, **{"certificate-authority-data": ca}), clock)
    assert connection.token(False) == "Bearer t"
    assert reached(connection)


def test_a_certificate_of_another_ca_is_told(api: FakeApi, tmp_path: Path, clock: Waits) -> None:
    ca = inline(authority("other").certificate)
    connection = read(written(tmp_path, {}, api.url, **{"certificate-authority-data": ca}), clock)
    with pytest.raises(UnreachableError, match=r"not trusted.*give the CA of this cluster"):
        reached(connection)


def test_a_ca_that_is_replaced_while_we_run_is_trusted_at_the_next_attempt(
    api: FakeApi, tmp_path: Path, clock: Waits
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority("other").certificate)
    connection = read(written(tmp_path, {}, api.url, **{"certificate-authority": "ca.pem"}), clock)
    ca.write_bytes(authority("cluster").certificate)
    with pytest.raises(UnreachableError):
        reached(connection)
    assert reached(connection)


def test_insecure_skip_tls_verify_asks_no_questions(api: FakeApi, tmp_path: Path, clock: Waits) -> None:
    assert reached(read(written(tmp_path, {}, api.url, **{"insecure-skip-tls-verify": True}), clock))


def test_tls_server_name_is_what_the_certificate_must_say(tmp_path: Path, clock: Waits) -> None:
    ca = inline(authority("cluster").certificate)
    with FakeApi(serving(tmp_path, "cluster", "api.inside")) as api:
        config = {"certificate-authority-data": ca, "tls-server-name": "api.inside"}
        assert reached(read(written(tmp_path, {}, api.url, **config), clock))
        del config["tls-server-name"]
        with pytest.raises(UnreachableError, match="not trusted"):
            reached(read(written(tmp_path, {}, api.url, **config), clock))


def test_an_inline_client_certificate_is_shown(tmp_path: Path, clock: Waits) -> None:
    pair = leaf("users", "me")
    user = {"client-certificate-data": inline(pair.certificate), "client-key-data": inline(pair.key)}
    ca = inline(authority("cluster").certificate)
    with FakeApi(serving(tmp_path, "cluster", client_ca="users")) as api:
        config = {"certificate-authority-data": ca}
        assert reached(read(written(tmp_path, user, api.url, **config), clock))
        with pytest.raises(UnreachableError):
            reached(read(written(tmp_path, {}, api.url, **config), clock))


def test_a_plugin_may_give_a_client_certificate(tmp_path: Path, clock: Waits) -> None:
    pair = leaf("users", "me")
    script = giving(clientCertificateData=pair.certificate.decode(), clientKeyData=pair.key.decode())
    ca = inline(authority("cluster").certificate)
    with FakeApi(serving(tmp_path, "cluster", client_ca="users")) as api:
        path = written(tmp_path, plugin(tmp_path, script), api.url, **{"certificate-authority-data": ca})
        assert reached(read(path, clock))


def test_a_plugins_token_is_renewed_when_it_expires(tmp_path: Path, clock: Waits) -> None:
    user = plugin(tmp_path, giving(token="first", expirationTimestamp="2000-01-01T00:00:00Z"))
    connection = read(written(tmp_path, user), clock)
    plugin(tmp_path, giving(token="second", expirationTimestamp="2999-01-01T00:00:00Z"))
    assert connection.token(False) == "Bearer second"
    plugin(tmp_path, giving(token="third"))
    assert connection.token(False) == "Bearer second"
    assert connection.token(True) == "Bearer third"


def test_a_person_who_logs_in_again_helps_at_the_next_refusal(tmp_path: Path, clock: Waits) -> None:
    connection = read(written(tmp_path, {"token": "old"}), clock)
    written(tmp_path, {"token": "new"})
    assert connection.token(False) == "Bearer old"
    assert connection.token(True) == "Bearer new"


def test_user_and_password_are_used(tmp_path: Path, clock: Waits) -> None:
    connection = read(written(tmp_path, {"username": "me", "password": "pw"}), clock)
    assert connection.token(False) == "Basic " + inline(b"me:pw")


def test_a_token_file_is_found_beside_the_kubeconfig(tmp_path: Path, clock: Waits) -> None:
    (tmp_path / "token").write_text("t\n")
    assert read(written(tmp_path, {"tokenFile": "token"}), clock).token(False) == "Bearer t"


def test_proxy_url_wins_over_the_environment(tmp_path: Path, clock: Waits) -> None:
    path = written(tmp_path, {}, "https://far:6443", **{"proxy-url": "http://given:1"})
    assert read(path, clock, HTTPS_PROXY="http://env:1").proxy == "http://given:1"
    assert read(written(tmp_path, {}, "https://far:6443"), clock, HTTPS_PROXY="http://env:1").proxy == "http://env:1"


def test_several_files_are_merged(tmp_path: Path, clock: Waits) -> None:
    path = Path(written(tmp_path, {"token": "t"}))
    other = tmp_path / "other"
    other.write_text(yaml.safe_dump({"current-context": "here", "contexts": [], "clusters": [], "users": []}))
    connection = discover(None, None, {"KUBECONFIG": f"{other}:{path}:{tmp_path}/missing"}, clock, tmp_path)
    assert connection.token(False) == "Bearer t"


BROKEN = {
    "not-yaml": ("a: [secret", r"config: is not valid YAML in line 1"),
    "not-a-mapping": ("- secret", r"config: holds no mapping"),
    "empty": ("", r"config: holds no mapping"),
    "not-text": (b"\xff\xfe\x00", r"config: cannot be read"),
    "no-context": ("contexts: []", r"current-context is not set; give one with --context; it holds no contexts"),
    "odd-lists": ("users: secret", r"users must be a list"),
}


@pytest.mark.parametrize(("content", "told"), BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_kubeconfig_is_told_in_one_line(
    tmp_path: Path, clock: Waits, content: str | bytes, told: str
) -> None:
    path = tmp_path / "config"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError, match=told) as caught:
        read(str(path), clock)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_context_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, clock: Waits) -> None:
    with pytest.raises(ConfigurationError, match=r"config, context other: there is no such context.*contexts are here"):
        read(written(tmp_path, {}), clock, "other")


def test_a_user_that_is_not_there_is_told(tmp_path: Path, clock: Waits) -> None:
    path = Path(written(tmp_path, {}))
    path.write_text(path.read_text().replace("name: u", "name: v"))
    with pytest.raises(ConfigurationError, match="there is no user 'u'"):
        read(str(path), clock)


def test_a_cluster_without_a_server_is_told(tmp_path: Path, clock: Waits) -> None:
    with pytest.raises(ConfigurationError, match="cluster 'c' has no server"):
        read(written(tmp_path, {}, ""), clock)


def test_a_certificate_file_that_is_missing_is_told(tmp_path: Path, clock: Waits) -> None:
    with pytest.raises(ConfigurationError, match=r"File does not exist: .*/gone\.pem"):
        read(written(tmp_path, {}, **{"certificate-authority": "gone.pem"}), clock)


def test_a_key_that_does_not_belong_to_its_certificate_is_told(tmp_path: Path, clock: Waits) -> None:
    user = {
        "client-certificate-data": inline(leaf("users", "me").certificate),
        "client-key-data": inline(leaf("users", "you").key),
    }
    with pytest.raises(ConfigurationError, match="client-certificate and client-key cannot be used"):
        read(written(tmp_path, user), clock)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo please log in >&2; exit 3", r"exec plugin .*/plugin failed: .*3.*please log in.*run it by hand"),
        ("echo nonsense", r"exec plugin .*/plugin failed: .*decode"),
        (giving(), r"exec plugin .*/plugin gave neither a token nor a client certificate"),
    ],
    ids=["fails", "nonsense", "nothing"],
)
def test_a_plugin_that_fails_is_told_once_and_not_logged(
    tmp_path: Path, clock: Waits, caplog: pytest.LogCaptureFixture, script: str, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read(written(tmp_path, plugin(tmp_path, script)), clock)
    assert caplog.records == []


def test_a_plugin_that_is_not_installed_is_told(tmp_path: Path, clock: Waits) -> None:
    user = plugin(tmp_path, "")
    user["exec"]["command"] = "/nowhere/plugin"
    with pytest.raises(ConfigurationError, match=r"exec plugin /nowhere/plugin failed: .*No such file"):
        read(written(tmp_path, user), clock)


def test_a_token_never_shows_up_in_a_complaint(tmp_path: Path, clock: Waits) -> None:
    path = written(tmp_path, {"exec": {"args": ["secret"]}, "token": "secret"})
    with pytest.raises(ConfigurationError) as caught:
        read(path, clock)
    assert "secret" not in str(caught.value)


def test_a_proxy_is_asked_for_a_tunnel_with_its_own_credentials(tmp_path: Path, clock: Waits) -> None:
    with FakeApi() as proxy:
        given = proxy.url.replace("http://", "http://me:pw@")
        path = written(tmp_path, {"token": "t"}, "https://far.example:6443", **{"proxy-url": given})
        client = Client(read(path, clock))
        proxy.watches = proxy.lists = [status(500)]
        with pytest.raises(UnreachableError, match="501") as caught:
            client.get_json("/version")
        client.close()
    assert proxy.tunnels == [("far.example:6443", "Basic " + inline(b"me:pw"), None)]
    assert "pw" not in str(caught.value)
