"""HyperConverged: its entries, and fields that have moved between versions of its API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from exporter.joins.admission import AdmissionRule, Path, list_refusals
from exporter.joins.admission.switches import meant_value, mistyped_switches
from exporter.lint.reading import is_placeholder
from exporter.lint.rule import KeyRename, Problem, Tree, field_text, per_release, remedy_of
from exporter.lint.rules.boot_sources import source_problems
from exporter.lint.rules.fields import nearest
from exporter.lint.rules.hco_fields import OURS, known_names, moved_fields
from exporter.lint.rules.metadata import refused_metadata
from exporter.lint.source import Manifest
from exporter.model.errors import UnreadableError
from exporter.model.hco import ENABLE, HCO_NAME
from exporter.model.hco_layout import LAYOUTS, FeatureGate, Layout, Release, api_versions, layout_of
from exporter.report import Severity

_ENTRY_FIELDS: Final = ("metadata", "spec", "status")
_SPEC_FIELDS: Final = (
    "schedule",
    "managedDataSource",
    "template",
    "garbageCollect",
    "importsToKeep",
    "retentionPolicy",
)
_RULES: Final = {
    AdmissionRule.DUPLICATE: "duplicate-entry",
    AdmissionRule.ENABLE: "enable-annotation-mistyped",
    AdmissionRule.SPEC_MISSING: "entry-without-source",
}


def hyperconverged_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """What is wrong with each HyperConverged."""
    for manifest in tree.of("HyperConverged"):
        for problem in _problems(manifest, tree):
            yield manifest, problem


def _problems(manifest: Manifest, tree: Tree) -> Iterator[Problem]:
    version = manifest.api_version.rpartition("/")[2]
    releases = served_by(version, tree.target.releases)
    if not releases:
        yield _not_served(version, tree)
        return
    if manifest.name and manifest.name != HCO_NAME and not is_placeholder(manifest.name):
        yield Problem(
            rule="api-version-not-served",
            path=("metadata", "name"),
            summary=f"The API server refuses HyperConverged {manifest.name}: its only allowed name is {HCO_NAME}",
            remedy=f"Set metadata.name to {HCO_NAME}",
        )

    def judge(release: Release) -> Iterator[Problem]:
        layout = layout_of(manifest.api_version, release)
        yield from moved_fields(manifest.value, layout)
        yield from _gate(manifest, layout)

    yield from per_release(tree.target, releases, judge)
    yield from _misspelt(manifest, version)
    for path in entry_lists(manifest.value, version):
        yield from list_problems(manifest, path, tree, releases)


def served_by(version: str, releases: tuple[Release, ...]) -> tuple[Release, ...]:
    """Those of the releases that serve this version of HyperConverged's API."""
    since = min((layout.since for layout in LAYOUTS if layout.api_version == version), default=None)
    return () if since is None else tuple(release for release in releases if release >= since)


def _not_served(version: str, tree: Tree) -> Problem:
    known = ", ".join(api_versions())
    if version in api_versions():
        text = f"HyperConverged {version} is not served by OpenShift Virtualization {tree.target}, only from 4.22 on"
    else:
        text = f"There is no version {version or 'without a name'} of HyperConverged: it is one of {known}"
    return Problem(
        rule="api-version-not-served",
        path=("apiVersion",),
        summary=text,
        remedy="Set apiVersion to a version that is served",
    )


def entry_lists(value: Mapping[str, Any], version: str) -> Iterator[Path]:
    """Where the entries of this version stand, if it is a list."""
    for path in dict.fromkeys(layout.entries.steps for layout in LAYOUTS if layout.api_version == version):
        here: Any = value
        for step in path:
            here = here.get(step) if isinstance(here, Mapping) else None
        if isinstance(here, list):
            yield path


def _gate(manifest: Manifest, layout: Layout) -> Iterator[Problem]:
    """A value at a place where the release ignores it, and that is not in effect."""
    try:
        effective = layout.gate.read(manifest.value)
        dead = [(path, path.read(manifest.value)) for path in layout.ignored_gates]
    except UnreadableError:
        return
    counts = effective if isinstance(effective, bool) else True
    for path, value in dead:
        if isinstance(value, bool) and value is not counts:
            says, is_on = str(value).lower(), "on" if counts else "off"
            yield Problem(
                rule="gate-at-dead-path",
                path=_gate_path(manifest.value, path),
                summary=f"The field {path}={says} has no effect, and common boot images stay {is_on}: {layout.gate} counts",
                remedy=f"Set {layout.gate} to {says} if that is what you want, and remove this field",
            )


def _gate_path(value: Mapping[str, Any], gate: object) -> Path:
    if not isinstance(gate, FeatureGate):
        return tuple(getattr(gate, "steps", ()))
    spec = value.get("spec")
    gates = spec.get("featureGates") if isinstance(spec, Mapping) else None
    if isinstance(gates, list):
        names = [str(g.get("name", "")).lower() if isinstance(g, Mapping) else "" for g in gates]
        return ("spec", "featureGates", str(names.index(gate.name.lower())))
    keys = [key for key in gates if str(key).lower() == gate.name.lower()] if isinstance(gates, Mapping) else []
    return ("spec", "featureGates", *keys[:1])


def _misspelt(manifest: Manifest, version: str) -> Iterator[Problem]:
    """Keys that are like those of boot sources, and that no version of the API has."""
    for at, ours in OURS[version].items():
        names = known_names(version, at)
        here: Any = manifest.value
        for step in at:
            here = here.get(step) if isinstance(here, Mapping) else None
        for key in here if isinstance(here, Mapping) else ():
            near = nearest(str(key), ours) if str(key) not in names else ""
            if near:
                # To switch boot sources off deletes their images: that is for the author to decide.
                edits = () if near.startswith("enable") or near in here else (KeyRename((*at, str(key)), near),)
                yield Problem(
                    rule="field-unknown",
                    path=(*at, str(key)),
                    summary=f"HyperConverged has no field {field_text((*at, str(key)))}; the API server drops it",
                    remedy=f"Move what it holds to {near}" if near in here else f"Did you mean {near}?",
                    edits=edits,
                )


def list_problems(manifest: Manifest, path: Path, tree: Tree, releases: tuple[Release, ...]) -> Iterator[Problem]:
    """What is wrong with a list of entries, and with each of them."""
    items: Any = manifest.value
    for step in path:
        items = items[step]
    entries = [item if isinstance(item, dict) else {} for item in items]
    refusals = list_refusals(entries)
    for number, entry in enumerate(entries):
        at = (*path, str(number))
        name = _text(entry, "metadata", "name")
        subject = f"entry {name}" if name else f"entry {number} without a name"
        wrong = list(refused_metadata(entry.get("metadata", {}), subject, _below(manifest, at)))
        yield from (problem.below(at) for problem in wrong)
        switch_is_text = isinstance(_value(entry, "metadata", "annotations", ENABLE, default=""), str)
        for refusal in refusals[number] if switch_is_text else ():
            if not is_placeholder(name) or refusal.rule is not AdmissionRule.DUPLICATE:
                yield Problem(
                    rule=_RULES[refusal.rule],
                    path=refusal.path,
                    summary=f"HCO refuses entry {name or number} because {refusal.reason}",
                    remedy=remedy_of(refusal.change, refusal.field, refusal.expected),
                    severity=Severity.CRITICAL,
                ).below(at)
        yield from (problem.below(at) for problem in _entry(entry, subject, tree, releases))
    yield from _duplicate_sources(entries, path)


def _below(manifest: Manifest, at: Path) -> Callable[[Path], str]:
    return lambda path: manifest.written((*at, *path))


def is_enabled(entry: Mapping[str, Any]) -> bool:
    """HCO's rule: on, unless the annotation has another value than true, in any case."""
    return str(_value(entry, "metadata", "annotations", ENABLE, default="true")).lower() == "true"


def _entry(entry: dict[str, Any], subject: str, tree: Tree, releases: tuple[Release, ...]) -> Iterator[Problem]:
    for key in entry:
        if key not in _ENTRY_FIELDS:
            yield _stray(str(key), subject)
    if ENABLE not in _marks(entry, "annotations"):
        yield from _switches(entry, subject)
    if is_enabled(entry) and isinstance(entry.get("spec"), dict):
        yield from source_problems(entry, subject, tree, releases, entry=True)


def _stray(key: str, subject: str) -> Problem:
    near = nearest(key, _ENTRY_FIELDS)
    remedy = f"Did you mean {near}?" if near else "Remove it, or correct its name"
    if key in _SPEC_FIELDS:
        remedy = f"Move it to spec.{key}; check the indentation"
    elif key in ("name", "labels", "annotations"):
        remedy = f"Move it to metadata.{key}; check the indentation"
    return Problem(
        rule="field-unknown",
        path=(key,),
        summary=f"{subject} has a field {key} beside metadata and spec, which the API server drops",
        remedy=remedy,
        edits=(KeyRename((key,), near),) if near and key not in _SPEC_FIELDS else (),
    )


def _switches(entry: dict[str, Any], subject: str) -> Iterator[Problem]:
    for switch in mistyped_switches(_marks(entry, "annotations"), _marks(entry, "labels")):
        kind = switch.where[:-1]
        yield Problem(
            rule="enable-annotation-mistyped",
            path=("metadata", switch.where, switch.key),
            summary=f"{subject} is still on: {kind} {switch.key}={switch.value} has no effect, the annotation is {ENABLE}",
            remedy=f'Write the annotation {ENABLE}: "{meant_value(switch.key, switch.value)}", or remove the {kind}',
        )


def _marks(entry: Mapping[str, Any], where: str) -> dict[str, str]:
    found = _value(entry, "metadata", where)
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, Mapping) else {}


def _duplicate_sources(entries: list[dict[str, Any]], path: Path) -> Iterator[Problem]:
    """SSP keeps one entry per namespace and DataSource: of several the alphabetically last, without a word."""
    by_source: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for number, entry in enumerate(entries):
        managed, name = _text(entry, "spec", "managedDataSource"), _text(entry, "metadata", "name")
        if managed and name and is_enabled(entry) and not is_placeholder(managed):
            key = (_text(entry, "metadata", "namespace"), managed)
            by_source.setdefault(key, []).append((name, number))
    for (_, managed), users in by_source.items():
        winner = max(users)[0]
        for name, number in users:
            if name != winner:
                yield Problem(
                    rule="duplicate-managed-data-source",
                    path=(*path, str(number), "spec", "managedDataSource"),
                    summary=f"Entries {name} and {winner} both manage DataSource {managed}: SSP applies only {winner}",
                    remedy="Give each entry a managedDataSource of its own, or switch one of them off",
                )


def _value(value: object, *path: str, default: object = None) -> Any:  # noqa: ANN401  (YAML)
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return default if value is None else value


def _text(value: object, *path: str) -> str:
    found = _value(value, *path)
    return found if isinstance(found, str) else ""
