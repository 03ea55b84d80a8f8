"""A cron that follows an ImageStream which does not exist in its namespace."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Cause, Context, Failed, Verdict, check
from exporter.checks.shared.image_streams import followed
from exporter.checks.shared.polling import RECONCILE
from exporter.cluster.resources import DATA_IMPORT_CRONS, IMAGE_STREAMS
from exporter.joins.entries import COMMON_NAMES
from exporter.joins.ssp_crons import entry_of
from exporter.kube.contract import State
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="image-stream-missing",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(IMAGE_STREAMS,),
    summary="The ImageStream of a boot source does not exist",
    meaning="The cron takes its images from an ImageStream, which CDI looks for in the namespace of the cron only.",
    impact="CDI stops before it writes anything: no poll, no import, no conditions.",
    diagnosis="`oc get imagestream -A` shows where ImageStreams are.",
    mitigation="Create the ImageStream in the cron's namespace, or use a registry URL in the entry.",
    thresholds=(RECONCILE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F21",),
)
def image_stream_missing(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge whether the ImageStream is there. A cluster that does not serve ImageStreams has none."""
    name, _ = followed(cron)
    namespace = cron.metadata.namespace
    if not name or ctx[IMAGE_STREAMS].get(namespace, name) is not ABSENT:
        return PASSED
    served = ctx[IMAGE_STREAMS].state is not State.NOT_SERVED
    return Failed(
        summary=f"ImageStream {namespace}/{name}, which DataImportCron {cron.metadata.name} follows, does not exist",
        field="spec.template.spec.source.registry.imageStream",
        observed="not found" if served else "this cluster does not serve ImageStreams",
        expected=f"an ImageStream {name} in namespace {namespace}",
        since=cron.metadata.creation_timestamp,
        grace=ctx.limit(RECONCILE),
        causes=_causes(cron, ctx),
    )


def _causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    """HCO makes the ImageStreams of common boot sources, and only those; with a boot source it deletes its stream."""
    common = entry_of(cron.metadata.name, COMMON_NAMES)
    hco = (Cause("hyperconverged-degraded"), Cause("hyperconverged-status-stale")) if common else ()
    return (*hco, Cause("disabled-entry-still-deployed", ctx.ref))
