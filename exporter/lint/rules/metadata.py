"""Names, labels and annotations of any object, as the API server takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from exporter.joins.admission import AdmissionRule, FieldChange, Path
from exporter.joins.admission.names import metadata_refusals
from exporter.lint.reading import is_placeholder
from exporter.lint.rule import Problem, Tree
from exporter.lint.source import Manifest

OF_METADATA: Final = frozenset({AdmissionRule.NAME, AdmissionRule.LABEL, AdmissionRule.WRONG_TYPE})
"""What is told here, of boot sources too. A name may be left to generateName, or to what renders the manifest."""


def metadata_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """What the API server has against the metadata of each object."""
    for manifest in tree.manifests:
        for problem in refused_metadata(manifest.metadata, f"{manifest.kind} {manifest.name}", manifest.written):
            yield manifest, problem


def refused_metadata(metadata: object, subject: str, written: Callable[[Path], str]) -> Iterator[Problem]:
    """What the API server has against some metadata; `written` is the text at a path below its object."""
    for refusal in metadata_refusals({"metadata": metadata}):
        text = written(refusal.path)
        if refusal.rule not in OF_METADATA or is_placeholder(text) or is_placeholder(refusal.path[-1]):
            continue
        quotes = refusal.rule is AdmissionRule.WRONG_TYPE and bool(text) and len(refusal.path) == 3
        yield Problem(
            rule="metadata-refused",
            path=refusal.path,
            summary=f"The API server refuses {subject}: {refusal.reason}",
            remedy=f'Write "{text}", in quotation marks' if quotes else f"Expected: {refusal.expected}",
            edits=(FieldChange(refusal.path, text),) if quotes else (),
        )
