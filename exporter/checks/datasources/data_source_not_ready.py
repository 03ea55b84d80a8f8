"""A DataSource whose image is not ready to be cloned."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.datasources._readiness import (
    NOT_READY,
    OPTIONAL,
    READS,
    SNAPSHOT_NOT_READY,
    Readiness,
    causes_of,
    describe_cron,
    readiness_of,
)
from exporter.cluster.resources import DATA_SOURCES
from exporter.model.cdi import DataSource
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="data-source-not-ready",
    severity=Severity.CRITICAL,
    over=DATA_SOURCES,
    reads=READS,
    optional=OPTIONAL,
    summary="A DataSource is not ready",
    meaning=(
        "The condition Ready is False: the volume that the DataSource stands for is still being imported, has failed, or its "
        "snapshot is not ready. An update passes through this within minutes; this one does not."
    ),
    impact="Virtual machines that are made from it wait for their disk.",
    diagnosis="`oc get datasource,datavolume,volumesnapshot -n NAMESPACE`, then `oc describe` what the DataSource points at.",
    mitigation="Follow the cause of the finding. Without one, look at the events of the DataVolume or VolumeSnapshot.",
    thresholds=(NOT_READY, SNAPSHOT_NOT_READY),
    alert_for=timedelta(minutes=10),
    scenarios=("F41", "F42", "F45", "F47", "F53"),
)
def data_source_not_ready(source: DataSource, ctx: Context) -> Verdict:
    """Judge Ready. Its transition time moves without a transition, so that it says only how old this is at least."""
    ready, found = source.ready, readiness_of(source, ctx)
    if found is Readiness.SILENT or ready is ABSENT:
        return _silent(source, ctx)
    if found is not Readiness.NOT_READY:
        return PASSED
    return Failed(
        summary=f"DataSource {source.metadata.name} is not ready: {ready.message.strip() or ready.reason}{describe_cron(source, ctx)}",
        field="status.conditions[type=Ready]",
        observed=f"False {ready.reason}: {ready.message}",
        expected="True",
        since=ready.last_transition_time,
        grace=ctx.limit(SNAPSHOT_NOT_READY if ready.reason == "SnapshotNotReady" else NOT_READY),
        causes=causes_of(source, ctx),
    )


def _silent(source: DataSource, ctx: Context) -> Verdict:
    """CDI writes the condition within seconds, unless it does not run."""
    made = source.metadata.creation_timestamp
    if not ctx.older(made, ctx.limit(NOT_READY)):
        return Unknown("CDI has not reported Ready yet")
    return Failed(
        summary=f"CDI has never said whether DataSource {source.metadata.name} is ready",
        field="status.conditions[type=Ready]",
        observed="absent or Unknown",
        expected="True",
        since=made,
        grace=ctx.limit(NOT_READY),
        causes=(Cause("cdi-degraded"),),
    )
