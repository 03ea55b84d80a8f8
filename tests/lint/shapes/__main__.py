"""Writes what lint says of each shape into the file."""

from tests.lint.shapes import FILE, rewritten

FILE.write_text(rewritten(), "utf-8")
