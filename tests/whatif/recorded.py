"""Recorded states of real operators, and what a foresight claims about the state after a change."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.whatif.document import Foresight
from exporter.whatif.manifests import ApplyManifest
from tests.worlds import Manifest, dumped

_FILE: Final = Path(__file__).parent.parent / "clusters" / "recorded.json.gz"
_KINDS: Final = {resource.kind for resource in WATCHED}
IMAGES: Final = "kubevirt-os-images"


@cache
def _states() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(_FILE.read_bytes()))
    return found


def _state(prefix: str) -> Any:
    return next(state for name, state in _states().items() if name.startswith(f"recorded-{prefix}-"))


def objects(prefix: str) -> list[Manifest]:
    """The watched objects of the state whose name begins so."""
    return [o for o in _state(prefix)["objects"] if o["kind"] in _KINDS]


@cache
def cluster(prefix: str) -> tuple[ClusterSnapshot, datetime]:
    """A state, and when it was recorded."""
    return dumped(*objects(prefix)), datetime.fromisoformat(_state(prefix)["at"])


def find(prefix: str, kind: str, name: str, namespace: str = "") -> Manifest | None:
    """An object of a state; None if it is not there."""
    for each in objects(prefix):
        meta = each["metadata"]
        if (each["kind"], meta["name"], meta.get("namespace", "")) == (kind, name, namespace):
            return each
    return None


def hyperconverged_of(prefix: str) -> ApplyManifest:
    """The HyperConverged of a state as a manifest that brings any other state's to its spec."""
    (found,) = [o for o in objects(prefix) if o["kind"] == "HyperConverged"]
    spec = json.loads(json.dumps(found["spec"]))
    place = spec.setdefault("workloadSources", {}) if found["apiVersion"].endswith("/v1") else spec
    for name in ("dataImportCronTemplates", "commonBootImageNamespace", "enableMultiArchBootImageImport"):
        place.setdefault(name, None)
    notes = {"ssp.kubevirt.io/jsonpatch": None, **found["metadata"].get("annotations", {})}
    meta = {"name": found["metadata"]["name"], "namespace": found["metadata"]["namespace"], "annotations": notes}
    manifest = {"apiVersion": found["apiVersion"], "kind": "HyperConverged", "metadata": meta, "spec": spec}
    return ApplyManifest(manifest, prefix)


def object_of(prefix: str, kind: str, name: str) -> ApplyManifest:
    """A cluster-scoped object of a state, to be applied."""
    found = find(prefix, kind, name)
    assert found is not None
    return ApplyManifest(found, prefix)


def wrong_claims(foresight: Foresight, after: str) -> Iterator[str]:
    """What the steps claim about fields, where the state after the change says otherwise. The last claim counts."""
    claims = {}
    for step in foresight.steps:
        where = step.object
        for field in step.fields:
            claims[where.kind, where.name, where.namespace, field.path] = field.after
    for (kind, name, namespace, path), claimed in claims.items():
        real = value_at(find(after, kind, name, namespace), path)
        if real != claimed:
            yield f"{kind} {namespace}/{name} {path}: foreseen {claimed!r}, found {real!r}"


def value_at(value: Any, path: str) -> str:
    """What stands at a path of a foresight, as text; "" if nothing does."""
    for step in re.findall(r"\[[^\]]*\]|[^.\[\]]+", path):
        value = _below(value, step)
        if value is None:
            return ""
    if isinstance(value, dict) and path.endswith("]"):
        return "listed"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "; ".join(f"{'+'.join(item['accessModes'])} {item['volumeMode']}" for item in value)
    return str(value)


def _below(value: Any, step: str) -> Any:
    name = step[1:-1] if step.startswith("[") else step
    if not isinstance(value, list):
        return value.get(name) if isinstance(value, dict) else None
    if name.isdigit():
        return value[int(name)] if int(name) < len(value) else None
    key, _, wanted = name.rpartition("=")
    if key:
        return next((item for item in value if item.get("metadata", item).get(key) == wanted), None)
    return next((item for item in value if item.get("type") == name), None)
