"""Certificates: replaced while clients ask, broken, expired; nothing of it costs a request."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import given
from hypothesis import strategies as st

from exporter.base.clock import SystemClock
from exporter.web.server.certificates import CertificateError, CertificateFiles, Certificates, load
from exporter.web.server.http import Response
from exporter.web.server.server import HttpServer
from exporter.web.server.validity import not_after
from tests.rig.pki import Authority, Certificate, new_key
from tests.web.client import Wire, connect, get, read_answer, serving

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Told:
    """What is counted."""

    good: list[bool] = field(default_factory=list)
    expires: datetime | None = None

    def certificates(self, *, good: bool, expires: datetime) -> None:
        self.good.append(good)
        self.expires = expires


class Mounted:
    """A secret as the kubelet mounts it: files are links into a directory that is itself a link, which is swapped."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._number = 0
        self.files = CertificateFiles(directory / "tls.crt", directory / "tls.key")

    def put(self, certificate: bytes, key: bytes) -> None:
        self._number += 1
        fresh = self._directory / f"..{self._number}"
        fresh.mkdir()
        (fresh / "tls.crt").write_bytes(certificate)
        (fresh / "tls.key").write_bytes(key)
        link = self._directory / "..fresh"
        link.symlink_to(fresh.name)
        link.rename(self._directory / "..data")
        for name in ("tls.crt", "tls.key"):
            if not (self._directory / name).exists():
                (self._directory / name).symlink_to(f"..data/{name}")

    def take(self, pair: Certificate) -> None:
        self.put(pair.certificate.read_bytes(), pair.key.read_bytes())


@pytest.fixture
def mounted(tmp_path: Path, pair: Certificate) -> Mounted:
    secret = Mounted(tmp_path)
    secret.take(pair)
    return secret


def serial(server: HttpServer, asking: ssl.SSLContext) -> int:
    with connect(server, Wire(None, asking)) as client:
        assert isinstance(client, ssl.SSLSocket)
        told = client.getpeercert()
        assert told is not None
        return int(str(told["serialNumber"]), 16)


class Load:
    """Clients that ask all the time, one on a connection that it keeps, one on new ones."""

    def __init__(self, server: HttpServer, asking: ssl.SSLContext) -> None:
        self.failures: list[Exception] = []
        self.answered = {"fresh": 0, "kept": 0}
        self._server = server
        self._wire = Wire(None, asking)
        self._stop = Event()
        self._threads = [Thread(target=self._repeat, args=(each,)) for each in (self._fresh, self._kept)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _repeat(self, ask: Callable[[], None]) -> None:
        try:
            ask()
        except (OSError, AssertionError) as error:
            self.failures.append(error)

    def _fresh(self) -> None:
        while not self._stop.is_set():
            assert get(self._server, wire=self._wire).status == 200
            self.answered["fresh"] += 1

    def _kept(self) -> None:
        with connect(self._server, self._wire) as client:
            while not self._stop.is_set():
                client.sendall(REQUEST)
                assert read_answer(client).status == 200
                self.answered["kept"] += 1


def test_certificates_are_replaced_under_load_without_a_failed_request(authority: Authority, mounted: Mounted) -> None:
    asking = ssl.create_default_context(cafile=str(authority.certificate))
    told = Told()
    with (
        Certificates(mounted.files, SystemClock(), told, look=0.02) as certificates,
        serving(lambda _: Response(200, b""), Wire(lambda: certificates.context)) as server,
        Load(server, asking) as load,
    ):
        for number in range(5):
            fresh = authority.issue(f"fresh-{number}")
            before = dict(load.answered)
            mounted.take(fresh)
            wanted = x509.load_pem_x509_certificate(fresh.certificate.read_bytes()).serial_number
            while serial(server, asking) != wanted or any(load.answered[kind] == before[kind] for kind in before):
                assert not load.failures
    assert not load.failures
    assert told.good == [True] * 6


def test_files_that_are_no_good_change_nothing_and_are_reported_once(
    authority: Authority, pair: Certificate, mounted: Mounted, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    certificates = Certificates(mounted.files, SystemClock(), told)
    before = certificates.context
    with caplog.at_level(logging.INFO):
        mounted.put(authority.issue("other").certificate.read_bytes(), pair.key.read_bytes())
        certificates.look()
        certificates.look()
        assert certificates.context is before
        assert told.good == [True, False]
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        mounted.take(authority.issue("good"))
        certificates.look()
    assert certificates.context is not before
    assert told.good == [True, False, True]
    certificates.look()
    assert told.good == [True, False, True]


def test_files_that_come_back_as_they_were_are_good_again(pair: Certificate, mounted: Mounted) -> None:
    told = Told()
    certificates = Certificates(mounted.files, SystemClock(), told)
    mounted.put(b"", b"")
    certificates.look()
    mounted.take(pair)
    certificates.look()
    assert told.good == [True, False, True]


def test_when_it_expires_is_told(authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    fresh = authority.issue("short", valid=timedelta(hours=3))
    Certificates(CertificateFiles(fresh.certificate, fresh.key), SystemClock(), told)
    assert told.expires == x509.load_pem_x509_certificate(fresh.certificate.read_bytes()).not_valid_after_utc
    assert not caplog.records
    late = authority.issue("late", valid=timedelta(minutes=-5))
    Certificates(CertificateFiles(late.certificate, late.key), SystemClock(), told)
    assert "expired" in caplog.text


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("no certificate", "server.crt cannot be read: No such file or directory"),
        ("no key", "server.key cannot be read: No such file or directory"),
        ("another key", "key values mismatch"),
        ("text", "no pair of certificate and key"),
        ("encrypted", "the key is encrypted"),
        ("authority", "ca.crt is no authority"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(pair: Certificate, tmp_path: Path, broken: str, said: str) -> None:
    there = CertificateFiles(tmp_path / "server.crt", tmp_path / "server.key", tmp_path / "ca.crt")
    assert there.client_ca is not None
    there.certificate.write_bytes(pair.certificate.read_bytes())
    there.key.write_bytes(pair.key.read_bytes())
    there.client_ca.write_bytes(pair.certificate.read_bytes())
    match broken:
        case "no certificate":
            there.certificate.unlink()
        case "no key":
            there.key.unlink()
        case "another key":
            there.key.write_bytes(Authority(tmp_path / "other").issue("x").key.read_bytes())
        case "text":
            there.certificate.write_text("text")
        case "encrypted":
            there.key.write_bytes(encrypted(pair.key.read_bytes()))
        case "authority":
            there.client_ca.write_text("text")
    with pytest.raises(CertificateError) as raised:
        load(there)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def encrypted(key: bytes) -> bytes:
    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )


@given(st.integers(-631_000_000, 10_413_000_000))
def test_any_expiry_is_read(tmp_path_factory: pytest.TempPathFactory, seconds: int) -> None:
    instant = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    key = new_key(tmp_path_factory.getbasetemp() / "any.key")
    name = x509.Name([])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
    builder = builder.public_key(key.public_key()).not_valid_before(instant - timedelta(hours=1))
    made = builder.not_valid_after(instant).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    assert not_after("comment\n" + made.decode() + made.decode()) == instant


@given(st.binary(max_size=300))
def test_what_is_no_certificate_has_no_expiry(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        not_after(ssl.DER_cert_to_PEM_cert(data))
