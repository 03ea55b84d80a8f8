"""A DataSource that stands for nothing."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.datasources._readiness import (
    NOT_READY,
    OPTIONAL,
    READS,
    Readiness,
    causes_of,
    cron_of,
    describe_cron,
    readiness_of,
)
from exporter.checks.fixes import Fix, command, object_args
from exporter.cluster.resources import DATA_SOURCES
from exporter.model.cdi import DataSource
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="data-source-without-source",
    severity=Severity.CRITICAL,
    over=DATA_SOURCES,
    reads=READS,
    optional=OPTIONAL,
    summary="A DataSource has no source",
    meaning=(
        "spec.source is empty. CDI makes such a DataSource for a cron that has not imported anything yet; one that was made by "
        "hand was never pointed at a volume or snapshot."
    ),
    impact="KubeVirt refuses to make a disk from it: `DataVolume sourceRef not supported`.",
    diagnosis="`oc get datasource NAME -n NAMESPACE -o yaml`; if a cron manages it: `oc describe dataimportcron -n NAMESPACE`.",
    mitigation="Bring its cron to work (the cause of the finding), or point the DataSource at a claim or snapshot of your own.",
    thresholds=(NOT_READY,),
    alert_for=timedelta(minutes=10),
    scenarios=("F57",),
)
def data_source_without_source(source: DataSource, ctx: Context) -> Verdict:
    """Judge DataSources of which CDI says NoSource."""
    ready, found = source.ready, readiness_of(source, ctx)
    if found is Readiness.SILENT or ready is ABSENT:
        return Unknown("CDI has not reported Ready yet")
    if found is not Readiness.WITHOUT_SOURCE:
        return PASSED
    client, beside = ctx.platform.client, Cause("data-source-beside-cron", ctx.ref)
    edit = Fix(
        command(client, "edit", *object_args(ctx.ref)),
        command(client, "get", *object_args(ctx.ref)),
        note="Virtual machines that wait for it are made at once",
    )
    return Failed(
        summary=f"DataSource {source.metadata.name} has no source{describe_cron(source, ctx)}",
        field="spec.source",
        observed=f"{{}}, {ready.reason}: {ready.message}",
        expected="a claim, a snapshot or another DataSource",
        since=ready.last_transition_time,
        grace=ctx.limit(NOT_READY),
        causes=(beside, *causes_of(source, ctx)),
        fix=None if cron_of(source, ctx) else edit,
    )
