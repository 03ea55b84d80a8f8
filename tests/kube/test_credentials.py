"""Where the server is and who we are, out of a pod's files, of the environment, or of a kubeconfig."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.base.clock import SystemClock
from exporter.kube.connection import Connection
from exporter.kube.credentials import FileToken, discover, in_cluster
from exporter.kube.errors import ConfigurationError
from exporter.kube.proxies import proxy_for
from tests.kube.certificates import authority
from tests.kube.fake import Waits

IN_POD = {"KUBERNETES_SERVICE_HOST": "172.30.0.1", "KUBERNETES_SERVICE_PORT": "6443"}


@pytest.fixture
def clock() -> Waits:
    return Waits(SystemClock())


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """A service account's files."""
    (tmp_path / "token").write_text("first\n")
    (tmp_path / "ca.crt").write_bytes(authority("pod").certificate)
    return tmp_path


def test_a_pod_uses_its_service_account(account: Path, clock: Waits) -> None:
    connection = discover(None, None, IN_POD, clock, account)
    assert connection.url == "https://172.30.0.1:6443"
    assert connection.token(False) == "Bearer first"
    assert connection.tls is not None


def test_an_ipv6_address_is_put_in_brackets(account: Path, clock: Waits) -> None:
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1"}
    assert in_cluster(environ, clock, account).url == "https://[fd00::1]:443"


def test_a_token_is_read_again_after_a_minute_or_when_it_is_refused(account: Path, clock: Waits) -> None:
    token = FileToken(account / "token", clock)
    assert token(False) == "Bearer first"
    (account / "token").write_text("second")
    assert token(False) == "Bearer first"
    clock.ahead += 61
    assert token(False) == "Bearer second"
    (account / "token").write_text("third")
    assert token(True) == "Bearer third"


@pytest.mark.parametrize("content", [None, "", "\n"], ids=["missing", "empty", "blank"])
def test_a_token_that_is_being_replaced_is_kept_meanwhile(account: Path, clock: Waits, content: str | None) -> None:
    token = FileToken(account / "token", clock)
    token(False)
    if content is None:
        (account / "token").unlink()
    else:
        (account / "token").write_text(content)
    assert token(True) == "Bearer first"


def test_a_token_that_was_never_there_is_told(tmp_path: Path, clock: Waits) -> None:
    with pytest.raises(ConfigurationError, match="is the service account's token mounted"):
        FileToken(tmp_path / "token", clock)(False)


def test_a_ca_that_is_no_certificate_is_told(account: Path, clock: Waits) -> None:
    (account / "ca.crt").write_text("nonsense")
    with pytest.raises(ConfigurationError, match=r"CA file .*ca\.crt.*PEM"):
        in_cluster(IN_POD, clock, account)


def test_without_pod_and_kubeconfig_it_says_what_to_give(tmp_path: Path, clock: Waits) -> None:
    with pytest.raises(ConfigurationError, match=r"no kubeconfig in .*/none; give one with --kubeconfig"):
        discover(None, None, {"KUBECONFIG": str(tmp_path / "none")}, clock, tmp_path)


def test_a_kubeconfig_that_is_given_wins_over_the_pod(account: Path, clock: Waits) -> None:
    with pytest.raises(ConfigurationError, match="/nowhere: no such file"):
        discover("/nowhere", None, IN_POD, clock, account)


@pytest.mark.parametrize("url", ["", "host:6443", "ftp://host", "https://", "https://host:port"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="give https://HOST:PORT"):
        Connection(url)


def test_credentials_in_the_address_are_refused_and_not_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Connection("https://me:secret@host:6443")
    assert "secret" not in str(caught.value)


def test_a_connection_can_be_printed_without_secrets() -> None:
    shown = repr(Connection("https://host", token=lambda _: "Bearer secret", proxy="http://me:secret@proxy"))
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("no_proxy", "bypassed"),
    [
        ("", False),
        ("*", True),
        ("172.30.0.0/16", True),
        ("172.31.0.0/16", False),
        ("172.30.0.1", True),
        ("172.30.0.1:6443", True),
        ("172.30.0.1:443", False),
        ("example.com, 172.30.0.0/16 ,.svc", True),
    ],
)
def test_no_proxy_knows_addresses_ranges_and_ports(no_proxy: str, *, bypassed: bool) -> None:
    environ = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": no_proxy}
    assert proxy_for("https://172.30.0.1:6443", environ) == ("" if bypassed else "http://proxy:3128")


@pytest.mark.parametrize(
    ("no_proxy", "bypassed"),
    [("example.com", True), (".example.com", True), ("*.example.com", True), ("ample.com", False), ("api", False)],
)
def test_no_proxy_knows_domains(no_proxy: str, *, bypassed: bool) -> None:
    environ = {"https_proxy": "proxy:3128", "no_proxy": no_proxy}
    assert proxy_for("https://api.example.com:6443", environ) == ("" if bypassed else "http://proxy:3128")


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "https://localhost:1", "https://[::1]:1"])
def test_loopback_is_never_reached_through_a_proxy(url: str) -> None:
    assert proxy_for(url, {"HTTPS_PROXY": "http://proxy:3128"}) == ""


def test_a_kind_of_proxy_that_we_do_not_speak_is_told_without_its_password() -> None:
    with pytest.raises(ConfigurationError, match=r"\$HTTPS_PROXY is no proxy that can be used") as caught:
        proxy_for("https://host", {"HTTPS_PROXY": "socks5://me:secret@proxy"})
    assert "secret" not in str(caught.value)
