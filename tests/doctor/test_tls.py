"""TLS with real servers: whose CA counts, and what is said when a certificate is no good."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from exporter.doctor.request_errors import QuestionError
from exporter.doctor.server import MonitoringServer
from tests.kube import certificates
from tests.kube.fake import FakeApi, Request
from tests.rig.pki import Authority


def answered(request: Request) -> None:
    request.body(200, {"status": "success", "data": 1})


def serving(authority: Authority, valid: timedelta = timedelta(days=1)) -> FakeApi:
    """A server with a certificate for loopback."""
    pair = authority.issue("serving", valid=valid)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    api = FakeApi(context)
    api.lists = [answered]
    return api


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "pki")


@pytest.fixture
def api(authority: Authority) -> Iterator[FakeApi]:
    with serving(authority) as made:
        yield made


def fault(url: str, ca: Path) -> QuestionError:
    with pytest.raises(QuestionError) as caught:
        MonitoringServer("Prometheus", url, ca=ca).data("/api/v1/query")
    return caught.value


def test_the_ca_that_is_named_counts_more_than_those_of_the_environment(
    api: FakeApi, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority(tmp_path / "other")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other.certificate))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(other.certificate))
    assert MonitoringServer("Prometheus", api.url, ca=authority.certificate).data("/api/v1/query") == 1


def test_another_ca(api: FakeApi, tmp_path: Path) -> None:
    told = fault(api.url, Authority(tmp_path / "other").certificate)
    assert "is not trusted" in told.said
    assert "--ca-file" in told.remedy


def test_another_name_is_not_mended_by_a_ca(tmp_path: Path) -> None:
    ca = tmp_path / "ca.crt"
    ca.write_bytes(certificates.authority("test").certificate)
    with FakeApi(certificates.serving(tmp_path, "test", "elsewhere.example")) as api:
        told = fault(api.url, ca)
    assert "mismatch" in told.said
    assert told.remedy == "use the name that the certificate was made for"


def test_an_expired_certificate_is_not_mended_by_a_ca(authority: Authority) -> None:
    with serving(authority, valid=timedelta(minutes=-30)) as api:
        told = fault(api.url, authority.certificate)
    assert "expired" in told.said
    assert "renewed" in told.remedy


def test_a_server_that_does_not_speak_tls(authority: Authority) -> None:
    with FakeApi() as api:
        told = fault(api.url.replace("http:", "https:"), authority.certificate)
    assert told.said == "Prometheus does not speak TLS at this address"
    assert told.remedy == "write http:// instead of https://, if that is what is served"


def test_a_server_that_speaks_tls_and_is_asked_without(api: FakeApi, authority: Authority) -> None:
    told = fault(api.url.replace("https:", "http:"), authority.certificate)
    assert told.said == "Prometheus breaks the connection off"
    assert told.remedy == "write https:// instead of http://, if that is what is served"
