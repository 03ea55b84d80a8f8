"""The shapes as data, and what lint says of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tests.lint.linting import lint_text

FILE: Final = Path(__file__).with_name("shapes.yaml")


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    target: str
    text: str
    expect: tuple[str, ...]


def load_shapes() -> list[Shape]:
    items = yaml.safe_load(FILE.read_text("utf-8"))
    return [Shape(item["name"], item["for"], item["text"], tuple(item["expect"])) for item in items]


def messages(shape: Shape) -> tuple[str, ...]:
    """`LINE:COLUMN severity rule: summary -> remedy` of each finding, and what was skipped."""
    linted = lint_text(shape.text, shape.target)
    found = [f"{f.line}:{f.column} {f.severity} {f.rule}: {f.summary} -> {f.remedy}" for f in linted.findings]
    return (*found, *(f"{s.line} skipped: {s.why}" for s in linted.skipped))


def rewritten() -> str:
    """The file, with what is found now."""
    text = FILE.read_text("utf-8")
    head, *parts = text.split("\n- name: ")
    done = [head]
    for part, shape in zip(parts, load_shapes(), strict=True):
        before = part.partition("\n  expect:")[0]
        told = "".join(
            f"\n  - {yaml.safe_dump(line, width=10_000, default_style=chr(34)).strip()}" for line in messages(shape)
        )
        done.append(f"{before}\n  expect:{told or ' []'}")
    return "\n- name: ".join(done) + "\n"
