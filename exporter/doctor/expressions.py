"""Regular expressions of Go, as far as they are understood; of others it is not known what they match."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from exporter.doctor import automaton
from exporter.doctor._expression_parser import Fragment, UnsupportedError, compile_expression

LONGEST: Final = 4096
"""Characters of an expression, and of a text that it is compared with; routes and labels are far shorter."""
_FLAGS: Final = re.compile(r"\(\?([is]+)\)")


def fullmatch(expression: str, text: str) -> bool | None:
    """Whether it matches the whole text, in time linear in both; None if that cannot be told."""
    if max(len(expression), len(text)) > LONGEST:
        return None
    program = _program(expression)
    return None if program is None else automaton.run_program(program, text)


@lru_cache(maxsize=1000)
def _program(expression: str) -> Fragment | None:
    flags = _FLAGS.match(expression)
    named = flags[1] if flags else ""
    try:
        return compile_expression(
            expression[flags.end() :] if flags else expression, fold="i" in named, newlines="s" in named
        )
    except UnsupportedError:
        return None
