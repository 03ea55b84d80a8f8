"""A claim with the name of a DataSource keeps SSP from updating it."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command, object_args
from exporter.cluster.resources import DATA_SOURCES, PERSISTENT_VOLUME_CLAIMS
from exporter.joins.ssp_crons import ExpectedCron, absent_crons
from exporter.kube.contract import Key
from exporter.model.cdi import CLEANUP_LABEL, CRON_LABEL
from exporter.report import Severity


@check(
    id="cron-opted-out",
    severity=Severity.INFO,
    over=absent_crons,
    reads=(PERSISTENT_VOLUME_CLAIMS,),
    summary="A boot source is kept by hand",
    meaning=(
        "In the golden image namespace there is a claim named exactly like a common DataSource. SSP takes that as the "
        "wish to provide this image by hand: it points the DataSource at the claim and makes no DataImportCron."
    ),
    impact="Nobody updates the image. If the claim was uploaded under that name by accident, it silently gets old.",
    diagnosis="`oc get pvc,datasource -n openshift-virtualization-os-images`.",
    mitigation="Nothing to do if that is meant. Else label the DataSource, and delete the claim when the cron has imported.",
    alert_for=timedelta(hours=1),
    scenarios=("F53",),
)
def cron_opted_out(expected: ExpectedCron, ctx: Context) -> Verdict:
    """Judge an expected cron that SSP leaves out because of the claim."""
    if not expected.opted_out or expected.collapsed_into:
        return PASSED
    source = DATA_SOURCES.ref(ctx.ref.namespace, expected.managed)
    claim = ctx[PERSISTENT_VOLUME_CLAIMS].rows.get(Key(source.namespace, source.name))
    client = ctx.platform.client
    return Failed(
        summary=f"DataSource {source.name} is kept by hand: a claim of its name exists, so there is no DataImportCron {ctx.ref.name}",
        field=f"metadata.labels[{CRON_LABEL}]",
        observed=f"no label, and PersistentVolumeClaim {source.namespace}/{source.name}",
        expected=f"{ctx.ref.name}, unless the image is kept by hand on purpose",
        since=claim.metadata.creation_timestamp if claim else None,
        about=source,
        fix=Fix(
            # With the label of the cleanup left on it, CDI would delete the DataSource.
            command(
                client,
                "label",
                "--overwrite",
                *object_args(source),
                f"{CRON_LABEL}={ctx.ref.name}",
                f"{CLEANUP_LABEL}-",
            ),
            command(client, "get", "dataimportcron", ctx.ref.name, "-n", ctx.ref.namespace),
            note="The DataSource leaves your claim for the imported image; the claim stays until you delete it",
        ),
        part=ctx.ref.name,
    )
