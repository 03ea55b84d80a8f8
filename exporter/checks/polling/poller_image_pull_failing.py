"""A node-pull cron whose poller pod cannot pull the image."""

from __future__ import annotations

from datetime import timedelta

from exporter.base.excerpts import both_ends
from exporter.checks.check import PASSED, Cause, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.shared.polling import FIRST_POLL
from exporter.checks.shared.registries import registry_causes
from exporter.cluster.resources import DATA_IMPORT_CRONS, PODS
from exporter.model.core import Pod
from exporter.model.wire import ABSENT
from exporter.report import Severity

_REASONS = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName"}


@check(
    id="poller-image-pull-failing",
    severity=Severity.WARNING,
    over=PODS,
    reads=(DATA_IMPORT_CRONS,),
    summary="The nodes cannot pull the image of a boot source",
    meaning=(
        "CDI polls this source by running its image on a node. The pod cannot start: the image cannot be pulled, or no "
        "node fits its architecture. CDI waits for the pod, and every reconcile of the cron ends there."
    ),
    impact="Nothing is polled. A cron that has imported before goes on to say that it is up to date.",
    diagnosis="`oc describe pod POD -n NAMESPACE` shows the registry's answer.",
    mitigation="Repair the image name, the registry or the nodes' pull secret. The node tries again by itself.",
    thresholds=(FIRST_POLL,),
    alert_for=timedelta(minutes=30),
    scenarios=("F28", "F23"),
)
def poller_image_pull_failing(pod: Pod, ctx: Context) -> Verdict:
    """Judge one poller pod; the finding is about its cron."""
    waiting, cron = pod.waiting, pod.owner("DataImportCron")
    if not cron:
        return PASSED  # an importer, or a poller of a CronJob
    stuck = waiting is not None and waiting.reason in _REASONS
    if not stuck and pod.status.phase != "Pending":
        return PASSED
    why = f"{waiting.reason}: {waiting.message}" if waiting else "Pending"
    client = ctx.platform.client
    row = ctx[DATA_IMPORT_CRONS].get(ctx.ref.namespace, cron)
    return Failed(
        summary=f"The pod that polls DataImportCron {cron} cannot start: {waiting.reason if waiting else 'Pending'}",
        field="status.containerStatuses",
        observed=both_ends(why),
        expected="the image is pulled within minutes",
        since=pod.metadata.creation_timestamp,
        grace=ctx.limit(FIRST_POLL),
        causes=(Cause("cdi-degraded"), *(registry_causes(row) if row is not ABSENT else ())),
        fix=(
            Fix(command(client, "describe", *object_args(ctx.ref)), note="Shows the registry's answer"),
            advice(
                "Correct the image's name in the entry, or the registry, the nodes' pull secret and mirrors; wait, if it "
                "limits pulls. The node tries again by itself"
            ),
        ),
        about=DATA_IMPORT_CRONS.ref(ctx.ref.namespace, cron),
    )
