"""What the place of a file in a dump, or the text of a broken object, tells about what is in it."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from exporter.cluster.resource import Resource
from exporter.kube.contract import Key

_KIND: Final = re.compile(r"""^( *(?:- )?)["']?kind["']?:[ \t]*["']?(\w+)""", re.MULTILINE)
_JSON_KIND: Final = re.compile(r""""kind"\s*:\s*"(\w+)\"""")
_METADATA: Final = re.compile(r"^( *)metadata:[ \t]*\r?\n( +)", re.MULTILINE)
_FIELD: Final = r"""^%s%s:[ \t]*["']?([a-z0-9][-a-z0-9.]*)["']?[ \t]*\r?$"""
_SUFFIX: Final = re.compile(r"\.(?:ya?ml|json)(?:\.gz)?$", re.IGNORECASE)


class Guess(NamedTuple):
    """What a text that cannot be read is about."""

    resource: Resource[Any]
    key: Key | None = None
    """None if more than one object may be concerned, or it does not show which."""


class DumpLayout:
    """Reads places and remains, for a given set of resources."""

    def __init__(self, resources: tuple[Resource[Any], ...]) -> None:
        self._by_kind = {r.kind: r for r in resources}
        self._by_file = {name: r for r in resources for name in (r.plural, f"{r.plural}.{r.group or 'core'}")}

    def guess_from_path(self, parts: tuple[str, ...]) -> Guess | None:
        """By where `oc adm inspect` and must-gather put things, or just a file named like the plural.

        `[namespaces/NS|cluster-scoped-resources]/GROUP/PLURAL[/NAME].yaml`, and `.../[crs/]PLURAL.GROUP/NAME.yaml`.
        """
        if not parts:
            return None
        stem = _SUFFIX.sub("", parts[-1])
        folder = self._by_file.get(parts[-2]) if len(parts) > 2 else None
        if folder is not None and (parts[-3] == (folder.group or "core") or "." in parts[-2]):
            return Guess(folder, Key(namespace_of(parts), stem))
        listed = self._by_file.get(stem.lower())
        return Guess(listed) if listed else None

    def guess_from_text(self, text: str) -> tuple[Guess, ...]:
        """By the lines that name a kind: one object if only one stands outermost, else every kind that appears."""
        if '"kind"' in text:
            return self._all([*_JSON_KIND.findall(text), *(kind for _, kind in _KIND.findall(text))])
        found = [(len(indent), kind) for indent, kind in _KIND.findall(text)]
        least = min((indent for indent, _ in found), default=0)
        outermost = [kind for indent, kind in found if indent == least]
        if len(outermost) != 1 or outermost[0].endswith("List") or "\nitems:" in text:
            return self._all([kind for _, kind in found])
        resource = self._by_kind.get(outermost[0])
        return (Guess(resource, key_of(text)),) if resource else ()

    def _all(self, kinds: list[str]) -> tuple[Guess, ...]:
        known = (self._by_kind.get(kind.removesuffix("List")) for kind in dict.fromkeys(kinds))
        return tuple(Guess(resource) for resource in known if resource is not None)


def namespace_of(parts: tuple[str, ...]) -> str:
    """The namespace whose objects a folder of a must-gather holds; "" if it is not in one."""
    above = parts[:-3]
    return parts[len(above) - above[::-1].index("namespaces")] if "namespaces" in above else ""


def key_of(text: str) -> Key | None:
    """The name in the metadata, as block style puts it."""
    metadata = _METADATA.search(text)
    if metadata is None:
        return None
    outside = re.compile(rf"^ {{0,{len(metadata[1])}}}\S", re.MULTILINE).search(text, metadata.end())
    block = text[metadata.start(2) : outside.start() if outside else len(text)]
    name, space = (re.search(_FIELD % (metadata[2], word), block, re.MULTILINE) for word in ("name", "namespace"))
    return Key(space[1] if space else "", name[1]) if name else None
