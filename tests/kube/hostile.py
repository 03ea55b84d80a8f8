"""Answers that nobody thought of: values of any JSON type where another one belongs, too deep, too long, or no JSON."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tests.kube.fake import obj

Raw = bytes
DEPTH = 20_000


def few() -> settings:
    """For properties that need a server of their own for each example: a fifth of the usual number."""
    return settings(max_examples=max(10, settings.default.max_examples // 5)) if settings.default else settings()


def nest(depth: int, opening: str) -> Raw:
    """An object or array inside of another one, so many times; a `{[` takes turns."""
    ends = {"{": ('{"x":', "}"), "[": ("[", "]"), "{[": ('{"x":[', "]}")}[opening]
    return (ends[0] * depth + "1" + ends[1] * depth).encode()


DEEP = st.builds(
    nest,
    st.sampled_from([150, 199, 250, 900, 1100, 5000, DEPTH]) | st.integers(1, DEPTH),
    st.sampled_from(["{", "[", "{["]),
)
LONG = st.sampled_from([b"9" * 4301, b"-" + b"9" * 5000, b"1" * 100_000, b"1e999", b"-0.0e-5000", b"1." + b"7" * 5000])
ODD = st.sampled_from(
    [
        b"7",
        b"-1",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'""',
        b'"\\u00b2"',
        b'"\\ud800"',
        b'"\\u202e\\n\\u009b"',
        b"[[]]",
        b"1e3",
    ]
)
TEXT = st.text(max_size=20).map(lambda text: json.dumps(text).encode())
VALUE = st.one_of(DEEP, LONG, ODD, TEXT)
"""A JSON value as text."""
BROKEN = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"", b"{", b"[" * DEPTH, b'{"a":' * DEPTH, b'"', b'"\\', b'{"a":"' + b'\\"' * 9999, b"\xff\xfe"]),
)
"""No JSON, or a part of it."""
ANYTHING = VALUE | BROKEN


def with_fields(fields: dict[str, Raw]) -> Raw:
    """A JSON object of these fields."""
    return b"{" + b",".join(json.dumps(k).encode() + b":" + v for k, v in fields.items()) + b"}"


@st.composite
def objects(draw: st.DrawFn, name: str = "bad", version: int = 3) -> Raw:
    """A DataSource with a name and a version, and anything elsewhere."""
    good: dict[str, Any] = obj(name, version)
    metadata = {k: json.dumps(v).encode() for k, v in good["metadata"].items()}
    more = st.sampled_from(
        ["annotations", "labels", "ownerReferences", "managedFields", "creationTimestamp", "generation"]
    )
    metadata |= draw(st.dictionaries(more, VALUE, max_size=2))
    fields = draw(st.dictionaries(st.sampled_from(["spec", "status", "data", "kind"]), VALUE, max_size=3))
    parts = {"metadata": with_fields(metadata), **fields}
    return with_fields({k: parts[k] for k in draw(st.permutations(sorted(parts)))})
