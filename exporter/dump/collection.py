"""Sorts the objects of a dump into tables: the best copy of each object, and what cannot be read as rejected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from exporter.cluster.resource import PydanticCodec, Resource
from exporter.cluster.store import Store
from exporter.kube.contract import Item, Key, Rejected, State

_TERM: Final = re.compile(r"^(!?)([^=!]+?)(?:(==?|!=)(.*))?$")

Rank = tuple[int, int]


@dataclass(slots=True)
class _ResourceObjects:
    """What was found of one resource."""

    codec: PydanticCodec[Any]
    items: dict[Key, tuple[Rank, Item[Any]]] = field(default_factory=dict)
    collected: bool = False
    problem: str = ""


class Collection:
    """The objects of a dump, decoded as they come; the raw ones are dropped at once."""

    def __init__(self, resources: tuple[Resource[Any], ...]) -> None:
        self._piles = {r: _ResourceObjects(r.codec()) for r in resources}
        self._by_kind = {(r.group, r.kind): r for r in resources}
        self.kinds = frozenset(r.kind for r in resources)
        self.objects = 0
        """How many were of a kind that we look at."""

    @property
    def resources(self) -> tuple[Resource[Any], ...]:
        """All that are looked for."""
        return tuple(self._piles)

    @property
    def empty(self) -> bool:
        """Not even an empty List of a kind that we look at."""
        return not any(pile.collected or pile.problem for pile in self._piles.values())

    def add(self, value: dict[str, Any], where: str, listed: Resource[Any] | None = None) -> Resource[Any] | None:
        """Take an object, or a List without its items. Returns what it is, None if it is of no kind that we look at.

        `listed` is what the file says it lists, for a List that does not say it itself.
        """
        group, _, version = str(value.get("apiVersion") or "").rpartition("/")
        kind = str(value.get("kind"))
        if "items" in value and kind.endswith("List"):
            resource = listed if kind == "List" else self._by_kind.get((group, kind.removesuffix("List")))
            if resource is not None:
                self._piles[resource].collected = True
            return resource
        resource = self._by_kind.get((group, kind))
        if resource is None:
            return None
        self._piles[resource].collected = True
        self.objects += 1
        if matches_selector(resource.label_selector, value):
            self._keep(resource, version, self._decode(resource, value, version, where))
        return resource

    def broken(self, resource: Resource[Any], key: Key | None, problem: str) -> None:
        """Take note of an object that cannot be parsed, or of a part of a table that is missing for that reason."""
        pile = self._piles[resource]
        if key is None:
            pile.problem = pile.problem or problem
            return
        pile.collected = True
        if key not in pile.items:
            pile.items[key] = ((-1, -1), Item(key, "", rejected=Rejected(key, "", problem)))

    def pour(self, store: Store, states: Mapping[Resource[Any], tuple[State, str]]) -> None:
        """Fill the store's tables. `states`: what is known of those of which nothing was found."""
        for resource, pile in self._piles.items():
            items = [item for _, item in pile.items.values()]
            sink = store.sink(resource)
            sink.replace(
                {i.key: i.row for i in items if i.row is not None},
                {i.key: i.rejected for i in items if i.rejected is not None},
            )
            if pile.problem:
                sink.state(State.FAILED, pile.problem)
            elif pile.collected:
                sink.state(State.LIVE)
            else:
                sink.state(*states[resource])

    def missing(self) -> tuple[Resource[Any], ...]:
        """The resources of which nothing was found, not even an empty List."""
        return tuple(r for r, pile in self._piles.items() if not pile.collected)

    def _decode(self, resource: Resource[Any], value: dict[str, Any], version: str, where: str) -> Item[Any]:
        try:
            item = self._piles[resource].codec.from_value(value)
        except RecursionError:
            key = Key("", f"(nested too deeply, {where})")
            return Item(key, "", rejected=Rejected(key, "", "is nested too deeply"))
        if not item.key.name and (said := item.rejected):
            key = Key(item.key.namespace, f"(unnamed, {where})")
            return Item(key, "", rejected=Rejected(key, said.field, said.problem))
        if version not in resource.versions and item.rejected is None:
            problem = f"version {version} is not one that can be read ({', '.join(resource.versions)})"
            return Item(item.key, item.resource_version, rejected=Rejected(item.key, "apiVersion", problem))
        return item

    def _keep(self, resource: Resource[Any], version: str, item: Item[Any]) -> None:
        """Of several copies the one in the preferred version stays, then the newest, then the last."""
        preference = -resource.versions.index(version) if version in resource.versions else -len(resource.versions)
        number = int(item.resource_version) if re.fullmatch(r"\d{1,19}", item.resource_version) else 0
        rank = (preference, number)
        items = self._piles[resource].items
        if item.key not in items or rank >= items[item.key][0]:
            items[item.key] = (rank, item)


def matches_selector(selector: str, value: dict[str, Any]) -> bool:
    """Whether a label selector of equality and existence terms chooses the object."""
    metadata = value.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    labels = labels if isinstance(labels, dict) else {}
    return all(_holds(term.strip(), labels) for term in selector.split(",") if term.strip())


def _holds(term: str, labels: dict[str, Any]) -> bool:
    match = _TERM.match(term)
    assert match, f"not a label selector: {term}"
    absent, key, operator, wanted = match.groups()
    if not operator:
        return (key in labels) is not bool(absent)
    return (labels.get(key) == wanted) is (operator != "!=")
