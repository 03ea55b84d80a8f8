"""Whether a common cause leaves a cluster without any usable boot source."""

from __future__ import annotations

from collections.abc import Collection

from exporter.checks.check import Context
from exporter.checks.shared.refs import cron_ref
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.cluster.snapshot import View, joint
from exporter.model.wire import ABSENT
from exporter.report import Severity


@joint(DATA_IMPORT_CRONS, DATA_SOURCES)
def without_image(view: View) -> frozenset[Ref] | None:
    """All DataImportCrons, if none of them has a DataSource that is ready; None if any has, or if there are none."""
    crons = [cron for _, cron in view[DATA_IMPORT_CRONS]]
    for cron in crons:
        source = view[DATA_SOURCES].get(cron.metadata.namespace, cron.spec.managed_data_source)
        ready = ABSENT if source is ABSENT else source.ready
        if ready is not ABSENT and ready.true:
            return None
    return frozenset(map(cron_ref, crons)) or None


def severity_for(affected: Collection[Ref], ctx: Context) -> Severity | None:
    """Critical if these are all boot sources of the cluster and none is usable; else None, the check's own."""
    every = ctx.consult(without_image, None)
    return Severity.CRITICAL if every is not None and every <= set(affected) else None
