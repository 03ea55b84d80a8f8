"""DataImportCrons that manage the same DataSource."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.joins.admission.field_values import text_at
from exporter.lint.reading import is_placeholder
from exporter.lint.rule import Problem, Tree
from exporter.lint.source import Manifest


def rival_problems(tree: Tree) -> Iterator[tuple[Manifest, Problem]]:
    """Two of one file, of one namespace: files of other folders may be for other clusters."""
    users: dict[tuple[str, str, str], dict[str, Manifest]] = {}
    for manifest in tree.of("DataImportCron"):
        managed = text_at(manifest.value, "spec", "managedDataSource")
        if managed and manifest.name and not is_placeholder(managed) and not is_placeholder(manifest.name):
            folder = manifest.file.rpartition("/")[0]
            users.setdefault((folder, manifest.namespace, managed), {}).setdefault(manifest.name, manifest)
    for (_, _, managed), crons in users.items():
        first, *others = crons.values()
        for manifest in others:
            yield (
                manifest,
                Problem(
                    rule="rival-cron",
                    path=("spec", "managedDataSource"),
                    summary=f"DataImportCrons {first.name} and {manifest.name} both manage DataSource {managed}: CDI works "
                    "for one of them only, and the other has no conditions",
                    remedy="Give each a managedDataSource of its own, or delete one",
                ),
            )
