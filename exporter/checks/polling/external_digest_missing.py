"""A cron with an empty schedule that nobody has given a digest yet."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command, object_args
from exporter.checks.shared.polling import FIRST_POLL
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.model.cdi import DESIRED_DIGEST, DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="external-digest-missing",
    severity=Severity.INFO,
    over=DATA_IMPORT_CRONS,
    summary="A boot source without a schedule waits for a digest",
    meaning="With an empty schedule CDI never polls: something outside is meant to write the digest of each new image.",
    impact="None, if that is intended. Until a digest is written there is no image.",
    diagnosis="`oc get dataimportcron NAME -n NAMESPACE -o yaml`: schedule is empty and UpToDate says NoDigest.",
    mitigation="Let the pipeline annotate the cron with the digest, or give the entry a schedule.",
    thresholds=(FIRST_POLL,),
    alert_for=timedelta(hours=24),
    scenarios=("F30",),
)
def external_digest_missing(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge crons that nobody polls by design. Source: CDI 1.58 and later allow an empty schedule."""
    told = cron.condition("UpToDate")
    if cron.spec.schedule or told is ABSENT or told.reason != "NoDigest":
        return PASSED
    target = object_args(ctx.ref)
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} has no schedule and waits for a digest from outside",
        field="spec.schedule",
        observed="empty, and no digest",
        expected="a digest from outside, or a schedule",
        since=told.last_transition_time,
        grace=ctx.limit(FIRST_POLL),
        fix=Fix(
            command(ctx.platform.client, "annotate", *target, f"{DESIRED_DIGEST}=sha256:DIGEST", "--overwrite"),
            command(ctx.platform.client, "get", *target),
            note="Replace DIGEST by that of the image to import",
        ),
    )
