"""A cron that may not clone the claim that it copies."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.cloning import bind_cloner, binding_note
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=10), "how long a new cron may be refused its source")


@check(
    id="source-claim-unauthorized",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    summary="A boot source may not be copied from its claim",
    meaning="CDI (1.64 and later) asks whether the cron's service account may clone from the claim's namespace. It may not.",
    impact="Nothing newer is copied; what was copied before stays in use.",
    diagnosis="`oc get dataimportcron NAME -n NAMESPACE -o yaml` shows Progressing=False with reason NotAuthorized.",
    mitigation="Grant `create` on `datavolumes/source` in the claim's namespace to the service account that spec.serviceAccountName of "
    "the DataImportCron names, or to `default` of its namespace.",
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F32",),
)
def source_claim_unauthorized(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the Progressing condition, where CDI writes the refusal."""
    progressing = cron.condition("Progressing")
    if progressing is ABSENT or progressing.reason != "NotAuthorized":
        return PASSED
    claim = cron.source.pvc
    namespace = (claim.namespace if claim else "") or cron.metadata.namespace
    client, account = ctx.platform.client, f"{cron.metadata.namespace}:{cron.spec.service_account_name or 'default'}"
    minor = ctx.platform.cdi_minor
    binding = bind_cloner(client, f"clone-{cron.metadata.name}", namespace, account, minor)
    ask = ("auth", "can-i", "create", "datavolumes.cdi.kubevirt.io", "--subresource=source", "-n", namespace)
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} may not clone from namespace {namespace}",
        field="status.conditions[type=Progressing]",
        observed=progressing.message or progressing.reason,
        expected="permission to create datavolumes/source",
        since=progressing.last_transition_time,
        grace=ctx.limit(_GRACE),
        fix=Fix(
            binding,
            command(client, *ask, f"--as=system:serviceaccount:{account}"),
            note=f"Service account {account} may then clone every claim of {namespace}{binding_note(minor)}",
        ),
    )
