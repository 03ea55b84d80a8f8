"""Reads the part of Go's regular expressions (RE2) that people write in routes; what is beyond it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from exporter.doctor.automaton import Char, Edge, Fork, Instruction

MOST_INSTRUCTIONS: Final = 2000
"""Size of a program; that of `(a{100}){100}` would be larger."""
_MOST_NESTED: Final = 50
"""Groups within groups."""
_MOST_REPEATED: Final = 1000
"""Go refuses more."""

Fits = Callable[[str], bool]
Fragment = list[Instruction]

_SHORTHANDS: Final[dict[str, Fits]] = {
    "d": lambda c: "0" <= c <= "9",
    "s": lambda c: c in "\t\n\f\r ",
    "w": lambda c: c == "_" or (c.isascii() and c.isalnum()),
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}


class UnsupportedError(ValueError):
    """The expression is not valid, or goes beyond what is understood."""


def compile_expression(expression: str, *, fold: bool = False, newlines: bool = False) -> Fragment:
    """The program of an expression; `fold`: case does not matter, `newlines`: the dot takes line breaks too.

    Raises UnsupportedError.
    """
    parser = _ExpressionParser(expression, fold, newlines)
    program = parser.alternatives(0)
    if parser.rest:
        raise UnsupportedError("a bracket is closed that was not opened")
    return program


class _ExpressionParser:
    def __init__(self, expression: str, fold: bool, newlines: bool) -> None:
        self.rest = expression[::-1]
        """What is not read yet, backwards, so that reading is cutting the end off."""
        self._fold = fold
        self._newlines = newlines

    def _peek(self) -> str:
        return self.rest[-1:]

    def _next(self) -> str:
        character, self.rest = self.rest[-1:], self.rest[:-1]
        if not character:
            raise UnsupportedError("the expression ends too early")
        return character

    def _skip(self, text: str) -> bool:
        if not self.rest.endswith(text[::-1]):
            return False
        self.rest = self.rest[: -len(text)]
        return True

    def alternatives(self, depth: int) -> Fragment:
        """`a|b|c`."""
        if depth > _MOST_NESTED:
            raise UnsupportedError("groups are nested too deeply")
        branches = [self._sequence(depth)]
        while self._skip("|"):
            branches.append(self._sequence(depth))
        joined = branches.pop()
        while branches:
            branch = branches.pop()
            joined = _limit_size([Fork((1, len(branch) + 2)), *branch, Fork((len(joined) + 1,)), *joined])
        return joined

    def _sequence(self, depth: int) -> Fragment:
        found: Fragment = []
        while self._peek() not in ("", "|", ")"):
            found = _limit_size([*found, *self._repetition(self._atom(depth))])
        return found

    def _atom(self, depth: int) -> Fragment:
        match self._next():
            case "(":
                if self._peek() == "?" and not self._skip("?:"):
                    raise UnsupportedError("a group with flags or a name")
                inside = self.alternatives(depth + 1)
                if not self._skip(")"):
                    raise UnsupportedError("a bracket is not closed")
                return inside
            case "[":
                return [Char(self._set())]
            case ".":
                return [Char((lambda _: True) if self._newlines else (lambda c: c != "\n"))]
            case "^" | "$" as edge:
                return [Edge(edge == "^")]
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{":
                raise UnsupportedError("nothing to repeat")
            case character:
                return [Char(self._one(character))]

    def _escape(self) -> Fragment:
        name = self._next()
        return [Char(self._class(name) or self._one(_escape_value(name)))]

    def _class(self, name: str) -> Fits | None:
        fits = _SHORTHANDS.get(name.lower())
        if fits is None or name.islower():
            return fits
        return lambda c: not fits(c)

    def _one(self, character: str) -> Fits:
        return self._range(character, character)

    def _range(self, first: str, last: str) -> Fits:
        if not self._fold:
            return lambda c: first <= c <= last
        if not (first + last).isascii():
            raise UnsupportedError("case of letters beyond ASCII")
        return lambda c: any(first <= form <= last for form in (c, c.lower(), c.upper()) if c.isascii())

    def _set(self) -> Fits:
        negated = self._skip("^")
        members: list[Fits] = []
        while not members or self._peek() != "]":
            members.append(self._member())
        self._next()
        return lambda c: any(fits(c) for fits in members) is not negated

    def _member(self) -> Fits:
        first = self._next()
        if first == "[":
            raise UnsupportedError("a set within a set, or a named one")
        if first == "\\":
            name = self._next()
            shorthand = self._class(name)
            if shorthand is not None:
                return shorthand
            first = _escape_value(name)
        if self._peek() != "-" or self.rest[-2:-1] == "]":
            return self._one(first)
        self._next()
        last = self._next()
        last = _escape_value(self._next()) if last == "\\" else last
        if last < first:
            raise UnsupportedError("a range that runs backwards")
        return self._range(first, last)

    def _repetition(self, atom: Fragment) -> Fragment:
        bounds = self._bounds()
        if bounds is None:
            return atom
        self._skip("?")  # which of several matches is preferred does not matter to whether there is one
        if self._peek() in ("*", "+", "?"):
            raise UnsupportedError("a repetition of a repetition")
        least, most = bounds
        if max(least, most or 0) * max(1, len(atom)) > MOST_INSTRUCTIONS:
            raise UnsupportedError("the expression is too large")
        if most is None:
            loop = [Fork((1, len(atom) + 2)), *atom, Fork((-len(atom) - 1,))]
            return _limit_size([*(atom * least), *loop])
        optional = [Fork((1, len(atom) + 1)), *atom]
        return _limit_size([*(atom * least), *(optional * (most - least))])

    def _bounds(self) -> tuple[int, int | None] | None:
        """How often what stands before is repeated; None: once, since no repetition is written."""
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._skip(sign):
                return bounds
        if not self._skip("{"):
            return None
        least, comma, most = self._braces().partition(",")
        numbers = [text for text in (least, most) if text or text is least]
        if not all(text.isascii() and text.isdigit() and len(text) <= 4 for text in numbers):
            raise UnsupportedError("a brace that is no repetition")
        low = int(least)
        high = low if not comma else int(most) if most else None
        if max(low, high or 0) > _MOST_REPEATED or (high is not None and high < low):
            raise UnsupportedError("a repetition that Go refuses")
        return low, high

    def _braces(self) -> str:
        found = []
        while (character := self._next()) != "}":
            found.append(character)
        return "".join(found)


def _escape_value(name: str) -> str:
    """The character that a backslash and this one stand for."""
    if name in _CONTROLS:
        return _CONTROLS[name]
    if name.isascii() and not name.isalnum():
        return name
    raise UnsupportedError(f"\\{name}")


def _limit_size(program: Fragment) -> Fragment:
    if len(program) > MOST_INSTRUCTIONS:
        raise UnsupportedError("the expression is too large")
    return program
