"""The gate is closed: no common boot source is imported."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command, merge_patch, object_args
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.acting_hco import acting_hyperconvergeds
from exporter.kube.contract import Key
from exporter.model.hco import HyperConverged
from exporter.report import Severity


@check(
    id="common-boot-images-off",
    severity=Severity.INFO,
    over=HYPERCONVERGEDS,
    reads=(acting_hyperconvergeds,),
    summary="Common boot sources are switched off",
    meaning=(
        "The gate in HyperConverged is closed. HCO then lists none of the boot sources that it brings along, nor "
        "entries that modify one; only custom entries count."
    ),
    impact=(
        "SSP deletes the DataImportCrons of common boot sources. Their DataSources have no image any more, so common "
        "templates give no virtual machine, unless somebody uploads images of the same names."
    ),
    diagnosis="The finding names the field that counts on this version.",
    mitigation="Nothing to do if that is meant, as on a disconnected cluster; else open the gate.",
    alert_for=timedelta(hours=1),
    scenarios=("F01",),
)
def common_boot_images_off(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge the gate at the place where this version looks for it."""
    gate = hco.gate
    if gate.on or Key(*ctx.ref[1:]) not in ctx.join(acting_hyperconvergeds):
        return PASSED
    client, target = ctx.platform.client, object_args(ctx.ref, ctx.platform.hco_resource)
    return Failed(
        summary=f"Common boot sources are switched off by {gate.path} of HyperConverged {hco.metadata.name}",
        field=str(gate.path),
        observed="false",
        expected="true, unless they are switched off on purpose",
        fix=Fix(
            merge_patch(client, target, gate.path.merge_patch(True)),
            command(client, "get", "dataimportcron,datasource", "-n", ctx.platform.image_namespace),
            note="All common images are imported: this needs access to their registries, and storage",
        ),
    )
