"""What a test cluster proves identities with: certificates of an authority of its own, and signed tokens."""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOOPBACK: Final = "127.0.0.1"
_USAGES: Final = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


@dataclass(frozen=True)
class Certificate:
    """The files of a certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority that keeps all its files in one directory."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.certificate = directory / "ca.crt"
        self._key = new_key(directory / "ca.key")
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        builder = _builder(self._name, self._key.public_key(), timedelta(days=1)).issuer_name(self._name)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(ca=True), critical=True)
        self.certificate.write_bytes(_pem(builder.sign(self._key, hashes.SHA256())))

    def issue(
        self,
        name: str,
        groups: Iterable[str] = (),
        valid: timedelta = timedelta(days=1),
        hosts: Iterable[str] = (),
        extensions: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Certificate:
        """A certificate for a user with these groups, or for a server on loopback that has these names, too.

        `extensions` are raw DER by object identifier: what is in them may be malformed.
        """
        files = Certificate(self._directory / f"{name}.crt", self._directory / f"{name}.key")
        key = new_key(files.key)
        names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        subject = x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        loopback = x509.IPAddress(ipaddress.ip_address(LOOPBACK))
        names_of = x509.SubjectAlternativeName([loopback, *map(x509.DNSName, ("localhost", *hosts))])
        builder = _builder(subject, key.public_key(), valid).issuer_name(self._name)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(ca=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(_USAGES), critical=False)
        builder = builder.add_extension(names_of, critical=False).add_extension(own, critical=False)
        for identifier, content in extensions.items():
            raw = x509.UnrecognizedExtension(x509.ObjectIdentifier(identifier), content)
            builder = builder.add_extension(raw, critical=False)
        files.certificate.write_bytes(_pem(builder.sign(self._key, hashes.SHA256())))
        return files


def new_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """A private key, also written to a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    form, open_ = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, open_))
    return key


def sign_token(key: ec.EllipticCurvePrivateKey, claims: Mapping[str, Any]) -> str:
    """A JSON web token."""
    signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "ES256", "typ": "JWT"}, claims))
    numbers = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_base64(b''.join(number.to_bytes(32, 'big') for number in numbers))}"


def _builder(subject: x509.Name, key: ec.EllipticCurvePublicKey, valid: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + valid)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
