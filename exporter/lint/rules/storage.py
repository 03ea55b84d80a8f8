"""StorageClasses, StorageProfiles and VolumeSnapshotClasses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from exporter.base.excerpts import list_some
from exporter.joins.admission import FieldChange, Path
from exporter.joins.defaults import VIRT_DEFAULT_SINCE
from exporter.lint.reading import is_placeholder
from exporter.lint.releases import cdi_minor_of
from exporter.lint.rule import Problem, Tree, per_release
from exporter.lint.rules.fields import nearest
from exporter.lint.source import Manifest
from exporter.model.hco_layout import Release
from exporter.model.storage import BETA_DEFAULT, CLONE_STRATEGY, KUBERNETES_DEFAULT, SNAPSHOT_DEFAULT, VIRT_DEFAULT

_KEYS: Final = {
    "StorageClass": (VIRT_DEFAULT, KUBERNETES_DEFAULT, BETA_DEFAULT),
    "VolumeSnapshotClass": (SNAPSHOT_DEFAULT,),
}
_STRATEGIES: Final = ("copy", "snapshot", "csi-clone")
_FORMATS: Final = ("snapshot", "pvc")
_MODES: Final = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_VOLUME_MODES: Final = ("Block", "Filesystem")
_PROFILE: Final = ("claimPropertySets", "cloneStrategy", "dataImportCronSourceFormat", "snapshotClass")


def _annotation(key: str) -> Path:
    return ("metadata", "annotations", key)


def storage_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """What is wrong with classes and profiles, each by itself and together."""
    for manifest in tree.of("StorageClass", "VolumeSnapshotClass"):
        for problem in chain(_values(manifest), _beta(manifest), _virt(manifest, tree), _strategy(manifest)):
            yield manifest, problem
    for manifest in tree.of("StorageProfile"):
        for problem in _profile(manifest):
            yield manifest, problem
    yield from _several(tree)


def _values(manifest: Manifest) -> Iterator[Problem]:
    """Kubernetes, CDI and snapshot controllers compare with exactly "true"."""
    for key in _KEYS[manifest.kind]:
        value = manifest.annotation(key)
        if isinstance(value, str) and value not in ("", "true", "false") and not is_placeholder(value):
            yes = value.strip().lower() == "true"
            yield Problem(
                rule="default-annotation-without-effect",
                path=_annotation(key),
                summary=f"{manifest.kind} {manifest.name}: {key} is {value[:40]!r}, which does not make it default",
                remedy='Write "true" if it should be the default, or remove the annotation'
                if yes
                else 'Write "true" or "false", or remove the annotation',
            )


def _beta(manifest: Manifest) -> Iterator[Problem]:
    if manifest.annotation(BETA_DEFAULT) == "true" and manifest.annotation(KUBERNETES_DEFAULT) != "true":
        yield Problem(
            rule="default-annotation-without-effect",
            path=_annotation(BETA_DEFAULT),
            summary=f"StorageClass {manifest.name} is default by the beta key only: for Kubernetes it is, for CDI it is not",
            remedy=f'Write {KUBERNETES_DEFAULT}: "true" instead',
        )


def _virt(manifest: Manifest, tree: Tree) -> Iterator[Problem]:
    def judge(release: Release) -> Iterator[Problem]:
        if manifest.annotation(VIRT_DEFAULT) == "true" and cdi_minor_of(release) < VIRT_DEFAULT_SINCE:
            yield Problem(
                rule="default-annotation-without-effect",
                path=_annotation(VIRT_DEFAULT),
                summary=f"StorageClass {manifest.name}: CDI does not know {VIRT_DEFAULT} before 1.{VIRT_DEFAULT_SINCE}",
                remedy=f'Write {KUBERNETES_DEFAULT}: "true" for these releases',
            )

    yield from per_release(tree.target, tree.target.releases, judge)


def _strategy(manifest: Manifest) -> Iterator[Problem]:
    value = manifest.annotation(CLONE_STRATEGY) if manifest.kind == "StorageClass" else None
    if isinstance(value, str) and value not in _STRATEGIES and not is_placeholder(value):
        yield _one_of(manifest, _annotation(CLONE_STRATEGY), value, _STRATEGIES, "clone-strategy-without-effect")


def _one_of(manifest: Manifest, path: Path, value: object, allowed: tuple[str, ...], rule: str) -> Problem:
    near = nearest(str(value), allowed)
    refused = "The API server refuses" if rule == "storage-profile-refused" else "CDI does not understand"
    return Problem(
        rule=rule,
        path=path,
        summary=f"{refused} {path[-1]} {str(value)[:40]!r} of {manifest.kind} {manifest.name}",
        remedy=f"Set it to {near}" if near else f"Set it to one of {', '.join(allowed)}",
        edits=(FieldChange(path, near),) if near and near.lower() == str(value).strip().lower() else (),
    )


def _profile(manifest: Manifest) -> Iterator[Problem]:
    """The schema of a StorageProfile's spec. Source: CDI's CRD; sets need both fields since CDI 1.61."""
    spec = manifest.value.get("spec")
    if not isinstance(spec, dict):
        return
    for key in spec:
        if key not in _PROFILE:
            near = nearest(str(key), _PROFILE)
            yield Problem(
                rule="field-unknown",
                path=("spec", str(key)),
                summary=f"StorageProfile {manifest.name} has a field that CDI does not know: spec.{str(key)[:60]}",
                remedy=f"Did you mean {near}?" if near else "Remove it, or correct its name",
            )
    for key, allowed in (("cloneStrategy", _STRATEGIES), ("dataImportCronSourceFormat", _FORMATS)):
        value = spec.get(key)
        if value is not None and value not in allowed and not is_placeholder(value):
            yield _one_of(manifest, ("spec", key), value, allowed, "storage-profile-refused")
    sets = spec.get("claimPropertySets")
    for number, one in enumerate(sets if isinstance(sets, list) else ()):
        yield from _property_set(manifest, ("spec", "claimPropertySets", str(number)), one)


def _property_set(manifest: Manifest, at: Path, value: Any) -> Iterator[Problem]:  # noqa: ANN401  (YAML)
    fields = value if isinstance(value, dict) else {}
    missing = [key for key in ("accessModes", "volumeMode") if not fields.get(key)]
    if missing:
        yield Problem(
            rule="storage-profile-refused",
            path=at,
            summary=f"The API server refuses StorageProfile {manifest.name}: a property set lacks {' and '.join(missing)}",
            remedy="Give each of claimPropertySets both accessModes and volumeMode",
        )
    modes = fields.get("accessModes")
    for number, mode in enumerate(modes if isinstance(modes, list) else ()):
        if mode not in _MODES and not is_placeholder(mode):
            yield _one_of(manifest, (*at, "accessModes", str(number)), mode, _MODES, "storage-profile-refused")
    mode = fields.get("volumeMode")
    if mode and mode not in _VOLUME_MODES and not is_placeholder(mode):
        yield _one_of(manifest, (*at, "volumeMode"), mode, _VOLUME_MODES, "storage-profile-refused")


_SEVERAL: Final = (
    ("StorageClass", VIRT_DEFAULT, "multiple-virt-default-storage-classes"),
    ("StorageClass", KUBERNETES_DEFAULT, "multiple-default-storage-classes"),
)


def _several(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """Several defaults beside each other. Those of other folders may be for other clusters."""
    for kind, key, rule in _SEVERAL:
        groups: dict[str, dict[str, Manifest]] = {}
        for manifest in tree.of(kind):
            if manifest.annotation(key) == "true" and manifest.name and not is_placeholder(manifest.name):
                groups.setdefault(manifest.file.rpartition("/")[0], {}).setdefault(manifest.name, manifest)
        for group in groups.values():
            for manifest in list(group.values())[1:] if len(group) > 1 else ():
                others = list_some([name for name in group if name != manifest.name])
                yield (
                    manifest,
                    Problem(
                        rule=rule,
                        path=_annotation(key),
                        summary=f"StorageClass {manifest.name} and {others} all carry {key}: the newest one wins, so a new "
                        "class moves all boot sources",
                        remedy="Keep the annotation on one StorageClass of a cluster",
                    ),
                )
