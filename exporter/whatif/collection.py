"""Which old images CDI deletes after an import.

Source of the rule: CDI pkg/controller/dataimportcron-controller.go, garbage collection.
"""

from __future__ import annotations

from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS
from exporter.joins.images import LAST_USE_TIME
from exporter.kube.contract import Key
from exporter.model.cdi import CRON_LABEL, DataImportCron
from exporter.whatif.document import Action, Actor
from exporter.whatif.draft import Draft
from exporter.whatif.images import delete_image
from exporter.whatif.rules import Rule

_KEPT: Final = 3
"""What CDI keeps where importsToKeep is not set."""
_KINDS: Final[tuple[Resource[Any], ...]] = (PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS)


def collect_old_images(draft: Draft, newest: Key, cron: DataImportCron, depends: str) -> None:
    """Delete images beyond the number to keep, claims and snapshots each by themselves, the last used ones stay."""
    keep = _KEPT if cron.spec.imports_to_keep is None else cron.spec.imports_to_keep
    if cron.spec.garbage_collect not in ("", "Outdated") or keep < 1:
        return
    for resource in _KINDS:
        found = [
            (key != newest, row.metadata.annotations.get(LAST_USE_TIME, ""), key)
            for key, row in draft.rows(resource).items()
            if key.namespace == newest.namespace and row.metadata.labels.get(CRON_LABEL) == cron.metadata.name
        ]
        current = [key for is_old, _, key in found if not is_old]
        old = [key for is_old, _, key in sorted(found, key=lambda item: item[1], reverse=True) if is_old]
        for key in (*current, *old)[keep:]:
            delete_image(draft, key)
            ref = resource.ref(*key)
            summary = f"CDI deletes {ref}, since importsToKeep is {keep}"
            draft.log(Actor.CDI, Action.DELETE, ref, summary, Rule.COLLECTION, depends=depends, irreversible=True)
