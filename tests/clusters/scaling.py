"""Larger clusters out of small ones: every boot source of a sample several times, with all that belongs to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from tests.worlds import Manifest

LISTING = ("HyperConverged", "SSP")
"""Objects of which there is one: what they list is repeated instead."""
NAMING = (
    *("DataImportCron", "DataSource", "DataVolume", "PersistentVolumeClaim", "VolumeSnapshot", "ImageStream"),
    *("CronJob", "Pod", "Template", "VirtualMachine", "VirtualMachineTemplate"),
)
"""Objects whose names tell what belongs together."""
Rename = Callable[[str, int], str]


def scaled(manifests: Iterable[Manifest], times: int) -> list[Manifest]:
    """So many of everything that a boot source consists of; the platform stays one."""
    every = list(manifests)
    rename, larger = renaming(every), []
    for manifest in every:
        if manifest["kind"] in LISTING:
            larger.append(_with_longer_lists(manifest, rename, times))
            continue
        text = json.dumps(manifest)
        larger.append(manifest)
        copies = (rename(text, number) for number in range(1, times))
        larger += [json.loads(copy) for copy in copies if copy != text]
    return larger


def renaming(manifests: Iterable[Manifest]) -> Rename:
    """Gives the names of boot sources, wherever they stand, a number."""
    stems: list[str] = []
    for name in sorted({m["metadata"]["name"] for m in manifests if m["kind"] in NAMING}, key=lambda n: (len(n), n)):
        if not any(stem in name for stem in stems):
            stems.append(name)
    pattern = re.compile("|".join(map(re.escape, reversed(stems))) or "(?!)")
    return lambda text, number: pattern.sub(lambda match: f"{match[0]}x{number}", text)


def _with_longer_lists(value: Any, rename: Rename, times: int) -> Any:
    if isinstance(value, dict):
        return {key: _with_longer_lists(inner, rename, times) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    texts = list(map(json.dumps, value))
    copies = (rename(text, number) for number in range(1, times) for text in texts)
    return [*value, *(json.loads(copy) for copy in copies if copy not in texts)]
