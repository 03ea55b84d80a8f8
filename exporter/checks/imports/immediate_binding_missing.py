"""An import that waits for a consumer, because nobody asked for its claim to be bound at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command, object_args
from exporter.checks.shared.import_failures import FailureKind, import_failure_of
from exporter.checks.shared.refs import cron_ref
from exporter.joins.images import RunningImport, imports
from exporter.model.cdi import BIND_IMMEDIATE
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=15), "how long an import may wait for its first consumer")


@check(
    id="immediate-binding-missing",
    severity=Severity.WARNING,
    over=imports,
    summary="An import waits for a first consumer that never comes",
    meaning=(
        "The StorageClass binds volumes when a pod first uses them. An image has no such pod, so CDI must be asked by an "
        "annotation to bind at once. CDI before 1.57 does not add it by itself."
    ),
    impact="The image is never imported; the boot source keeps its old one or has none.",
    diagnosis="`oc get datavolume NAME -n NAMESPACE` shows WaitForFirstConsumer; `oc get storageclass` shows the binding mode.",
    mitigation=(
        "Add the annotation cdi.kubevirt.io/storage.bind.immediate.requested (any value) to the entry, or to the cron "
        "itself, and delete the waiting DataVolume: the next one carries it."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=15),
    scenarios=("F40",),
)
def immediate_binding_missing(subject: RunningImport, ctx: Context) -> Verdict:
    """Judge a DataVolume that waits: with the annotation it waits for another reason."""
    trouble, volume, cron = import_failure_of(subject.volume), subject.volume, cron_ref(subject.cron)
    if trouble is None or trouble.kind is not FailureKind.CONSUMER or BIND_IMMEDIATE in volume.annotations:
        return PASSED
    client = ctx.platform.client
    ask = command(client, "annotate", *object_args(cron), f"{BIND_IMMEDIATE}=true", "--overwrite")
    again = command(client, "delete", *object_args(ctx.ref))
    return Failed(
        about=cron,
        summary=f"DataVolume {ctx.ref.name} of cron {cron.name} waits for a first consumer: immediate binding is not requested",
        field=f"metadata.annotations[{BIND_IMMEDIATE}]",
        observed=f"absent, {trouble.evidence}",
        expected="present, with any value",
        since=volume.created,
        grace=ctx.limit(_GRACE),
        fix=Fix(
            f"{ask} && {again}",
            command(client, "get", *object_args(ctx.ref)),
            "Deletes the DataVolume that waits, to which nothing has been imported; CDI makes a new one",
            "Add the annotation to the entry too, or it is lost when SSP replaces the DataImportCron",
        ),
    )
