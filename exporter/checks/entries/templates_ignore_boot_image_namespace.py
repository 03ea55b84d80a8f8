"""Boot sources live in a namespace of their own, but common templates look for them in the built-in one."""

from __future__ import annotations

from datetime import timedelta

from exporter.base.excerpts import list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice, command, merge_patch, object_args
from exporter.checks.shared.entries import DRIFT
from exporter.checks.shared.storage import instant_if_recent
from exporter.cluster.resources import DATA_SOURCES, HYPERCONVERGEDS
from exporter.joins.entries import entries_of
from exporter.joins.platform import image_namespace
from exporter.model.cdi import DataSource
from exporter.model.hco import HyperConverged
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="templates-ignore-boot-image-namespace",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    reads=(DATA_SOURCES, image_namespace),
    summary="Common templates do not use the namespace where the boot sources are",
    meaning=(
        "commonBootImageNamespace moves crons and images. Common templates go on naming the namespace that is built "
        "into SSP, where DataSources of the same names are left as placeholders without an image."
    ),
    impact="Nothing can be created from the common templates, though the boot sources themselves are up to date.",
    diagnosis="`oc get datasource -A` shows each name twice: ready in the one namespace, without an image in the other.",
    mitigation=(
        "Copy the templates that you need and set DATA_SOURCE_NAMESPACE in the copies (SSP reverts edits of common "
        "templates), or unset commonBootImageNamespace."
    ),
    thresholds=(DRIFT,),
    undated="labels and conditions of placeholders do not tell how long they have had no image",
    alert_for=timedelta(hours=1),
    scenarios=("F15",),
)
def templates_ignore_boot_image_namespace(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge the placeholders: SSP keeps one in its own namespace for every DataSource that common templates name."""
    own, builtin = hco.boot_image_namespace, ctx.join(image_namespace)
    if not own or own == builtin:
        return PASSED
    moved = {i.spec.managed_data_source for i in entries_of(hco) if i.status and i.status.metadata.namespace == own}
    table = ctx[DATA_SOURCES]
    empty = [n for n in sorted(moved) if (row := table.get(builtin, n)) is not ABSENT and _empty(row)]
    if not empty:
        return PASSED
    path = hco.layout.image_namespace
    client, target = ctx.platform.client, object_args(ctx.ref, ctx.platform.hco_resource)
    return Failed(
        summary=f"Boot sources are kept in {own}, but common templates look for {list_some(empty)} in {builtin}, where there is no image",
        field=str(path),
        observed=own,
        expected=f"not set, or templates of your own that name {own}",
        since=instant_if_recent(hco.metadata.spec_edited, ctx.limit(DRIFT), ctx),
        grace=ctx.limit(DRIFT),
        causes=(Cause("boot-image-namespace-missing", ctx.ref),),
        affects=tuple(DATA_SOURCES.ref(builtin, name) for name in empty),
        fix=(
            advice(f"Copy the templates that you need and set DATA_SOURCE_NAMESPACE to {own} in the copies"),
            Fix(
                merge_patch(client, target, path.merge_patch(None)),
                command(client, "get", "datasource", "-n", builtin),
                f"All common images are imported again into {builtin}, and those in {own} are deleted if their "
                f"retentionPolicy is None; virtual machines that are cloned from {own} lose their source",
            ),
        ),
    )


def _empty(source: DataSource) -> bool:
    ready = source.ready
    return source.placeholder and ready is not ABSENT and ready.false
