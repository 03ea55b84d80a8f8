"""Causes: a graph of findings without cycles, in time that grows as its edges do. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

Graph = Mapping[str, Collection[str]]
"""By fingerprint those that explain it, each of which is a key too."""
_MOST_STEPS: Final = 20
"""How far symptoms are followed. Real chains have about eight steps, from a class to a machine; DataSources that point
at each other can be made into one of any length, of which each would have to be followed from each."""


def without_cycles(wanted: Graph) -> dict[str, tuple[str, ...]]:
    """The graph without the edges that close a cycle: of two that name each other the first one is the cause."""
    core = _on_cycles(wanted)
    linked: dict[str, tuple[str, ...]] = dict.fromkeys(wanted, ())
    for mark, causes in wanted.items():
        # A cycle lies in the core as a whole, so nothing else has to be followed.
        linked[mark] = tuple(c for c in causes if not (mark in core and c in core and _reaches(linked, c, mark, core)))
    return linked


def effects_of(linked: Graph) -> dict[str, list[str]]:
    """The same edges the other way round."""
    effects: dict[str, list[str]] = {}
    for mark, causes in linked.items():
        for cause in causes:
            effects.setdefault(cause, []).append(mark)
    return effects


def below(mark: str, effects: Mapping[str, Sequence[str]]) -> list[str]:
    """Its symptoms, theirs, and so on."""
    found: dict[str, None] = {}
    level: Sequence[str] = (mark,)
    for _ in range(_MOST_STEPS):
        level = [new for each in level for new in effects.get(each, ()) if new not in found]
        found.update(dict.fromkeys(level))
        level = list(dict.fromkeys(level))
        if not level:
            break
    return list(found)


def _on_cycles(wanted: Graph) -> set[str]:
    """The nodes left when those without causes, and then those without effects, are taken away again and again."""
    effects = effects_of(wanted)
    left = _peeled(set(wanted), wanted, effects)
    return _peeled(left, effects, wanted)


def _peeled(nodes: set[str], up: Graph, down: Graph) -> set[str]:
    count = {node: sum(each in nodes for each in up.get(node, ())) for node in nodes}
    todo = [node for node, number in count.items() if not number]
    left = set(nodes)
    while todo:
        node = todo.pop()
        left.discard(node)
        for each in down.get(node, ()):
            if each in left:
                count[each] -= 1
                if not count[each]:
                    todo.append(each)
    return left


def _reaches(linked: Mapping[str, tuple[str, ...]], start: str, goal: str, among: Collection[str]) -> bool:
    todo, seen = [start], set[str]()
    while todo:
        mark = todo.pop()
        if mark == goal:
            return True
        if mark not in seen:
            seen.add(mark)
            todo.extend(cause for cause in linked[mark] if cause in among)
    return False
