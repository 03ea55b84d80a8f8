"""Suppression by a comment: `# bootsource-lint: RULE[, RULE]; reason=TEXT`.

At the end of a line it is about that line; on a line of its own about the next line that is no comment. Above the first
line of a document it is about the whole document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from exporter.checks.annotation import LONGEST_LINE, MalformedError, parse_check_ids
from exporter.checks.policy import EVERY
from exporter.lint.source import SourceText

_COMMENT: Final = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*bootsource-lint:([^\r\n]*)", re.MULTILINE)
_MOST: Final = 10_000
"""Comments of one file that are read."""


@dataclass(slots=True)
class Comment:
    """A suppression in a file."""

    line: int
    column: int
    first: int
    """The first and the last line that it is about."""
    last: int
    rules: tuple[str, ...] = ()
    reason: str = ""
    problem: str = ""
    """Why it cannot be understood; "" if it can."""
    used: bool = field(default=False)

    def covers(self, rule: str, line: int) -> bool:
        """It suppresses a finding of this rule on this line."""
        return not self.problem and self.first <= line <= self.last and (rule in self.rules or EVERY in self.rules)


def read_comments(source: SourceText, known: Collection[str]) -> Iterator[Comment]:
    """The suppressions of a file. `known` are the rules that can be named."""
    if "bootsource-lint:" not in source.text:
        return
    for number, match in enumerate(_COMMENT.finditer(source.text)):
        if number >= _MOST:
            return
        at = source.position(match.start())
        first, last = _scope(source, at.line, source.line(at.line)[: at.column - 1])
        comment = Comment(at.line, at.column, first, last)
        try:
            comment.rules, comment.reason = _parse(match[1], known)
        except MalformedError as error:
            comment.problem = str(error)
        yield comment


def _parse(text: str, known: Collection[str]) -> tuple[tuple[str, ...], str]:
    if len(text) > LONGEST_LINE:
        raise MalformedError(f"has {len(text)} characters, more than {LONGEST_LINE}; shorten its reason")
    words, separator, rest = text.partition(";")
    key, equals, reason = (part.strip() for part in rest.partition("="))
    if not separator or key != "reason" or not equals or not reason:
        raise MalformedError("lacks a reason; add `; reason=...`")
    return parse_check_ids(words.split(","), known), reason


def _scope(source: SourceText, line: int, before: str) -> tuple[int, int]:
    if before.strip():
        return line, line
    target = line + 1
    while target < source.lines and _is_blank(source.line(target)):
        target += 1
    above = line - 1
    while above > 0 and _is_blank(source.line(above)):
        above -= 1
    if above > 0 and not source.line(above).startswith("---"):
        return target, target
    last = target
    while last < source.lines and not source.line(last + 1).startswith("---"):
        last += 1
    return target, last


def _is_blank(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith("#")
