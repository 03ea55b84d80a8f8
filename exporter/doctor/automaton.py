"""Matches regular expressions in time linear in the text, as Go's engine does: all ways are followed at once.

The expressions come from an Alertmanager's configuration. Python's engine tries one way after the other, and a single
route with `(a*)*b` would keep it busy for years. Here an expression is a program of bounded size, and the set
of its places that are alive goes over the text once (K. Thompson, Regular Expression Search Algorithm, 1968).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Char(NamedTuple):
    """Takes one character that fits."""

    fits: Callable[[str], bool]


class Fork(NamedTuple):
    """Goes on at several places at once; they are relative to this one."""

    targets: tuple[int, ...]


class Edge(NamedTuple):
    """Goes on only at the beginning of the text, or only at its end."""

    begin: bool


Instruction = Char | Fork | Edge


def run_program(program: Sequence[Instruction], text: str) -> bool:
    """Whether the whole text leads from the first instruction to the place after the last."""
    alive = _closure(program, [0], begins=True, ends=not text)
    for at, character in enumerate(text):
        steps = [here + 1 for here in alive if _takes(program, here, character)]
        if not steps:
            return False
        alive = _closure(program, steps, begins=False, ends=at == len(text) - 1)
    return len(program) in alive


def _takes(program: Sequence[Instruction], here: int, character: str) -> bool:
    instruction = program[here] if here < len(program) else None
    return isinstance(instruction, Char) and instruction.fits(character)


def _closure(program: Sequence[Instruction], starts: Iterable[int], *, begins: bool, ends: bool) -> set[int]:
    """Where it can be without taking a character."""
    todo, found = list(starts), set[int]()
    while todo:
        here = todo.pop()
        if here in found:
            continue
        found.add(here)
        match program[here] if here < len(program) else None:
            case Fork(targets):
                todo.extend(here + target for target in targets)
            case Edge(begin):
                if begins if begin else ends:
                    todo.append(here + 1)
    return found
