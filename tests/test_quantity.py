"""Quantities as Kubernetes reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.quantity import bytes_of


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("30", 30),
        ("30Gi", 30 * 2**30),
        ("30G", 30 * 10**9),
        ("+1k", 1000),
        ("-1Ki", -1024),
        (".5Ki", 512),
        ("5.", 5),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("2000m", 2),
        ("0e0000000000000000000000001", 0),
        ("9" * 100, 2**63 - 1),
        ("1e100", 2**63 - 1),
    ],
)
def test_in_bytes(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize(
    "text", ["", "Gi", "30GB", "30 Gi", "30gi", "K", "1e1.5", "1e99999999999999999999", "Infinity", "1_0", "٣"]
)
def test_not_a_quantity(text: str) -> None:
    assert bytes_of(text) is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    bytes_of(text)
