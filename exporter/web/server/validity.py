"""When a certificate expires: the standard library tells that of other people's certificates only, not of one's own.

The structure is that of RFC 5280, section 4.1, in the encoding of X.690 (DER). Pure.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"
_VERSION: Final = 0xA0
"""The tag of the first field, which may be left out."""
_UTC_TIME: Final = 0x17
"""The tag of a time with two digits for the year; the other kind has four."""


class _Value(NamedTuple):
    tag: int
    content: bytes


def not_after(pem: str) -> datetime:
    """When the first certificate in the text expires. Raises ValueError."""
    _, begin, rest = pem.partition(_BEGIN)
    body, closing, _ = rest.partition(_END)
    if not closing:
        raise ValueError("no PEM certificate")
    try:
        certificate = next(_values(ssl.PEM_cert_to_DER_cert(begin + body + closing)))
        fields = list(_values(next(_values(certificate.content)).content))
        # Before the validity: serial number, signature algorithm, issuer.
        validity = fields[4 if fields[0].tag == _VERSION else 3]
        _, end = _values(validity.content)
        return _instant(end)
    except (IndexError, StopIteration) as error:
        raise ValueError("not a certificate") from error


def _values(data: bytes) -> Iterator[_Value]:
    """The values that follow each other in these bytes."""
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size])
            at += size
        yield _Value(tag, data[at : at + length])
        at += length


def _instant(value: _Value) -> datetime:
    text = value.content.decode("ascii")
    if value.tag == _UTC_TIME:
        # RFC 5280, 4.1.2.5.1: 50 to 99 are in the last century.
        text = ("19" if text >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
