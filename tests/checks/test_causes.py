"""The graph of causes: exact where there are cycles, and never quadratic."""

from __future__ import annotations

from random import Random

import pytest

from exporter.checks.causes import below, effects_of, without_cycles


def reaches(graph: dict[str, tuple[str, ...]], start: str, goal: str) -> bool:
    todo, seen = [start], set[str]()
    while todo:
        node = todo.pop()
        if node == goal:
            return True
        if node not in seen:
            seen.add(node)
            todo.extend(graph[node])
    return False


def one_edge_after_the_other(wanted: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What is meant, in the plainest way."""
    linked: dict[str, tuple[str, ...]] = dict.fromkeys(wanted, ())
    for mark, causes in wanted.items():
        linked[mark] = tuple(cause for cause in causes if not reaches(linked, cause, mark))
    return linked


@pytest.mark.parametrize("seed", range(200))
def test_edges_that_close_a_cycle_are_left_out_and_no_others(seed: int) -> None:
    random = Random(seed)
    nodes = [f"n{number}" for number in range(random.randint(1, 12))]
    wanted = {node: tuple(random.sample(nodes, min(len(nodes), random.randint(0, 3)))) for node in nodes}
    assert without_cycles(wanted) == one_edge_after_the_other(wanted)


def test_of_two_that_name_each_other_the_first_one_is_the_cause() -> None:
    assert without_cycles({"a": ("b",), "b": ("a",)}) == {"a": ("b",), "b": ()}


def test_symptoms_are_followed_to_symptoms_of_theirs() -> None:
    linked = {"root": (), "one": ("root",), "two": ("one", "root"), "other": ()}
    assert below("root", effects_of(linked)) == ["one", "two"]
    assert below("other", effects_of(linked)) == []


def test_a_long_chain_is_not_followed_from_each_of_its_members() -> None:
    """10,000 DataSources that point at each other must not cost 50 million steps."""
    chain = {f"n{number}": (f"n{number + 1}",) if number < 9_999 else () for number in range(10_000)}
    linked = without_cycles(chain)
    assert linked == chain
    effects = effects_of(linked)
    assert max(len(below(mark, effects)) for mark in linked) < 30
