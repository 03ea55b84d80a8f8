"""Paths to texts: which files are linted, and which are parts of something that must be rendered first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from exporter.base.clock import SystemClock
from exporter.dump.documents import decode_text
from exporter.dump.files import SkippedFile, files
from exporter.dump.limits import MIB, DumpLimits, ExceededError, ReadBudget
from exporter.dump.yaml_text import YamlSyntaxError, parse_yaml
from exporter.lint.reading import Skipped
from exporter.lint.source import SourceText
from exporter.settings.settings import SettingsError

STDIN: Final = "-"
_LIMITS: Final = DumpLimits(file=32 * MIB, unpacked=1 << 30, entries=100_000, objects=1_000_000, seconds=300.0)
"""Manifests are written by people, or rendered from what people write: far less than a dump."""
_KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_LARGEST_KUSTOMIZATION: Final = MIB
_PATCH: Final = "it is a patch of a kustomization; lint what `kustomize build` prints"
_CHART: Final = "it is a template of a Helm chart; lint what `helm template` prints"


@dataclass(slots=True)
class Inputs:
    """What was read, and what was not."""

    sources: list[SourceText] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    writable: dict[str, bytes] = field(default_factory=dict)
    """The bytes of the files that an edit may be written to, by their names."""


def read_inputs(paths: Sequence[str]) -> Inputs:
    """Read files, folders, archives and standard input. Raises SettingsError for a path that does not exist."""
    for path in paths:
        if path != STDIN and not os.path.exists(path):  # noqa: PTH110  (never raises, unlike Path.exists)
            raise SettingsError(f"{path!r} does not exist; name files, folders, or - for standard input")
    inputs, patches = Inputs(), _patches(paths)
    seen: set[str] = set()
    try:
        for file in files(paths, ReadBudget(_LIMITS, SystemClock().monotonic)):
            if isinstance(file, SkippedFile):
                continue
            name = str(Path(*file.parts)) if file.parts and ":" not in file.name else file.name
            if name in seen:
                continue
            seen.add(name)
            if file.problem:
                inputs.problems.append(f"{name} {file.problem}")
            elif why := _why_skipped(name, patches):
                inputs.skipped.append(Skipped(name, 1, why))
            else:
                _add(inputs, name, file.data)
    except ExceededError as error:
        inputs.problems.append(f"not all was read: {error}")
    return inputs


def _add(inputs: Inputs, name: str, data: bytes) -> None:
    try:
        text = decode_text(data)
    except UnicodeError:
        inputs.problems.append(f"{name} is not text in UTF-8")
        return
    inputs.sources.append(SourceText(name, text))
    if text.encode() == data and not name.endswith(".gz"):
        inputs.writable[name] = data


def _why_skipped(name: str, patches: frozenset[str]) -> str:
    if os.path.realpath(name) in patches:
        return _PATCH
    parts = Path(name).parts
    for depth, part in enumerate(parts[:-1]):
        if part == "templates" and Path(*parts[:depth], "Chart.yaml").is_file():
            return _CHART
    return ""


def _patches(paths: Sequence[str]) -> frozenset[str]:
    """The files that kustomizations in these folders name as patches: they are parts of objects."""
    found: set[str] = set()
    for top in paths:
        if top == STDIN:
            continue
        for folder, _, names in os.walk(top if Path(top).is_dir() else Path(top).parent):
            for name in names:
                if name in _KUSTOMIZATIONS:
                    found.update(_patches_of(Path(folder, name)))
            if not Path(top).is_dir():
                break
    return frozenset(found)


def _patches_of(path: Path) -> Iterator[str]:
    try:
        if path.stat().st_size > _LARGEST_KUSTOMIZATION:
            return
        documents = parse_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeError, YamlSyntaxError):
        return
    for document in documents:
        for name in _named_patches(document):
            if "\0" not in name and "\n" not in name:
                yield os.path.realpath(path.parent / name)


def _named_patches(document: Any) -> Iterator[str]:  # noqa: ANN401  (YAML)
    if not isinstance(document, dict):
        return
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        items = document.get(key)
        for item in items if isinstance(items, list) else ():
            name = item.get("path") if isinstance(item, dict) else item
            if isinstance(name, str):
                yield name
