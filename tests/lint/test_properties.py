"""Whatever happens to a valid manifest, each message has a line that exists, and nothing is raised."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.lint.linting import SAMPLES, fixed, lint_text
from tests.lint.shapes import load_shapes

VALID = [
    part
    for name in ("healthy-4.18", "healthy-4.22", "healthy-4.23")
    for part in (SAMPLES / f"{name}.yaml").read_text("utf-8").split("\n---\n")
    if "DataImportCron" in part or "StorageClass" in part or "Template" in part
]
TEXTS = st.sampled_from([*VALID, *(shape.text for shape in load_shapes())])
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1e300, "", "x" * 5000, "\x00", "\ud800", [], {}, [[]], {"a": None}, {"": ""}, "${X}", "{{ x }}"]
)


def check(text: str) -> None:
    lines = text.split("\n")
    for target in ("4.18..4.23", "5.0"):
        linted = lint_text(text, target)
        for finding in linted.findings:
            assert 1 <= finding.line <= len(lines)
            assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
            assert finding.summary
            assert finding.remedy
            assert not finding.remedy.endswith(".")
    fixed(text)


@given(TEXTS, st.data())
def test_lines_are_dropped_repeated_and_moved(text: str, data: st.DataObject) -> None:
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        how = data.draw(st.sampled_from(["drop", "repeat", "indent", "dedent", "swap"]))
        if how == "drop" and len(lines) > 1:
            del lines[place]
        elif how == "repeat":
            lines.insert(other, lines[place])
        elif how == "swap":
            lines[place], lines[other] = lines[other], lines[place]
        else:
            lines[place] = f"  {lines[place]}" if how == "indent" else lines[place].removeprefix("  ")
        other = min(other, len(lines) - 1)
    check("\n".join(lines))


@given(TEXTS, st.data())
def test_characters_are_replaced(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(text)))
        new = data.draw(st.sampled_from([*":-{}[]#&*!|>'\"%@`, \t\r\n~?x0é\u2028\x85", "<<: *a", "---\n", "- "]))
        text = text[:place] + new + text[place + data.draw(st.integers(0, 3)) :]
    check(text)


@given(TEXTS, st.data())
def test_values_are_replaced(text: str, data: st.DataObject) -> None:
    try:
        documents = [d for d in yaml.safe_load_all(text) if isinstance(d, dict)]
    except yaml.YAMLError:
        documents = []
    for document in documents:
        here, key = document, data.draw(st.sampled_from(sorted(document, key=str)))
        while isinstance(here[key], dict | list) and here[key] and data.draw(st.booleans()):
            here = here[key]
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            key = data.draw(st.sampled_from(keys))
        here[key] = data.draw(ODD)
    check("\n---\n".join(json.dumps(document, default=str) for document in documents))
