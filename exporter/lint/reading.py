"""Files to manifests: documents, Lists, what is skipped, and what cannot be parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import yaml

from exporter.dump.listing import with_item_type
from exporter.dump.yaml_text import YamlSyntaxError, parse_yaml_nodes
from exporter.joins.admission import Path
from exporter.lint.source import Chunk, Manifest, Position, SourceText, locate, scalars

KINDS: Final = (
    "HyperConverged",
    "DataImportCron",
    "DataSource",
    "DataVolume",
    "StorageClass",
    "StorageProfile",
    "VolumeSnapshotClass",
    "Template",
    "VirtualMachine",
    "VirtualMachineTemplate",
    "SSP",
)
_GROUPS: Final = {
    "HyperConverged": "hco.kubevirt.io",
    "DataImportCron": "cdi.kubevirt.io",
    "DataSource": "cdi.kubevirt.io",
    "DataVolume": "cdi.kubevirt.io",
    "StorageClass": "storage.k8s.io",
    "StorageProfile": "cdi.kubevirt.io",
    "VolumeSnapshotClass": "snapshot.storage.k8s.io",
    "Template": "template.openshift.io",
    "VirtualMachine": "kubevirt.io",
    "VirtualMachineTemplate": "template.kubevirt.io",
    "SSP": "ssp.kubevirt.io",
}
_DOCUMENT: Final = re.compile(r"^---(?=[ \t\r\n]|$)", re.MULTILINE)
_WANTED: Final = re.compile(rf"""\bkind["']?\s*:\s*["']?(?:{"|".join(KINDS)})(?:List)?\b""")
_TEMPLATING: Final = re.compile(r"(?<!\$)\{\{|\{%|<%")
"""What Helm, Jinja and ERB begin with. `${{NAME}}` is a parameter of an OpenShift Template."""
_PLACEHOLDER: Final = re.compile(r"\$\{|\{\{")


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not linted, and why."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A document that cannot be parsed."""

    source: SourceText
    position: Position
    what: str


Piece = Manifest | Skipped | Broken


def is_placeholder(value: object) -> bool:
    """The text is filled in by something else later, so nothing can be said of it."""
    return isinstance(value, str) and _PLACEHOLDER.search(value) is not None


def read_manifests(source: SourceText) -> Iterator[Piece]:
    """Every object of a kind that some rule looks at."""
    at = 0
    for mark in chain(_DOCUMENT.finditer(source.text), (None,)):
        end = mark.start() if mark else len(source.text)
        if _WANTED.search(source.text, at, end):
            yield from _read_chunk(source, at, end)
        at = mark.end() if mark else end


def _read_chunk(source: SourceText, start: int, end: int) -> Iterator[Piece]:
    text = source.text[start:end]
    line = source.position(start + len(text) - len(text.lstrip())).line
    try:
        documents = parse_yaml_nodes(text)
    except YamlSyntaxError as error:
        if _TEMPLATING.search(text):
            yield Skipped(source.name, line, "it is a template that is not YAML yet; lint what it renders to")
            return
        yield Broken(source, source.position(start + error.at), error.what)
        return
    for root, value in documents:
        if root is not None and "{{" in text and any(map(_holds_templating, scalars(root))):
            yield Skipped(source.name, line, "it has placeholders such as {{ }}; lint what it renders to")
        elif root is not None:
            yield from _objects(Chunk(source, start, end, root, value), (), root, value)


def _holds_templating(scalar: yaml.ScalarNode) -> bool:
    """Only on one line: the scripts that machines run at their start may hold templates of their own."""
    return scalar.style not in ("|", ">") and "{{" in scalar.value and _TEMPLATING.search(scalar.value) is not None


def _objects(chunk: Chunk, at: Path, node: yaml.Node, value: Any) -> Iterator[Manifest]:  # noqa: ANN401  (YAML)
    """The object, or the items of the List that it is."""
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        return
    kind, items = value["kind"], value.get("items")
    if kind.endswith("List") and isinstance(items, list):
        below = locate(node, ("items",)).value
        for number, item in enumerate(items):
            typed = with_item_type(item, value)
            if isinstance(below, yaml.SequenceNode) and number < len(below.value):
                yield from _objects(chunk, (*at, "items", str(number)), below.value[number], typed)
        return
    version = value.get("apiVersion")
    version = version if isinstance(version, str) else ""
    if kind in KINDS and version.rpartition("/")[0] == _GROUPS[kind]:
        yield Manifest(chunk, at, node, value, version, kind)
