"""The report of lint: what `lint --output json` prints. Its keys are a contract: only added to."""

from __future__ import annotations

from dataclasses import field
from typing import Final, Literal

from pydantic import TypeAdapter

from exporter.report import ObjectRef, Severity, document

SCHEMA: Final = "bootsource.lint/v1"


@document
class LintFinding:
    """Something that is wrong at one place of a file."""

    fingerprint: str
    """The same for the same finding, whatever lines have moved: of rule, file, object, field and summary."""
    rule: str
    severity: Severity
    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    object: ObjectRef
    """The object that it is about; without a kind where the document cannot be parsed."""
    field: str
    """The path to the field in that object."""
    summary: str
    remedy: str
    """What to do."""
    fixable: bool
    """--fix corrects it."""
    page: str
    """The description of the rule."""
    suppressed: str | None = None
    """The reason in the comment that suppresses it."""
    baseline: Literal["new", "unchanged"] | None = None
    """Whether the report of --baseline holds it; null without a baseline."""


@document
class SkippedInput:
    """A document that was not linted."""

    file: str
    line: int
    why: str


@document
class LintReport:
    """What was found in some files."""

    schema: str = SCHEMA
    verdict: Literal["pass", "fail", "unknown"]
    """`fail` for findings from warning on that are neither suppressed nor in the baseline, `unknown` for problems."""
    target: str
    """The releases that the manifests were judged for."""
    files: int
    """How many files were read."""
    objects: int
    """How many objects of a kind that some rule looks at."""
    findings: tuple[LintFinding, ...] = field(default=())
    """By file, line and column."""
    skipped: tuple[SkippedInput, ...] = field(default=())
    problems: tuple[str, ...] = field(default=())
    """Files that could not be read."""
    fixed: int = 0
    """How many findings --fix has corrected before."""


LINT: Final = TypeAdapter(LintReport)


def counts(finding: LintFinding) -> bool:
    """It is neither suppressed nor known from the baseline."""
    return finding.suppressed is None and finding.baseline != "unchanged"
