"""Lists are cut into their items while they arrive, whatever their layout; half a list is never taken for a list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.kube.errors import ProtocolError
from exporter.kube.list_stream import ListCutter

ITEMS = st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.none(), max_size=3), max_size=6)
META = {"resourceVersion": "12", "continue": "t"}


def laid_out(items: list[dict[str, Any]], order: list[str], indent: int | None, *, ascii_only: bool) -> bytes:
    whole = {"kind": "XList", "apiVersion": "v1", "metadata": META, "items": items, "extra": 12}
    separators = None if indent else (",", ":")
    text = json.dumps(
        {name: whole[name] for name in order}, indent=indent, separators=separators, ensure_ascii=ascii_only
    )
    return text.encode()


LAYOUTS = st.builds(
    laid_out,
    ITEMS,
    st.permutations(["kind", "apiVersion", "metadata", "items", "extra"]),
    st.sampled_from([None, 1, 4]),
    ascii_only=st.booleans(),
)


def chunked(body: bytes, size: int) -> list[bytes]:
    return [body[i : i + size] for i in range(0, len(body), size)]


@given(LAYOUTS, st.integers(1, 50))
def test_any_order_spacing_and_chunking_gives_the_items_and_the_metadata(body: bytes, size: int) -> None:
    cutter = ListCutter(chunked(body, size))
    assert list(cutter) == json.loads(body)["items"]
    assert cutter.metadata == META


@given(LAYOUTS, st.data())
def test_a_list_that_breaks_off_anywhere_is_refused(body: bytes, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(ProtocolError):
        list(ListCutter(chunked(body[:end], 7)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>",
        b"\xff\xfe{}",
        b"{}",
        b'{"items":[],"metadata":{}}',
        b'{"items":[1],"metadata":{"resourceVersion":"1"}}',
        b'{"items":[{}] "metadata":{"resourceVersion":"1"}}',
        b'{"items":[],"metadata":{"resourceVersion":"1"}}trailing',
    ],
    ids=["empty", "array", "html", "not-utf8", "no-list", "no-version", "not-objects", "no-comma", "more-follows"],
)
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        list(ListCutter([body]))


def test_items_that_are_null_are_none_as_go_writes_them() -> None:
    assert list(ListCutter([b'{"items":null,"metadata":{"resourceVersion":"1"}}'])) == []


def test_only_a_few_items_are_in_memory_at_a_time() -> None:
    item = json.dumps({"name": "x" * 8000}).encode()
    read = 0

    def arriving() -> Any:
        nonlocal read
        yield b'{"items":['
        for number in range(1000):
            read += 1
            yield (b"," if number else b"") + item
        yield b'],"metadata":{"resourceVersion":"1"}}'

    for seen, _ in enumerate(ListCutter(arriving()), 1):
        assert read - seen < 20
