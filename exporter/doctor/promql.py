"""Whether two expressions in PromQL are the same one, of which Prometheus has printed the second.

It prints what it has parsed: with other spaces and quotes, numbers without needless zeros, durations in the largest
unit, and matchers of labels that somebody has enforced. Operators, functions and brackets stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<text>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `[^`]*`)
    | (?P<span>(?:\d+(?:ms|[smhdwy]))+)
    | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)? | \.\d+)
    | (?P<other>[A-Za-z_:][\w:]* | [=!<>~]+ | \S)
    """,
    re.VERBOSE,
)
_SPAN: Final = re.compile(r"(\d+)(ms|[smhdwy])")
_UNITS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_YEAR: Final = 365 * 86_400_000
"""Milliseconds, as in PromQL."""


def is_same_expression(ours: str, printed: str, namespace: str) -> bool:
    """`namespace` is that of the rule, "" for none: where it is enforced, every selector asks for it as well."""
    if len(printed) > 4 * len(ours) + 1000:
        return False  # printing adds parentheses and the namespace, not more; comparing takes longer than linear
    return _without_namespace(ours, "") == _without_namespace(printed, namespace)


def _without_namespace(expression: str, namespace: str) -> list[str]:
    tokens = list(_tokens(expression))
    found: list[str] = []
    while tokens:
        part = tokens.pop(0)
        if part == "{":
            end = tokens.index("}") if "}" in tokens else len(tokens)
            found += _matchers(tokens[:end], namespace)
            del tokens[: end + 1]
        elif part == ")" and found and found[-1] == "(":
            found.pop()  # `on ()` may be printed as `on`
        else:
            found.append(part)
    return found


def _matchers(tokens: list[str], namespace: str) -> list[str]:
    """Sorted, and without that of the enforced namespace."""
    each = " ".join(tokens).split(" , ") if tokens else []
    return sorted(m for m in each if m != f'namespace = "{namespace}"')


def _tokens(expression: str) -> Iterator[str]:
    for match in _TOKEN.finditer(expression):
        token = match[0]
        if match["text"]:
            yield f'"{token[1:-1]}"'
        elif match["span"]:
            yield f"{sum(int(n) * _UNITS.get(unit, _YEAR) for n, unit in _SPAN.findall(token))} ms"
        elif match["number"]:
            yield repr(float(token))
        else:
            yield token
