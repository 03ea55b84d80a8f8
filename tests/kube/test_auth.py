"""Credentials: what a kubeconfig or a pod gives us, and what we say when they are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.base.clock import SystemClock
from exporter.kube.credentials import discover, from_kubeconfig, in_cluster
from exporter.kube.errors import ConfigurationError
from tests.kube.fake import Waits

CLOCK = SystemClock()


def a_kubeconfig(path: Path, *, user: dict[str, Any] | None = None, cluster: dict[str, str] | None = None) -> str:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1", **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
        "contexts": [{"name": n, "context": {"cluster": "c", "user": "u"}} for n in ("one", "two")],
    }
    path.write_text(yaml.safe_dump(content))
    return str(path)


def test_a_token_of_a_kubeconfig_is_a_bearer_token(tmp_path: Path) -> None:
    connection = from_kubeconfig(a_kubeconfig(tmp_path / "k", user={"token": "secret"}), None)
    assert (connection.url, connection.token(False)) == ("http://127.0.0.1:1", "Bearer secret")


def test_an_exec_plugin_is_run(tmp_path: Path) -> None:
    answer = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}'
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "echo", "args": [answer]}
    connection = from_kubeconfig(a_kubeconfig(tmp_path / "k", user={"exec": plugin}), "two")
    assert connection.token(False) == "Bearer t"


def test_a_proxy_is_used_unless_the_host_is_exempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_kubeconfig(
        tmp_path / "k", cluster={"server": "http://api.example:80", "proxy-url": "http://proxy.example:3128"}
    )
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert from_kubeconfig(path, None).proxy == "http://proxy.example:3128"
    monkeypatch.setenv("NO_PROXY", "api.example")
    assert from_kubeconfig(path, None).proxy == ""


@pytest.mark.parametrize(
    ("write", "context", "said"),
    [
        (lambda _p: None, None, "no such file"),
        (lambda p: p.write_text("{{{ no yaml"), None, "not valid YAML"),
        (lambda p: p.write_text("[]"), None, "kubeconfig"),
        (lambda p: p.write_text(""), None, "kubeconfig"),
        (a_kubeconfig, "three", "contexts are one, two"),
    ],
    ids=["missing", "not-yaml", "a-list", "empty", "unknown-context"],
)
def test_a_wrong_kubeconfig_is_one_clear_error(tmp_path: Path, write: Any, context: str | None, said: str) -> None:
    path = tmp_path / "kubeconfig"
    write(path)
    with pytest.raises(ConfigurationError, match=said) as raised:
        from_kubeconfig(str(path), context)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("no certificate")
    cluster = {"server": "https://127.0.0.1:1", "certificate-authority": str(tmp_path / "ca.crt")}
    path = a_kubeconfig(tmp_path / "k", cluster=cluster)
    with pytest.raises(ConfigurationError, match=r"ca\.crt"):
        from_kubeconfig(path, None)


def a_pod(directory: Path, ca: Path) -> dict[str, str]:
    (directory / "token").write_text("first\n")
    (directory / "ca.crt").write_bytes(ca.read_bytes())
    return {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    import certifi

    path = tmp_path / "some-ca.crt"
    path.write_bytes(Path(certifi.where()).read_bytes())
    return path


def test_a_pod_uses_its_service_account_and_rereads_the_token(tmp_path: Path, ca: Path) -> None:
    clock = Waits(CLOCK)
    connection = in_cluster(a_pod(tmp_path, ca), clock, tmp_path)
    assert connection.url == "https://10.0.0.1:6443"
    assert connection.token(False) == "Bearer first"
    (tmp_path / "token").write_text("second")
    assert connection.token(False) == "Bearer first"
    assert connection.token(True) == "Bearer second"
    (tmp_path / "token").write_text("third")
    clock.ahead += 61
    assert connection.token(False) == "Bearer third"


def test_an_address_of_version_6_is_bracketed(tmp_path: Path, ca: Path) -> None:
    environ = {**a_pod(tmp_path, ca), "KUBERNETES_SERVICE_HOST": "fd00::1"}
    assert in_cluster(environ, CLOCK, tmp_path).url == "https://[fd00::1]:6443"


def test_flags_win_over_the_pod_and_the_pod_over_the_home(tmp_path: Path, ca: Path) -> None:
    environ = a_pod(tmp_path, ca)
    assert discover(None, None, environ, CLOCK, tmp_path).url == "https://10.0.0.1:6443"
    path = a_kubeconfig(tmp_path / "k")
    assert discover(path, None, environ, CLOCK, tmp_path).url == "http://127.0.0.1:1"


def test_nowhere_to_go_says_what_to_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match="--kubeconfig"):
        discover(None, None, {}, CLOCK, tmp_path)
