"""LAYOUTS: where each generation of the HyperConverged API keeps what has moved between generations.

Sources: HCO's CRDs of the tags 1.6 to 1.20-dev. A new generation is one more entry here, and its samples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from exporter.model.errors import UnreadableError
from exporter.model.field_path import FieldPath, path
from exporter.model.wire import short_repr

Release = tuple[int, int]
"""Major and minor of HCO's own numbering: (1, 18) is HCO 1.18, which OpenShift Virtualization ships as 4.22."""

_DOWNSTREAM_OFFSET: Final = 4
"""OpenShift Virtualization 4.y ships HCO 1.(y-4). From 5.0 on HCO has the number of the product."""


def release_of(version: str) -> Release | None:
    """The release in status.versions; None if the text does not tell it, as that of a nightly build may not.

    Majors above 1 other than 4 stay as they are, and so are newer than every 1.x and 4.x.
    """
    match = re.match(r"v?(\d{1,6})\.(\d{1,6})", version)
    major, minor = (int(match[1]), int(match[2])) if match else (0, 0)
    if major == 4:
        major, minor = 1, minor - _DOWNSTREAM_OFFSET
    return (major, minor) if major > 0 and minor >= 0 else None


@dataclass(frozen=True, slots=True)
class FeatureGate:
    """A switch among the feature gates, whose names count in any case."""

    name: str
    listed: bool
    """spec.featureGates is a list of name and state, as in v1; else a map of booleans."""

    def __str__(self) -> str:
        """Where it is, for people."""
        return f"spec.featureGates[name={self.name}]" if self.listed else f"spec.featureGates.{self.name}"

    def read(self, manifest: Mapping[str, Any]) -> bool | None:
        """Whether it is on; None if it is not set. Reads both forms: upgrades have left `{}` in v1."""
        return feature_gates(manifest).get(self.name.lower())

    def merge_patch(self, value: object) -> dict[str, Any]:
        """The JSON merge patch that sets it in a map, or removes it. In a list it replaces all others."""
        if self.listed:
            return _FEATURE_GATES.merge_patch([{"name": self.name, "state": "Enabled" if value else "Disabled"}])
        return FieldPath((*_FEATURE_GATES.steps, self.name)).merge_patch(value)

    @property
    def appended(self) -> dict[str, Any]:
        """The operation of a JSON patch that switches it on in a list which does not hold it."""
        return {"op": "add", "path": f"{_FEATURE_GATES.pointer}/-", "value": {"name": self.name, "state": "Enabled"}}


def feature_gates(manifest: Mapping[str, Any]) -> dict[str, bool]:
    """The feature gates of an object by their names in lower case, from either form. Raises UnreadableError."""
    gates = _FEATURE_GATES.read(manifest)
    if gates is not None and not isinstance(gates, Mapping | list):
        raise UnreadableError(str(_FEATURE_GATES), f"Input should be an object or an array, found {short_repr(gates)}")
    if isinstance(gates, Mapping):
        return {str(name).lower(): state for name, state in gates.items() if isinstance(state, bool)}
    items = [g for g in gates if isinstance(g, Mapping) and g.get("name")] if isinstance(gates, list) else []
    return {str(g["name"]).lower(): g.get("state") in (None, "", "Enabled") for g in items}


Switch = FieldPath | FeatureGate
"""Where something can be switched on and off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One generation of the HyperConverged API: its version, the first release that has it, and its paths."""

    api_version: str
    since: Release
    """Counts from this release of HCO on, until the next entry of the same API version."""
    gate: Switch
    """The switch for all common boot sources."""
    ignored_gates: tuple[Switch, ...] = ()
    """Where the gate was in an earlier generation, and is ignored now."""
    lists_feature_gates: bool = False
    """spec.featureGates is a list: a merge patch cannot address one of them."""
    entries: FieldPath
    """The administrator's list of DataImportCronTemplates."""
    image_namespace: FieldPath
    """commonBootImageNamespace."""
    templates_namespace: FieldPath
    """commonTemplatesNamespace."""
    workload_placement: FieldPath
    """Where virtual machines run."""
    multi_arch: Switch | None = None
    """The switch for images per architecture; None before there was one."""
    multi_arch_fallback: Switch | None = None
    """Counts while `multi_arch` is not set."""


_FEATURE_GATES: Final = path("spec.featureGates")
_GATE: Final = "enableCommonBootImageImport"
_MULTI_ARCH: Final = "enableMultiArchBootImageImport"
_GATE_IN_MAP: Final = FeatureGate(_GATE, listed=False)
_MULTI_ARCH_IN_LIST: Final = FeatureGate(_MULTI_ARCH, listed=True)
_V1BETA1: Final[Mapping[str, Any]] = {
    "api_version": "v1beta1",
    "entries": path("spec.dataImportCronTemplates"),
    "image_namespace": path("spec.commonBootImageNamespace"),
    "templates_namespace": path("spec.commonTemplatesNamespace"),
    "workload_placement": path("spec.workloads.nodePlacement"),
}
_V1: Final[Mapping[str, Any]] = {
    "api_version": "v1",
    "gate": path(f"spec.workloadSources.{_GATE}"),
    "ignored_gates": (_GATE_IN_MAP,),  # as older documents and manifests name it
    "lists_feature_gates": True,
    "entries": path("spec.workloadSources.dataImportCronTemplates"),
    "image_namespace": path("spec.workloadSources.commonBootImageNamespace"),
    "templates_namespace": path("spec.workloadSources.commonTemplatesNamespace"),
    "workload_placement": path("spec.deployment.nodePlacements.workload"),
}
LAYOUTS: Final[tuple[Layout, ...]] = (
    Layout(**_V1BETA1, since=(1, 0), gate=_GATE_IN_MAP),
    Layout(**_V1BETA1, since=(1, 15), gate=path(f"spec.{_GATE}"), ignored_gates=(_GATE_IN_MAP,)),
    Layout(
        **_V1BETA1,
        since=(1, 16),
        gate=path(f"spec.{_GATE}"),
        ignored_gates=(_GATE_IN_MAP,),
        multi_arch=FeatureGate(_MULTI_ARCH, listed=False),
    ),
    Layout(**_V1, since=(1, 18), multi_arch=_MULTI_ARCH_IN_LIST),
    Layout(
        **_V1,
        since=(1, 19),
        multi_arch=path(f"spec.workloadSources.{_MULTI_ARCH}"),
        multi_arch_fallback=_MULTI_ARCH_IN_LIST,
    ),
)
"""Oldest first: API versions, and the generations within one."""


def misshapen_gates(layout: Layout, manifest: Mapping[str, Any]) -> dict[str, bool] | None:
    """The feature gates where they are a map although the layout has a list, which HCO cannot decode; else None."""
    gates = _FEATURE_GATES.read(manifest)
    if not layout.lists_feature_gates or not isinstance(gates, Mapping):
        return None
    return {str(name): state for name, state in gates.items() if isinstance(state, bool)}


def api_versions() -> tuple[str, ...]:
    """The API versions that can be read, the newest first."""
    return tuple(dict.fromkeys(layout.api_version for layout in reversed(LAYOUTS)))


def layout_of(api_version: str, release: Release | None) -> Layout:
    """The layout of an object of this `group/version`, written by this release of HCO.

    A release that is not known counts as newer than all that are: never is an object read by a layout that may be
    gone. Raises UnreadableError for an API version without a layout.
    """
    version = api_version.rpartition("/")[2]
    generations = [layout for layout in LAYOUTS if layout.api_version == version]
    if not generations:
        known = ", ".join(api_versions())
        raise UnreadableError("apiVersion", f"{api_version or 'none'} is not a version that can be read ({known})")
    begun = [layout for layout in generations if release is None or layout.since <= release]
    return begun[-1] if begun else generations[0]


def has_newer_version(layout: Layout, release: Release) -> bool:
    """Whether this release of HCO also serves an API version newer than the layout's."""
    order = api_versions()
    newer = order[: order.index(layout.api_version)]
    return any(other.api_version in newer and other.since <= release for other in LAYOUTS)
