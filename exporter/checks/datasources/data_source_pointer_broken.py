"""A DataSource that points at another DataSource, in a way that leads nowhere."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Unknown, Verdict, check
from exporter.checks.datasources._readiness import (
    NOT_READY,
    OPTIONAL,
    READS,
    Readiness,
    causes_of,
    pointer_target,
    readiness_of,
)
from exporter.checks.fixes import Fix, command, merge_patch, object_args
from exporter.checks.shared.data_source_causes import missing_causes
from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.feeders import feeders
from exporter.kube.contract import Key
from exporter.model.cdi import DataSource, Pointer, owned_by_ssp
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="data-source-pointer-broken",
    severity=Severity.CRITICAL,
    over=DATA_SOURCES,
    reads=READS,
    optional=(*OPTIONAL, feeders),
    summary="A DataSource points at another DataSource in vain",
    meaning=(
        "A DataSource may point at another one of its namespace, which must stand for a claim or snapshot itself: one step, "
        "no more. This one points at a DataSource that is gone, at itself, at another pointer, or into another namespace. "
        "On clusters with several architectures SSP makes such pointers, from `fedora` to `fedora-amd64`."
    ),
    impact="Virtual machines that are made from it get no disk.",
    diagnosis="`oc get datasource NAME -n NAMESPACE -o jsonpath='{.spec.source}{.status.conditions}'`, then the one it names.",
    mitigation="Point it at a DataSource that stands for an image. SSP restores pointers of its own once their target is there.",
    thresholds=(NOT_READY,),
    alert_for=timedelta(minutes=10),
    scenarios=("F62",),
)
def data_source_pointer_broken(source: DataSource, ctx: Context) -> Verdict:
    """Judge pointers that CDI cannot follow."""
    ready, pointer, found = source.ready, source.spec.source.data_source, readiness_of(source, ctx)
    if pointer is None:
        return PASSED
    if found is Readiness.SILENT or ready is ABSENT:
        return Unknown("CDI has not reported Ready yet")
    if found is not Readiness.POINTER_BROKEN:
        return PASSED
    target = Key(pointer.namespace or source.metadata.namespace, pointer.name)
    gone = pointer_target(source, ctx) is ABSENT
    what = ", which does not exist" if gone else f": {ready.message.strip() or ready.reason}"
    return Failed(
        summary=f"DataSource {source.metadata.name} points at DataSource {target}{what}",
        field="spec.source.dataSource",
        observed=f"{target}, {ready.reason}: {ready.message}",
        expected="a DataSource of the same namespace that stands for a claim or a snapshot",
        since=ready.last_transition_time,
        grace=ctx.limit(NOT_READY),
        causes=(*causes_of(source, ctx), *missing_causes(target, ctx)) if gone else (),
        fix=None if owned_by_ssp(source.metadata) else _fix(source, ctx),
    )


def _fix(source: DataSource, ctx: Context) -> Fix:
    """Skip the pointer in between, where that is all that is wrong."""
    client, beyond = ctx.platform.client, _beyond(source, ctx)
    if beyond is None:
        run = command(client, "edit", *object_args(ctx.ref))
    else:
        patch = {"spec": {"source": {"dataSource": {"namespace": source.metadata.namespace, "name": beyond.name}}}}
        run = merge_patch(client, object_args(ctx.ref), patch)
    return Fix(
        run, command(client, "get", *object_args(ctx.ref)), note="Virtual machines that wait for it are made at once"
    )


def _beyond(source: DataSource, ctx: Context) -> Pointer | None:
    """What the pointer in between points at, if that is a DataSource of this namespace with an image of its own."""
    between = pointer_target(source, ctx)
    if between is ABSENT or between.spec.source.data_source is None:
        return None
    namespace = source.metadata.namespace
    last = pointer_target(between, ctx)
    if last is ABSENT or last.metadata.namespace != namespace or last.spec.source.data_source is not None:
        return None
    return Pointer(namespace=namespace, name=last.metadata.name)
