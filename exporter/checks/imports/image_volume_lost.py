"""An image whose claim has lost its volume."""

from __future__ import annotations

from datetime import timedelta

from exporter.base.excerpts import list_some
from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.shared.costs import size_of
from exporter.checks.shared.refs import cron_ref
from exporter.cluster.resources import PERSISTENT_VOLUME_CLAIMS
from exporter.joins.images import image_users
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.cdi import CRON_LABEL
from exporter.model.core import PersistentVolumeClaim
from exporter.report import Severity


@check(
    id="image-volume-lost",
    severity=Severity.CRITICAL,
    over=PERSISTENT_VOLUME_CLAIMS,
    reads=(image_users,),
    optional=(crons_by_name,),
    summary="The volume behind an image is gone",
    meaning=(
        "The claim is Lost: the PersistentVolume that it was bound to does not exist any more. If the claim still has a "
        "DataVolume, CDI notices; of a bare claim nobody says anything, and its DataSource stays Ready."
    ),
    impact="Virtual machines made from this image never get their disk.",
    diagnosis="`oc get persistentvolumeclaim NAME -n NAMESPACE` shows Lost and the name of the volume that is gone.",
    mitigation=(
        "The data is lost. Delete the claim, and the DataVolume if there is one: the cron imports the image again. An image "
        "that somebody uploaded must be uploaded again."
    ),
    alert_for=timedelta(minutes=5),
    scenarios=("F47",),
)
def image_volume_lost(claim: PersistentVolumeClaim, ctx: Context) -> Verdict:
    """Judge claims that a cron made or that a DataSource stands for."""
    cron, users = claim.metadata.labels.get(CRON_LABEL, ""), ctx.join(image_users).get(ctx.ref, ())
    if claim.status.phase != "Lost" or not (cron or users):
        return PASSED
    whose = f" of cron {cron}" if cron else ""
    use = (
        f"; DataSource {list_some(user.name for user in users)} stands for it"
        if users
        else "; no DataSource stands for it"
    )
    return Failed(
        summary=f"The volume behind image {claim.metadata.name}{whose} is lost{use}",
        field="status.phase",
        observed="Lost" + (f", PersistentVolume {claim.spec.volume_name} is gone" if claim.spec.volume_name else ""),
        expected="Bound",
        severity=None if users else Severity.WARNING,
        fix=_fix(claim, cron, ctx),
    )


def _fix(claim: PersistentVolumeClaim, cron: str, ctx: Context) -> Fix:
    client, (_, namespace, name) = ctx.platform.client, ctx.ref
    crons = [c for c in ctx.consult(crons_by_name, {}).get(cron, ()) if c.metadata.namespace == namespace]
    if not crons:
        return advice(
            f"The data is lost, and no DataImportCron makes it again: copy or upload the image as {name} again"
        )
    risk = (
        f"Deletes the claim and its DataVolume, whose data is gone already; the image is imported again{size_of(crons)}"
    )
    return Fix(
        command(client, "delete", "datavolume,persistentvolumeclaim", name, "-n", namespace, "--ignore-not-found"),
        command(client, "get", *object_args(ctx.ref)),
        risk if name == crons[0].current_import else risk.partition(";")[0],
        imports=tuple(map(cron_ref, crons)),
    )
