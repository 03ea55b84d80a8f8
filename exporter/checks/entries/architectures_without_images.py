"""The cluster has workers of several architectures, and boot sources come for one."""

from __future__ import annotations

import json
from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command, merge_patch, object_args
from exporter.checks.shared.costs import replacement_of
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.entries import Stage, entries_of
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.cdi import owned_by_ssp
from exporter.model.hco import ARCHITECTURES, HyperConverged
from exporter.model.hco_layout import FeatureGate
from exporter.report import Severity


@check(
    id="architectures-without-images",
    severity=Severity.INFO,
    over=HYPERCONVERGEDS,
    optional=(crons_by_name,),
    summary="Boot sources do not exist for all architectures of the cluster",
    meaning=(
        "Workers have more than one architecture. With multi-arch off each boot source has one image, of the "
        "architecture that the importer happened to run on; with it on, so has an entry that names no architectures."
    ),
    impact="Virtual machines on nodes of another architecture do not boot.",
    diagnosis="`oc get nodes -L kubernetes.io/arch`, and status.nodeInfo of HyperConverged.",
    mitigation=f"Switch multi-arch on, and give entries of your own the annotation `{ARCHITECTURES}`.",
    alert_for=timedelta(hours=1),
    scenarios=("F63",),
)
def architectures_without_images(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge the architectures that HCO has found (1.16 and later)."""
    info = hco.status.node_info
    have = sorted(set(info.workloads_architectures)) if info else []
    if len(have) < 2:
        return PASSED
    if not hco.multi_arch:
        return Failed(
            summary=f"Workers are {', '.join(have)}, but each boot source has an image of one architecture: multi-arch is off",
            field=str(hco.layout.multi_arch or ""),
            observed="false or not set",
            expected="true",
            fix=_fix(hco, ctx),
        )
    return [
        Failed(
            summary=f"Boot source {item.name} names no architectures, so there is one image for workers of {', '.join(have)}",
            field=f"{hco.layout.entries}[name={item.name}].metadata.annotations[{ARCHITECTURES}]",
            observed="not set",
            expected=f"those of its image, for example {','.join(have)}",
            part=item.name,
        )
        for item in entries_of(hco)
        if item.entry is not None
        and item.stage in (Stage.ENABLED, Stage.NOT_PROPAGATED)
        and not {**(item.status.metadata.annotations if item.status else {}), **item.entry.metadata.annotations}.get(
            ARCHITECTURES
        )
    ]


def _fix(hco: HyperConverged, ctx: Context) -> Fix | None:
    """An item of a list that is off cannot be addressed by what we keep; it can be appended where it is missing."""
    switch, client = hco.layout.multi_arch, ctx.platform.client
    if hco.release is None or switch is None:
        return None
    target = object_args(ctx.ref, ctx.platform.hco_resource)
    if not isinstance(switch, FeatureGate) or not switch.listed or not hco.feature_gates:
        run = merge_patch(client, target, switch.merge_patch(True))
    elif switch.name.lower() in hco.feature_gates:
        return None
    else:
        append = json.dumps([switch.appended], separators=(",", ":"))
        run = command(client, "patch", *target, "--type", "json", "-p", append)
    note = (
        "Every boot source is then imported once per architecture; DataSources become pointers to <name>-<architecture>"
    )
    every = [c for crons in ctx.consult(crons_by_name, {}).values() for c in crons if owned_by_ssp(c.metadata)]
    cost = replacement_of(every)
    return Fix(run, command(client, "get", "dataimportcron", "-A"), cost.risk, note, cost.imports)
