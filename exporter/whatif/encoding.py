"""From rows back to manifests, as far as rows keep them, so that a patch can be applied and the result decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final

from pydantic.alias_generators import to_camel

from exporter.model.hco import HyperConverged
from exporter.model.raw import Raw

_DERIVED: Final = frozenset({"spec_edited", "annotated", "kinds", "unreadable", "resource_version"})
"""Fields that follow from others, or that no patch is about."""
_DEEPEST: Final = 32


def encode(row: Any) -> dict[str, Any]:  # noqa: ANN401  (a row of any kind)
    """The manifest of a row, without what the model does not keep; what is empty is left out."""
    found = {}
    for field in fields(row):
        if field.name in _DERIVED:
            continue
        value = _encode(getattr(row, field.name))
        if value not in (None, "", (), [], {}):
            found[_alias(row, field.name)] = value
    return found


def _alias(row: object, name: str) -> str:
    declared = getattr(row, "__pydantic_fields__", {}).get(name)
    alias: str | None = declared.alias if declared is not None else None
    return alias or to_camel(name)


def _encode(value: Any) -> Any:  # noqa: ANN401  (JSON)
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return encode(value)
    if isinstance(value, Mapping):
        return {k: _encode(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_encode(v) for v in value]
    return value


def encode_hyperconverged(hco: HyperConverged) -> dict[str, Any]:
    """The fields of the spec that the model knows, where this layout has them. The status is left out."""
    layout = hco.layout
    manifest: dict[str, Any] = {"apiVersion": hco.api_version, "metadata": encode(hco.metadata), "spec": {}}
    parts = [layout.gate.merge_patch(hco.gate.on)]
    parts += [path.merge_patch(value) for path, value in hco.gate.dead.items()]
    if hco.entries:
        parts.append(layout.entries.merge_patch([dict(e.written) for e in hco.entries]))
    if hco.boot_image_namespace:
        parts.append(layout.image_namespace.merge_patch(hco.boot_image_namespace))
    gates = _feature_gates(hco)
    if gates:
        parts.append({"spec": {"featureGates": gates}})
    if layout.multi_arch is not None and hco.multi_arch:
        parts.append(layout.multi_arch.merge_patch(value=True))
    for part in parts:
        manifest = merge(manifest, part)
    return manifest


def _feature_gates(hco: HyperConverged) -> Any:  # noqa: ANN401  (a list or a map)
    if not hco.layout.lists_feature_gates:
        return dict(hco.feature_gates)
    return [{"name": name, "state": "Enabled" if on else "Disabled"} for name, on in hco.feature_gates.items()]


def merge(target: Any, patch: Any, levels: int = _DEEPEST) -> Any:  # noqa: ANN401  (JSON)
    """A JSON merge patch (RFC 7396): maps are merged, null removes, and everything else is replaced."""
    if not isinstance(patch, Mapping) or not levels:
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value, levels - 1)
    return merged


def flatten(value: Any, path: str = "") -> dict[str, str]:  # noqa: ANN401  (JSON)
    """The leaves of a manifest by their paths, as text."""
    if isinstance(value, Mapping) and value:
        found: dict[str, str] = {}
        for key, below in value.items():
            plain = "." not in str(key) and "/" not in str(key)
            found |= flatten(below, f"{path}.{key}".lstrip(".") if plain else f"{path}[{key}]")
        return found
    if isinstance(value, list) and value:
        return {k: v for i, below in enumerate(value) for k, v in flatten(below, f"{path}[{i}]").items()}
    if isinstance(value, bool):
        return {path: str(value).lower()}
    return {path: str(value)} if value not in (None, "", [], {}) else {}


def without_status(manifest: Raw) -> dict[str, Any]:
    """The manifest without what only operators write, and what the API server manages."""
    return {k: v for k, v in manifest.items() if k != "status"}
