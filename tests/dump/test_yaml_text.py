"""YAML values are what Kubernetes means, and what is not YAML is a Syntax error, never anything else."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from exporter.dump import json_text
from exporter.dump.fragments import Fragment, fragments
from exporter.dump.yaml_text import YamlSyntaxError, parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-01", "2026-01-01"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("on", "on"),
        ("yes", "yes"),
        ("n", "n"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("12", 12),
        ("-3", -3),
        ("0777", 777),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("'12'", "12"),
        ("!mine x", "x"),
        ("!!timestamp 2026-01-01", "2026-01-01"),
        ("!!python/object/apply:os.getcwd []", []),
        ("!!python/name:os.system x", "x"),
        ("!!binary aGk=", "aGk="),
    ],
)
def test_scalars(text: str, value: object) -> None:
    (document,) = parse_yaml(f"a: {text}")
    assert document == {"a": value}


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: [", 0, "node"),
        ("a: 1\nb: 2\n c: 3\n", 2, "mapping values"),
        ("a: \x01", 0, "control characters"),
        ("? [a]\n: b", 0, "unhashable"),
        ("a: *x", 0, "undefined alias"),
        ("a: !!int foo", 0, "invalid literal"),
        ("a: &a [*a]", 0, "expand"),
        ("[" * 100_000, 0, "nested too deeply"),
        ("- " * 50_000, 0, "nested too deeply"),
        ("\n".join(" " * n + "a:" for n in range(3000)), 0, "nested too deeply"),
        ('a: "\\ud800"', 0, "invalid Unicode"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_what_is_not_yaml_is_told(text: str, line: int, what: str) -> None:
    with pytest.raises(YamlSyntaxError, match=what) as caught:
        parse_yaml(text)
    assert caught.value.line in (line, line + 1)


def test_aliases_that_multiply_are_refused() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(YamlSyntaxError, match="aliases"):
        parse_yaml(text)


def test_a_few_aliases_are_fine() -> None:
    assert parse_yaml("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}") == [
        {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}}
    ]


def test_documents_are_cut_at_their_markers() -> None:
    text = "%YAML 1.1\n---\na: 1\n---\n\n--- # comment\nb: |\n  ---\n  x\n...\n"
    found = list(fragments(text))
    assert [(f.line, parse_yaml(f.text)) for f in found] == [(2, [{"a": 1}]), (6, [{"b": "---\nx\n"}])]


_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
_VALUES = st.recursive(
    _SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=8), v, max_size=3)
)


@given(st.lists(st.dictionaries(st.text(max_size=8), _VALUES, min_size=1, max_size=4), min_size=1, max_size=4))
def test_cutting_a_list_changes_nothing(items: list[dict[str, Any]]) -> None:
    text = yaml.safe_dump({"apiVersion": "v1", "items": items, "kind": "List"}, width=60)
    (whole,) = parse_yaml(text)
    listing = Fragment(text, 1).as_list()
    if listing is not None:
        assert [one for item in listing.items for (one,) in parse_yaml(item.text)] == whole["items"]
        assert parse_yaml(listing.head.text) == [{**whole, "items": []}]


def test_json_numbers_may_be_too_long() -> None:
    with pytest.raises(json_text.JsonError, match="too long"):
        list(json_text.values('{"a": ' + "9" * 5000 + "}"))
