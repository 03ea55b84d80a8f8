"""Where the versions of HyperConverged's API keep what concerns boot sources, and their other fields by name.

Source: HCO's CRDs of the tags 1.8 to 1.19. Paths come from the layouts; the names are there so that a field of another
concern is never taken for a misspelt one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from exporter.joins.admission import Path
from exporter.lint.rule import Problem, field_text
from exporter.model.hco_layout import LAYOUTS, FeatureGate, Layout, Switch
from exporter.report import Severity

_SPEC: Final[Path] = ("spec",)
_SOURCES: Final[Path] = ("spec", "workloadSources")
_V1BETA1_OTHERS: Final = [
    "CommonInstancetypesDeployment",
    "applicationAwareConfig",
    "certConfig",
    "changedBlockTrackingLabelSelectors",
    "defaultCPUModel",
    "defaultRuntimeClass",
    "deployVmConsoleProxy",
    "enableApplicationAwareQuota",
    "evictionStrategy",
    "featureGates",
    "filesystemOverhead",
    "higherWorkloadDensity",
    "hypervisors",
    "infra",
    "instancetypeConfig",
    "ksmConfiguration",
    "kubeMacPoolConfiguration",
    "kubeSecondaryDNSNameServerIP",
    "liveMigrationConfig",
    "liveUpdateConfiguration",
    "localStorageClassName",
    "logVerbosityConfig",
    "mediatedDevicesConfiguration",
    "networkBinding",
    "obsoleteCPUs",
    "permittedHostDevices",
    "resourceRequirements",
    "roleAggregationStrategy",
    "scratchSpaceStorageClass",
    "storageImport",
    "tektonPipelinesNamespace",
    "tektonTasksNamespace",
    "tlsSecurityProfile",
    "tuningPolicy",
    "uninstallStrategy",
    "vddkInitImage",
    "version",
    "virtualMachineOptions",
    "vmStateStorageClass",
    "workloadUpdateStrategy",
    "workloads",
]
_V1_OTHERS: Final = [
    "deployment",
    "featureGates",
    "networking",
    "observability",
    "security",
    "storage",
    "virtualization",
    "workloadSources",
]
_V1_SOURCE_OTHERS: Final = ("commonInstancetypesDeployment", "instancetypeConfig")


class MovedField(NamedTuple):
    """One thing that can be set, in the layouts that know it."""

    attribute: str
    """Of Layout."""
    meaning: str


_MOVED: Final = (
    MovedField("gate", "the switch of common boot images"),
    MovedField("entries", "the list of boot sources"),
    MovedField("image_namespace", "the namespace of common boot images"),
    MovedField("templates_namespace", "the namespace of common templates"),
    MovedField("multi_arch", "the switch for images per architecture"),
)


def _steps(switch: Switch | None) -> Path:
    """Where a field is in a mapping; () for one that is in a list of feature gates, or that there is not."""
    if switch is None:
        return ()
    if isinstance(switch, FeatureGate):
        return () if switch.listed else ("spec", "featureGates", switch.name)
    return switch.steps


def _ours(version: str) -> dict[Path, tuple[str, ...]]:
    """The names of the fields of boot sources, by where they stand."""
    found: dict[Path, list[str]] = {}
    for layout in LAYOUTS:
        for moved in _MOVED if layout.api_version == version else ():
            steps = _steps(getattr(layout, moved.attribute))
            if steps[:-1] in (_SPEC, _SOURCES):
                found.setdefault(steps[:-1], []).append(steps[-1])
            if steps[:-1] == _SOURCES:
                found.setdefault(_SPEC, []).append(_SOURCES[-1])
    return {at: tuple(dict.fromkeys(names)) for at, names in found.items()}


OURS: Final = {version: _ours(version) for version in ("v1beta1", "v1")}
"""By version: the names of the fields of boot sources, by where they stand."""
_OTHERS: Final[Mapping[str, Mapping[Path, Sequence[str]]]] = {
    "v1beta1": {_SPEC: _V1BETA1_OTHERS},
    "v1": {_SPEC: (*_V1_OTHERS, *_V1BETA1_OTHERS), _SOURCES: _V1_SOURCE_OTHERS},
}


def known_names(version: str, at: Path) -> frozenset[str]:
    """All names that are no mistakes in spelling at a place: those of another version there are reported as such."""
    return frozenset((*_OTHERS[version].get(at, ()), *(name for ours in OURS.values() for name in ours.get(at, ()))))


def moved_fields(value: Mapping[str, Any], layout: Layout) -> Iterator[Problem]:
    """Fields at a place where another version has them, or a later release of the same one."""
    yield from _misshapen_gates(value, layout)
    dead = {_steps(gate) for gate in layout.ignored_gates}
    for moved in _MOVED:
        right = getattr(layout, moved.attribute)
        places = {_steps(getattr(other, moved.attribute)) for other in LAYOUTS} - {(), _steps(right)} - dead
        if moved.attribute == "multi_arch":
            places -= {_steps(layout.multi_arch_fallback), ("spec", "featureGates", "enableMultiArchBootImageImport")}
        for place in sorted(places):
            if _is_set(value, place):
                yield _moved(moved, place, right, layout)


def _is_set(value: object, path: Path) -> bool:
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return False
        value = value[step]
    return True


def _moved(moved: MovedField, place: Path, right: Switch | None, layout: Layout) -> Problem:
    where = str(right) if right is not None else ""
    text = f"HyperConverged {layout.api_version} has no field {field_text(place)}, and the API server drops it"
    return Problem(
        rule="field-of-other-version",
        path=place,
        summary=f"{text}: {moved.meaning} is {where}" if where else text,
        remedy=f"Move it to {where}" if where else "Remove it, or use a release that has it",
    )


def _misshapen_gates(value: Mapping[str, Any], layout: Layout) -> Iterator[Problem]:
    spec = value.get("spec")
    gates = spec.get("featureGates") if isinstance(spec, Mapping) else None
    if gates is None:
        return
    is_list = isinstance(gates, list)
    if is_list is not layout.lists_feature_gates and gates != {}:
        have, want = ("a list", "a map of names to true or false") if is_list else ("a map", "a list of name and state")
        yield Problem(
            rule="field-of-other-version",
            path=("spec", "featureGates"),
            summary=f"The API server refuses spec.featureGates: it is {have}, and {layout.api_version} wants {want}",
            remedy=f"Write spec.featureGates as {want}",
            severity=Severity.CRITICAL,
        )
