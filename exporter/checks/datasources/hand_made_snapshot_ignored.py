"""A snapshot that somebody provides by hand for a DataSource of SSP, which SSP does not leave there."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.datasources._readiness import cron_of
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, SSPS, VOLUME_SNAPSHOTS
from exporter.joins.crons import crons_by_data_source
from exporter.joins.platform import image_namespace
from exporter.model.cdi import CRON_LABEL, DataSource, owned_by_ssp
from exporter.model.wire import ABSENT
from exporter.report import Severity

_DRIFT: Final = Threshold("grace", timedelta(minutes=10), "how long a DataSource may stay between cron and hand")


@check(
    id="hand-made-snapshot-ignored",
    severity=Severity.WARNING,
    over=DATA_SOURCES,
    reads=(SSPS, VOLUME_SNAPSHOTS, DATA_IMPORT_CRONS, crons_by_data_source, image_namespace),
    summary="A snapshot provided by hand is not, or will not stay, the source of a common DataSource",
    meaning=(
        "Without a cron, SSP points each of its DataSources at a claim of the same name. A snapshot that is put there by "
        "hand stays until SSP reconciles next, and is replaced by that claim."
    ),
    impact="Virtual machines of the common templates get no disk from the snapshot, or will not after the next reconcile.",
    diagnosis="`oc get datasource,volumesnapshot,pvc -n NAMESPACE`.",
    mitigation=(
        "Restore the snapshot into a claim with the name of the DataSource: SSP points at it, and makes no cron as long as "
        "it is there. Or make a DataSource of your own for the snapshot, and templates of your own that use it."
    ),
    thresholds=(_DRIFT,),
    alert_for=timedelta(minutes=30),
    scenarios=("F53",),
    undated="a DataSource does not tell when its source was edited",
)
def hand_made_snapshot_ignored(source: DataSource, ctx: Context) -> Verdict:
    """Judge the DataSources that SSP keeps without a cron: where they point, and what lies beside them."""
    # Elsewhere it is a copy that carries SSP's annotations.
    kept_by_ssp = owned_by_ssp(source.metadata) and source.metadata.namespace == ctx.join(image_namespace)
    if not kept_by_ssp or not len(ctx[SSPS]) or source.cron or cron_of(source, ctx) is not None:
        return PASSED
    name, given = source.metadata.name, source.spec.source.snapshot
    if given is not None:
        return _failed(
            f"points at snapshot {given.name}, until SSP puts a claim of its own name there", given.name, ctx
        )
    ready = source.ready
    waits = source.placeholder and ready is not ABSENT and ready.reason == "NotFound"
    beside = ctx[VOLUME_SNAPSHOTS].get(source.metadata.namespace, name) if waits else ABSENT
    if beside is ABSENT or beside.metadata.labels.get(CRON_LABEL):
        return PASSED
    return _failed(f"waits for a claim of its name; the snapshot {name} beside it is not used", "pvc", ctx)


def _failed(what: str, observed: str, ctx: Context) -> Failed:
    return Failed(
        summary=f"DataSource {ctx.ref.name} of SSP {what}",
        field="spec.source",
        observed=observed,
        expected=f"PersistentVolumeClaim {ctx.ref.namespace}/{ctx.ref.name} with the image",
        grace=ctx.limit(_DRIFT),
    )
