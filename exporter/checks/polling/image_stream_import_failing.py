"""An ImageStream whose tag cannot be imported: crons that follow it see nothing newer, or nothing at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.image_streams import followed, followed_tag
from exporter.checks.shared.registries import causes_at, host_of
from exporter.cluster.resources import DATA_IMPORT_CRONS, IMAGE_STREAMS
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT, find_condition
from exporter.report import Severity

_RETRIES: Final = Threshold(
    "grace", timedelta(hours=1), "how long imports of an ImageStream may fail while OpenShift tries again"
)
"""OpenShift tries again every 15 minutes or so: one failure may pass."""


@check(
    id="image-stream-import-failing",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(IMAGE_STREAMS,),
    summary="OpenShift cannot import the images of a boot source",
    meaning=(
        "OpenShift itself, not CDI, pulls the images of an ImageStream. Its last attempt for the tag that this cron "
        "follows failed. CDI reads what is left in the status and does not look at the failure."
    ),
    impact="With an older image in the status the cron stays up to date with an image that grows old; without one it does nothing.",
    diagnosis="`oc describe imagestream NAME -n NAMESPACE` shows the error. Pull secret, proxy and CA are those of the cluster.",
    mitigation=(
        "Repair access to the registry and run `oc import-image`. In a disconnected cluster use an entry of your own with a "
        "mirrored image: HCO reverts edits of its ImageStreams."
    ),
    thresholds=(_RETRIES,),
    alert_for=timedelta(hours=1),
    scenarios=("F20",),
)
def image_stream_import_failing(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the tag's ImportSuccess condition; a healthy tag normally has none."""
    name, tag = followed(cron)
    stream = ctx[IMAGE_STREAMS].get(cron.metadata.namespace, name) if name else ABSENT
    status = followed_tag(stream, tag) if stream is not ABSENT else ABSENT
    failure = find_condition(status.conditions, "ImportSuccess") if status is not ABSENT else ABSENT
    if status is ABSENT or failure is ABSENT or not failure.false:
        return PASSED
    where = IMAGE_STREAMS.ref(cron.metadata.namespace, name)
    left = "an older image is still in use" if status.items else "no image was ever imported"
    client = ctx.platform.client
    run = command(client, "import-image", f"{name}:{status.tag}", "-n", where.namespace)
    return Failed(
        summary=f"OpenShift cannot import {name}:{status.tag} for DataImportCron {cron.metadata.name}; {left}",
        field=f"status.tags[tag={status.tag}].conditions[type=ImportSuccess]",
        observed=f"{failure.reason}: {failure.message}",
        expected="no ImportSuccess=False condition",
        since=failure.last_transition_time,
        grace=ctx.limit(_RETRIES),
        causes=causes_at(host_of(stream.origin(status.tag))) if stream is not ABSENT else (),
        fix=Fix(
            run,
            command(client, "describe", "imagestream", name, "-n", where.namespace),
            note="Once the registry answers: pull secret, proxy and CA are those of the cluster",
        ),
    )
