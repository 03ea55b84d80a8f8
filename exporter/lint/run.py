"""From texts to a report: manifests, rules, suppressions, and the edits that --fix makes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from exporter.base.garbage import collect_afterwards
from exporter.base.project import DOCS
from exporter.joins.admission import Path
from exporter.lint.edit import fix_text
from exporter.lint.reading import Broken, Skipped, is_placeholder, read_manifests
from exporter.lint.releases import Target
from exporter.lint.report import LintFinding, LintReport, SkippedInput, counts
from exporter.lint.rule import Edit, Problem, Tree, field_text
from exporter.lint.rules.catalogue import BY_ID, MALFORMED, SYNTAX, UNUSED, find_problems
from exporter.lint.source import Manifest, Position, SourceText
from exporter.lint.suppression import Comment, read_comments
from exporter.report import SEVERITIES, ObjectRef, Severity, Verdict

_NOWHERE: Final = ObjectRef(kind="", namespace="", name="")
_LONGEST: Final = 1000
"""Characters of a text that quotes a file."""
_MOST: Final = 10_000
"""Findings of one file that are reported; the count of the rest is."""


@dataclass(slots=True)
class Linted:
    """What was found, and what could be corrected."""

    findings: list[LintFinding] = field(default_factory=list)
    skipped: list[SkippedInput] = field(default_factory=list)
    objects: int = 0
    edits: dict[str, list[tuple[Manifest, tuple[Edit, ...]]]] = field(default_factory=lambda: defaultdict(list))
    """By file, those of findings that are not suppressed."""


def lint(sources: Sequence[SourceText], target: Target) -> Linted:
    """Lint these texts as one tree. Never raises, whatever they hold."""
    with collect_afterwards():
        return _lint(sources, target)


def _lint(sources: Sequence[SourceText], target: Target) -> Linted:
    linted, manifests = Linted(), []
    comments = {source.name: list(read_comments(source, BY_ID)) for source in sources}
    for source in sources:
        for piece in read_manifests(source):
            if isinstance(piece, Manifest):
                manifests.append(piece)
            elif isinstance(piece, Skipped):
                linted.skipped.append(SkippedInput(file=piece.file, line=piece.line, why=piece.why))
            else:
                linted.findings.append(_broken(piece))
    linted.objects = len(manifests)
    seen: set[tuple[int, str, Path]] = set()
    numbers: dict[str, int] = defaultdict(int)
    for manifest, problem in find_problems(Tree(tuple(manifests), target)):
        key = (id(manifest), problem.rule, problem.path)
        unknown = not problem.certain and is_placeholder(manifest.written(problem.path))
        if key in seen or unknown or numbers[manifest.file] >= _MOST:
            continue
        seen.add(key)
        numbers[manifest.file] += 1
        finding = _finding(manifest, problem, comments[manifest.file])
        linted.findings.append(finding)
        if problem.edits and finding.suppressed is None:
            linted.edits[manifest.file].append((manifest, problem.edits))
    for source in sources:
        linted.findings += _about_comments(source, comments[source.name])
    linted.findings.sort(key=lambda f: (f.file, f.line, f.column, f.rule))
    return linted


def _finding(manifest: Manifest, problem: Problem, comments: Iterable[Comment]) -> LintFinding:
    at = manifest.position(problem.path)
    covering = next((c for c in comments if c.covers(problem.rule, at.line)), None)
    if covering is not None:
        covering.used = True
    ref = ObjectRef(kind=manifest.kind, namespace=manifest.namespace, name=manifest.name)
    return _make(problem, manifest.file, at, ref, covering.reason if covering else None)


def _make(
    problem: Problem, file: str, at: Position, ref: ObjectRef = _NOWHERE, suppressed: str | None = None
) -> LintFinding:
    path, summary = field_text(problem.path), problem.summary[:1].upper() + problem.summary[1:]
    marks = (problem.rule, file, ref.kind, ref.namespace, ref.name, path, summary)
    return LintFinding(
        fingerprint=hashlib.sha256("\0".join(marks).encode("utf-8", "replace")).hexdigest()[:16],
        rule=problem.rule,
        severity=problem.severity or BY_ID[problem.rule].severity,
        file=file,
        line=at.line,
        column=at.column,
        object=ref,
        field=path[:_LONGEST],
        summary=summary[:_LONGEST],
        remedy=problem.remedy[:_LONGEST],
        fixable=bool(problem.edits),
        page=page_of(problem.rule),
        suppressed=suppressed,
    )


def page_of(rule: str) -> str:
    """The description of a rule."""
    return f"{DOCS}/lint.md#{rule}"


def _broken(piece: Broken) -> LintFinding:
    summary = f"The document cannot be parsed: {piece.what}"
    remedy = "Correct the syntax here; nothing else of this document is linted"
    return _make(Problem(rule=SYNTAX, path=(), summary=summary, remedy=remedy), piece.source.name, piece.position)


def _about_comments(source: SourceText, comments: Iterable[Comment]) -> Iterator[LintFinding]:
    for comment in comments:
        if comment.problem:
            summary, remedy = f"The suppression {comment.problem}", "Write # bootsource-lint: RULE; reason=TEXT"
            problem = Problem(rule=MALFORMED, path=(), summary=summary, remedy=remedy)
        elif not comment.used:
            summary = f"Nothing here is found by {', '.join(comment.rules)}"
            problem = Problem(rule=UNUSED, path=(), summary=summary, remedy="Remove the comment")
        else:
            continue
        yield _make(problem, source.name, Position(comment.line, comment.column))


def apply_fixes(source: SourceText, linted: Linted) -> tuple[str, int]:
    """The text with every edit that is safe and possible, and how many findings that corrects."""
    wanted = linted.edits.get(source.name, ())
    return fix_text(source.text, wanted) if wanted else (source.text, 0)


def build_report(
    linted: Linted,
    target: Target,
    *,
    files: int,
    problems: Sequence[str] = (),
    skipped: Sequence[Skipped] = (),
    fail_on: Severity = Severity.WARNING,
    former: LintReport | None = None,
    fixed: int = 0,
) -> LintReport:
    """The report, compared with a former one if there is one."""
    findings = tuple(_compared(linted.findings, former))
    extra = [SkippedInput(file=s.file, line=s.line, why=s.why) for s in skipped]
    return LintReport(
        verdict=_verdict(findings, problems, fail_on),
        target=str(target),
        files=files,
        objects=linted.objects,
        findings=findings,
        skipped=tuple(sorted((*extra, *linted.skipped), key=lambda s: (s.file, s.line))),
        problems=tuple(problems),
        fixed=fixed,
    )


def _compared(findings: Sequence[LintFinding], former: LintReport | None) -> Iterable[LintFinding]:
    if former is None:
        return findings
    known: Mapping[str, bool] = {f.fingerprint: True for f in former.findings}
    return [replace(f, baseline="unchanged" if f.fingerprint in known else "new") for f in findings]


def _verdict(findings: Iterable[LintFinding], problems: Sequence[str], fail_on: Severity) -> Verdict:
    least = SEVERITIES.index(fail_on)
    if any(counts(f) and SEVERITIES.index(f.severity) >= least for f in findings):
        return "fail"
    return "unknown" if problems else "pass"
