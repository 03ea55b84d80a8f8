"""What VirtualMachines, templates and DataVolumes are cloned from, and whether anything provides it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from exporter.joins.admission import Path
from exporter.joins.platform import DOWNSTREAM_IMAGES, UPSTREAM_IMAGES
from exporter.lint.reading import is_placeholder
from exporter.lint.rule import Problem, Tree
from exporter.lint.rules.fields import nearest
from exporter.lint.rules.hyperconverged import entry_lists, is_enabled
from exporter.lint.source import Manifest
from exporter.model.errors import ExcessiveError
from exporter.model.machine_templates import Parameter, substitute
from exporter.report import Severity

_CONSUMERS: Final = ("VirtualMachine", "Template", "VirtualMachineTemplate", "DataVolume")
_RULES: Final = {
    "VirtualMachine": "machine-source-missing",
    "DataVolume": "machine-source-missing",
    "Template": "template-source-missing",
    "VirtualMachineTemplate": "machine-template-source-missing",
}
_OF_THE_PLATFORM: Final = frozenset(
    [
        "centos-stream8",
        "centos-stream9",
        "centos-stream10",
        "centos6",
        "centos7",
        "fedora",
        "opensuse",
        "rhel7",
        "rhel8",
        "rhel9",
        "rhel10",
        "ubuntu",
        "win10",
        "win11",
        "win2k12r2",
        "win2k16",
        "win2k19",
        "win2k22",
        "win2k25",
    ]
)
"""DataSources that HCO and SSP bring along, or make for common templates, in some release."""
_ARCHITECTURES: Final = ("-amd64", "-arm64", "-s390x")


@dataclass(frozen=True, slots=True)
class _Use:
    """A volume that is cloned, and where its spec stands."""

    path: Path
    spec: Mapping[str, Any]
    parameters: tuple[Parameter, ...]


def reference_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """References that KubeVirt cannot follow, and those that nothing provides."""
    provided = _provided(tree)
    for manifest in tree.of(*_CONSUMERS):
        for use in _uses(manifest):
            for problem in (*_shape(manifest, use), *_target(manifest, use, provided)):
                yield manifest, problem
    for manifest in tree.of("DataSource"):
        for problem in _data_source(manifest):
            yield manifest, problem


def _uses(manifest: Manifest) -> Iterator[_Use]:
    value, kind = manifest.value, manifest.kind
    if kind == "DataVolume":
        yield _Use(("spec",), _object(value, "spec"), ())
    elif kind == "VirtualMachine":
        yield from _templates(value, (), ())
    elif kind == "VirtualMachineTemplate":
        below = _object(value, "spec", "virtualMachine")
        yield from _templates(below, ("spec", "virtualMachine"), _parameters(_items(value, "spec", "parameters")))
    else:
        parameters = _parameters(_items(value, "parameters"))
        for number, one in enumerate(_items(value, "objects")):
            if isinstance(one, dict) and one.get("kind") == "VirtualMachine":
                yield from _templates(one, ("objects", str(number)), parameters)


def _templates(machine: Mapping[str, Any], at: Path, parameters: tuple[Parameter, ...]) -> Iterator[_Use]:
    for number, one in enumerate(_items(machine, "spec", "dataVolumeTemplates")):
        yield _Use((*at, "spec", "dataVolumeTemplates", str(number), "spec"), _object(one, "spec"), parameters)


def _parameters(items: list[Any]) -> tuple[Parameter, ...]:
    found = [item for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)]
    return tuple(
        Parameter(
            name=item["name"],
            value=item["value"] if isinstance(item.get("value"), str) else "",
            generate=item["generate"] if isinstance(item.get("generate"), str) else "",
            required=item.get("required") is True,
        )
        for item in found[:500]
    )


def _shape(manifest: Manifest, use: _Use) -> Iterator[Problem]:
    reference, subject = use.spec.get("sourceRef"), f"{manifest.kind} {manifest.name}"
    if isinstance(reference, dict) and isinstance(use.spec.get("source"), dict):
        yield Problem(
            rule="clone-source-refused",
            path=(*use.path, "sourceRef"),
            summary=f"{subject} is refused: a volume has both source and sourceRef",
            remedy="Keep one of source and sourceRef",
        )
    if not isinstance(reference, dict):
        return
    kind, name = reference.get("kind"), reference.get("name")
    if isinstance(kind, str) and kind != "DataSource" and not is_placeholder(kind):
        yield Problem(
            rule="clone-source-refused",
            path=(*use.path, "sourceRef", "kind"),
            summary=f"{subject} refers to a {kind[:60]}, but a sourceRef can only name a DataSource",
            remedy="Use source.pvc or source.snapshot, or name a DataSource",
        )
    if not kind or not name:
        missing = " and ".join(key for key in ("kind", "name") if not reference.get(key))
        yield Problem(
            rule="clone-source-refused",
            path=(*use.path, "sourceRef"),
            summary=f"The API server refuses {subject}: the sourceRef of a volume lacks {missing}",
            remedy="Write kind: DataSource and the name of the DataSource",
        )


def _target(manifest: Manifest, use: _Use, provided: frozenset[tuple[str, str]] | None) -> Iterator[Problem]:
    """A DataSource that neither the linted files nor the platform provide."""
    reference = _object(use.spec, "sourceRef")
    if provided is None or reference.get("kind") != "DataSource":
        return
    try:
        name = substitute(_text(reference, "name"), use.parameters)
        namespace = substitute(_text(reference, "namespace"), use.parameters)
    except ExcessiveError:
        return
    if manifest.kind in ("VirtualMachine", "DataVolume"):
        namespace = namespace or manifest.namespace
    if not name or is_placeholder(name) or is_placeholder(namespace) or _is_provided(name, namespace, provided):
        return
    near = nearest(name, tuple(sorted({*(n for _, n in provided), *_OF_THE_PLATFORM})))
    place = f"{namespace}/{name}" if namespace else name
    hint = f"did you mean {near}? Otherwise make" if near else "make"
    remedy = f"Correct the name or the namespace; {hint} sure that the DataSource comes from elsewhere"
    yield Problem(
        rule=_RULES[manifest.kind],
        path=(*use.path, "sourceRef", "name"),
        summary=f"{manifest.kind} {manifest.name} clones DataSource {place}, which nothing in the linted files provides",
        remedy=remedy,
        severity=Severity.WARNING if near else Severity.INFO,
        certain=True,
    )


def _is_provided(name: str, namespace: str, provided: frozenset[tuple[str, str]]) -> bool:
    """A namespace that is left out on either side may be any."""
    if any(n == name and (not namespace or not space or space == namespace) for space, n in provided):
        return True
    base = next((name.removesuffix(a) for a in _ARCHITECTURES if name.endswith(a)), name)
    common = namespace in ("", DOWNSTREAM_IMAGES, UPSTREAM_IMAGES)
    if any(n == base and base != name for _, n in provided):
        return True
    return common and base in _OF_THE_PLATFORM


def _provided(tree: Tree) -> frozenset[tuple[str, str]] | None:
    """DataSources by namespace and name; None if the files declare no boot source, so that they come from elsewhere."""
    found = {(m.namespace, m.name) for m in tree.of("DataSource")}
    found |= {(m.namespace, _text(m.value, "spec", "managedDataSource")) for m in tree.of("DataImportCron")}
    known = bool(found)
    for manifest in tree.of("HyperConverged"):
        for path in entry_lists(manifest.value, manifest.api_version.rpartition("/")[2]):
            entries = _items(manifest.value, *path)
            known = known or bool(entries)
            for entry in entries:
                if isinstance(entry, dict) and is_enabled(entry):
                    found.add((_text(entry, "metadata", "namespace"), _text(entry, "spec", "managedDataSource")))
    return frozenset(pair for pair in found if pair[1]) if known else None


def _data_source(manifest: Manifest) -> Iterator[Problem]:
    source = _object(manifest.value, "spec", "source")
    kinds = [kind for kind in ("pvc", "snapshot", "dataSource") if isinstance(source.get(kind), dict)]
    if len(kinds) > 1:
        yield Problem(
            rule="clone-source-refused",
            path=("spec", "source"),
            summary=f"DataSource {manifest.name} has {len(kinds)} sources at once: {', '.join(kinds)}",
            remedy="Keep one of pvc, snapshot and dataSource",
        )
    target = _object(source, "dataSource")
    name, namespace = _text(target, "name"), _text(target, "namespace")
    if name and name == manifest.name and namespace in ("", manifest.namespace) and not is_placeholder(name):
        yield _pointer(manifest, "name", "refers to itself")
    elif namespace and manifest.namespace and namespace != manifest.namespace and not is_placeholder(namespace):
        yield _pointer(manifest, "namespace", "refers to a DataSource of another namespace, which CDI does not follow")


def _pointer(manifest: Manifest, field: str, what: str) -> Problem:
    return Problem(
        rule="data-source-pointer-broken",
        path=("spec", "source", "dataSource", field),
        summary=f"DataSource {manifest.name} {what}",
        remedy="Name another DataSource of the same namespace, or a claim or snapshot",
    )


def _object(value: object, *path: str) -> Mapping[str, Any]:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _items(value: object, *path: str) -> list[Any]:
    found = _object(value, *path[:-1]).get(path[-1])
    return found if isinstance(found, list) else []


def _text(value: object, *path: str) -> str:
    found = _object(value, *path[:-1]).get(path[-1])
    return found if isinstance(found, str) else ""
