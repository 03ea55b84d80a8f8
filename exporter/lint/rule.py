"""What a rule declares, and what it says of a manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from exporter.joins.admission import REMOVE, FieldChange, Path
from exporter.lint.releases import Target
from exporter.lint.source import Manifest
from exporter.model.hco_layout import Release
from exporter.report import Severity


@dataclass(frozen=True, slots=True)
class KeyRename:
    """Write a key otherwise; its value stays."""

    path: Path
    name: str


Edit = FieldChange | KeyRename
"""One change of a manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that lint looks at."""

    id: str
    """That of the check which finds the same in a cluster, where there is one."""
    title: str
    severity: Severity
    meaning: str
    mitigation: str
    checked: bool
    """A check of the same id finds it in a cluster, and describes it."""
    since: str = ""
    """Which releases it is about, if not all."""
    fixes: str = ""
    """What --fix changes; "" if nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is wrong with a manifest."""

    rule: str
    path: Path
    """The field that shows it, from the top of the object."""
    summary: str
    """What is wrong and what follows from it, without a full stop. Names the object."""
    remedy: str
    """What to do, as a sentence without its full stop."""
    edits: tuple[Edit, ...] = ()
    """The change that corrects it, if it is safe to make it unasked."""
    severity: Severity | None = None
    """Other than that of the rule."""
    certain: bool = False
    """It holds whatever a placeholder in the field stands for."""

    def below(self, prefix: Path) -> Problem:
        """The same problem of an object that stands at this path of another one."""
        return replace(
            self, path=(*prefix, *self.path), edits=tuple(replace(e, path=(*prefix, *e.path)) for e in self.edits)
        )


@dataclass(frozen=True, slots=True)
class Tree:
    """All manifests that are linted together."""

    manifests: tuple[Manifest, ...]
    target: Target

    def of(self, *kinds: str) -> Iterator[Manifest]:
        """Those of these kinds."""
        return (manifest for manifest in self.manifests if manifest.kind in kinds)


Located = tuple[Manifest, Problem]


def per_release(
    target: Target, releases: Iterable[Release], judge: Callable[[Release], Iterable[Problem]]
) -> Iterator[Problem]:
    """What a rule says for each release, each problem once, with the releases on which it holds."""
    among = tuple(releases)
    found: dict[tuple[str, Path], Problem] = {}
    holds: dict[tuple[str, Path], list[Release]] = {}
    for release in among:
        for problem in judge(release):
            key = (problem.rule, problem.path)
            found[key] = problem
            if release not in holds.setdefault(key, []):
                holds[key].append(release)
    for key, problem in found.items():
        clause = target.clause(holds[key], among)
        # What is right on one of the releases must not be changed for the sake of another.
        yield replace(problem, summary=problem.summary + clause, edits=() if clause else problem.edits)


def field_text(path: Path) -> str:
    """A path as people write it: `spec.dataImportCronTemplates[0].spec.schedule`."""
    text = ""
    for step in path:
        if step.isdecimal() or "/" in step or "." in step:
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def remedy_of(change: FieldChange | None, field: str, expected: str) -> str:
    """What to do about a field, as a sentence without its full stop."""
    if change is None:
        return f"Expected at {field}: {expected}"
    if change.value is REMOVE:
        return f"Remove {field_text(change.path)}"
    return f"Set {field_text(change.path)} to {change.value}"
