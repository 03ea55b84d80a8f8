"""Shapes of manifests as repositories and guides have them: what lint says of each, whole."""

from __future__ import annotations

import pytest

from exporter.lint.rules.catalogue import RULES
from tests.lint.shapes import FILE, Shape, load_shapes, messages, rewritten

SHAPES = load_shapes()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape(shape: Shape) -> None:
    assert messages(shape) == shape.expect


def test_there_are_many_and_the_file_is_as_it_is_written() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) >= 60
    assert rewritten() == FILE.read_text("utf-8"), "run python -m tests.lint.shapes"


def test_nearly_every_rule_has_a_shape() -> None:
    told = "\n".join(line for shape in SHAPES for line in shape.expect)
    elsewhere = {"manifest-unreadable", "lint-suppression-unused", "lint-suppression-malformed"}
    assert {rule.id for rule in RULES if f" {rule.id}: " not in told} - elsewhere == {"machine-template-source-missing"}
