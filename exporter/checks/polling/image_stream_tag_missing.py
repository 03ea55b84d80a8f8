"""A cron that follows a tag which its ImageStream does not have."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.shared.image_streams import followed, followed_tag
from exporter.checks.shared.polling import RECONCILE
from exporter.cluster.resources import DATA_IMPORT_CRONS, IMAGE_STREAMS
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="image-stream-tag-missing",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(IMAGE_STREAMS,),
    summary="An ImageStream lacks the tag that a boot source follows",
    meaning="The cron names a tag of an ImageStream, and the status of the ImageStream does not list it.",
    impact="CDI cannot learn a digest: nothing is polled or imported, and no condition says so.",
    diagnosis="`oc get imagestream NAME -n NAMESPACE -o yaml` lists the tags under status.tags.",
    mitigation="Import or create the tag with `oc import-image` or `oc tag`, or name an existing tag in the entry.",
    thresholds=(RECONCILE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F22",),
)
def image_stream_tag_missing(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge whether the tag is there; an ImageStream that is missing altogether is another finding."""
    name, tag = followed(cron)
    stream = ctx[IMAGE_STREAMS].get(cron.metadata.namespace, name) if name else ABSENT
    if stream is ABSENT or followed_tag(stream, tag) is not ABSENT:
        return PASSED
    there = ", ".join(t.tag for t in stream.status.tags) or "no tags"
    wanted = f"tag {tag}" if tag else "any tag"
    return Failed(
        summary=f"ImageStream {name} does not have {wanted}, which DataImportCron {cron.metadata.name} follows",
        field="spec.template.spec.source.registry.imageStream",
        observed=there,
        expected=wanted,
        since=cron.metadata.creation_timestamp,
        grace=ctx.limit(RECONCILE),
    )
