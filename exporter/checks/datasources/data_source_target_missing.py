"""A DataSource that points at a claim or snapshot that does not exist."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

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
from exporter.checks.ids import CheckId
from exporter.cluster.resources import DATA_SOURCES
from exporter.model.cdi import DataSource
from exporter.model.wire import ABSENT
from exporter.report import Severity

_OF_THE_SOURCE: Final[tuple[CheckId, ...]] = ("data-source-beside-cron", "data-source-not-following-cron")
"""Findings on the same DataSource that explain what it points at."""


@check(
    id="data-source-target-missing",
    severity=Severity.CRITICAL,
    over=DATA_SOURCES,
    reads=READS,
    optional=OPTIONAL,
    summary="A DataSource points at a volume or snapshot that does not exist",
    meaning=(
        "CDI cannot find what spec.source names: it was deleted, or the cron that should make it never has. SSP's "
        "placeholders for systems without a boot source look the same, are so by design, and are not reported."
    ),
    impact="Virtual machines that are made from it wait for a source that is not there.",
    diagnosis="`oc get datasource NAME -n NAMESPACE -o yaml` and `oc get pvc,volumesnapshot -n NAMESPACE`.",
    mitigation=(
        "Bring its cron to work (the cause of the finding): it imports the image again. A DataSource without a cron needs a "
        "claim of the name that it gives, or another source."
    ),
    thresholds=(NOT_READY,),
    alert_for=timedelta(minutes=10),
    scenarios=("F19", "F44"),
)
def data_source_target_missing(source: DataSource, ctx: Context) -> Verdict:
    """Judge DataSources of whose claim or snapshot CDI says NotFound."""
    ready, found = source.ready, readiness_of(source, ctx)
    if found is Readiness.SILENT or ready is ABSENT:
        return Unknown("CDI has not reported Ready yet")
    if found is not Readiness.TARGET_MISSING:
        return PASSED
    kind, name = _target(source)
    client = ctx.platform.client
    own = tuple(Cause(check, ctx.ref) for check in _OF_THE_SOURCE)
    edit = Fix(
        command(client, "edit", *object_args(ctx.ref)),
        command(client, "get", *object_args(ctx.ref)),
        note="Virtual machines that are made from it get another image",
    )
    return Failed(
        summary=f"DataSource {source.metadata.name} points at {kind} {name}, which does not exist{describe_cron(source, ctx)}",
        field=f"spec.source.{kind}",
        observed=f"{name}, {ready.reason}: {ready.message}",
        expected=f"an existing {kind}",
        since=ready.last_transition_time,
        grace=ctx.limit(NOT_READY),
        causes=(*own, *causes_of(source, ctx)),
        fix=None if cron_of(source, ctx) else edit,
    )


def _target(source: DataSource) -> tuple[str, str]:
    spec = source.spec.source
    kind, pointer = ("snapshot", spec.snapshot) if spec.snapshot is not None else ("pvc", spec.pvc)
    if pointer is None:
        return kind, "(unnamed)"
    return kind, f"{pointer.namespace or source.metadata.namespace}/{pointer.name}"
