"""Manifests as trees of dicts and lists, in which some leaves are up to the site.

The same tree becomes a plain manifest, by `resolve` for one site, and a template of the chart, in `template`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tools.generate.deploy.yaml_text import Commented, dump_document

Schema = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class SiteValue:
    """Something that a site may set: a key of the chart's values."""

    path: str
    """Where it is in values.yaml, with dots."""
    default: Any
    help: str
    schema: Schema

    @property
    def template(self) -> str:
        """How a template names it."""
        return f".Values.{self.path}"


@dataclass(frozen=True)
class DeploySite:
    """Where the manifests are for: what it sets, and the names that objects get there."""

    namespace: str
    values: Mapping[SiteValue, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """What `Text` may name besides."""

    def __getitem__(self, value: SiteValue) -> Any:  # noqa: ANN401  (whatever the value holds)
        """What the site has set, or the default."""
        return self.values.get(value, value.default)


@dataclass(frozen=True)
class SiteCondition:
    """Whether a part of a manifest is there."""

    template: str
    """As templates say it."""
    holds: Callable[[DeploySite], bool]

    def __and__(self, other: SiteCondition) -> SiteCondition:
        """Both."""
        return SiteCondition(
            f"and ({self.template}) ({other.template})", lambda site: self.holds(site) and other.holds(site)
        )


@dataclass(frozen=True)
class When:
    """A part that is there only sometimes, or differs. In a list, a tuple stands for several items."""

    condition: SiteCondition
    then: Any
    otherwise: Any = None
    """None: nothing at all."""


@dataclass(frozen=True)
class Text:
    """Text with names in braces: {name} is what everything is called, {namespace} where it is; `NAMES` has more."""

    form: str


@dataclass(frozen=True)
class YamlText:
    """Text that holds a value as YAML."""

    value: SiteValue


@dataclass(frozen=True)
class Spread:
    """In a list: the items of a value. As the value of the key MORE of a dict: its keys."""

    value: SiteValue


MORE: Final = "..."


@dataclass(frozen=True)
class Manifest:
    """One object."""

    file: str
    """What its file is called, without the ending."""
    tree: Mapping[str, Any]
    condition: SiteCondition | None = None
    """None: it is always there."""
    each: SiteValue | None = None
    """A list: there is one object per item, which the tree names by `Text("{item}")`. None: there is one object."""

    def at(self, site: DeploySite) -> list[dict[str, Any]]:
        """The objects of this site; none where the condition does not hold."""
        if self.condition and not self.condition.holds(site):
            return []
        if self.each is None:
            return [resolve(self.tree, site)]
        sites = (replace(site, names={**site.names, "item": item}) for item in site[self.each])
        return [resolve(self.tree, of_item) for of_item in sites]


def resolve(node: Any, site: DeploySite) -> Any:  # noqa: ANN401  (any part of a tree)
    """A part of a tree as a site has it; None if it is not there."""
    match node:
        case When():
            made = resolve(node.then if node.condition.holds(site) else node.otherwise, site)
        case Commented():
            made = Commented(resolve(node.value, site), node.note)
        case Mapping():
            made = dict(_entries(node, site))
        case list() | tuple():
            made = type(node)(item for each in node for item in _items(each, site))
        case _:
            made = _leaf(node, site)
    return made


def _leaf(node: Any, site: DeploySite) -> Any:  # noqa: ANN401
    match node:
        case SiteValue():
            return site[node] if site[node] not in ("", {}, []) else None
        case Text():
            return node.form.format(name="bootsource-exporter", namespace=site.namespace, **site.names)
        case YamlText():
            return dump_document(site[node.value])
        case _:
            return node


def _entries(node: Mapping[str, Any], site: DeploySite) -> Iterator[tuple[str, Any]]:
    for key, child in node.items():
        if key == MORE:
            yield from _spread(child, site)
        elif (made := resolve(child, site)) is not None:
            yield key, made


def _items(node: Any, site: DeploySite) -> list[Any]:  # noqa: ANN401
    if isinstance(node, Spread):
        return list(site[node.value])
    made = resolve(node, site)
    if isinstance(made, tuple):
        return list(made)
    return [] if made is None else [made]


def _spread(node: Spread | When, site: DeploySite) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Spread):
        yield from site[node.value].items()
    elif node.condition.holds(site):
        yield from _spread(node.then, site)
