"""Names, labels and annotations of any object, as the API server takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.joins.admission import AdmissionRule, FieldChange
from exporter.joins.admission.names import metadata_refusals
from exporter.lint.reading import is_placeholder
from exporter.lint.rule import Problem, Tree
from exporter.lint.source import Manifest

_APART: Final = ("DataImportCron",)


def metadata_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """What the API server has against the metadata of each object. That of boot sources is judged with their spec."""
    for manifest in tree.manifests:
        if manifest.kind in _APART:
            continue
        for refusal in metadata_refusals({"metadata": manifest.metadata}):
            # A name may be left to generateName, or to what renders the manifest.
            if refusal.rule is AdmissionRule.REQUIRED or is_placeholder(manifest.written(refusal.path)):
                continue
            written = manifest.written(refusal.path)
            quotes = refusal.rule is AdmissionRule.WRONG_TYPE and bool(written) and len(refusal.path) == 3
            yield (
                manifest,
                Problem(
                    rule="metadata-refused",
                    path=refusal.path,
                    summary=f"The API server refuses {manifest.kind} {manifest.name}: {refusal.reason}",
                    remedy=f'Write "{written}", in quotation marks' if quotes else f"Expected: {refusal.expected}",
                    edits=(FieldChange(refusal.path, written),) if quotes else (),
                ),
            )
