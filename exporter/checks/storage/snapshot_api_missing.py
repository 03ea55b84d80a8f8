"""CDI cannot move images to another StorageClass, since the cluster does not know VolumeSnapshots."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import count_of, list_some
from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, advice, command
from exporter.checks.shared.outage import severity_for, without_image
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.storage import cdi_defaults, instant_if_recent, made_default, snapshots_unknown
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    STORAGE_CLASSES,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOT_CONTENTS,
    VOLUME_SNAPSHOTS,
)
from exporter.joins.defaults import defaults
from exporter.kube.contract import State
from exporter.model.cdi import STORAGE_CLASS, DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=15), "how long CDI may take to move an image to another class")
_MOVES_SINCE: Final = 61
"""The minor version of CDI that first moves images when the default changes, and deletes a VolumeSnapshot for that."""
_KINDS: Final = (VOLUME_SNAPSHOT_CLASSES, VOLUME_SNAPSHOT_CONTENTS, VOLUME_SNAPSHOTS)


@check(
    id="snapshot-api-missing",
    severity=Severity.WARNING,
    over=None,
    reads=(DATA_IMPORT_CRONS, STORAGE_CLASSES, VOLUME_SNAPSHOT_CLASSES, VOLUME_SNAPSHOTS, defaults),
    optional=(without_image,),
    summary="CDI cannot follow a new default StorageClass, since the CRDs of VolumeSnapshots are missing",
    meaning=(
        "When the default StorageClass changes, CDI (1.61 and later) first deletes the VolumeSnapshot of each boot source, "
        "whether there is one or not. Where the CustomResourceDefinitions of snapshot.storage.k8s.io are not installed this "
        "fails (`no matches for kind VolumeSnapshot`), and every reconcile of the boot source ends there."
    ),
    impact="Boot sources without a StorageClass of their own are frozen: neither polled nor imported, while they say UpToDate.",
    diagnosis=(
        "`oc get crd volumesnapshots.snapshot.storage.k8s.io`; `oc logs -n openshift-cnv deploy/cdi-deployment` says `no "
        "matches for kind`."
    ),
    mitigation=(
        "Install the three CustomResourceDefinitions volumesnapshots, volumesnapshotclasses and volumesnapshotcontents of "
        "snapshot.storage.k8s.io (they come with the CSI snapshot controller), then change anything on the DataImportCrons, "
        "as by `oc annotate dataimportcron --all -n NAMESPACE --overwrite woken=$(date +%s)`: they move within minutes. Do "
        "not delete the images: they are the only copy, and CDI does not import them again in this state."
    ),
    undated="a CustomResourceDefinition that is deleted leaves no trace, and an old default tells nothing",
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=15),
    scenarios=("F37",),
)
def snapshot_api_missing(_: object, ctx: Context) -> Verdict:
    """Judge whether anything waits for a kind that does not exist."""
    if not snapshots_unknown(ctx) or ctx.platform.cdi_since(_MOVES_SINCE) is False:
        return PASSED
    wanted = cdi_defaults(ctx).effective
    implicit = [cron for _, cron in ctx[DATA_IMPORT_CRONS] if not cron.spec.explicit_storage_class]
    frozen = [cron_ref(cron) for cron in implicit if wanted and _elsewhere(cron, wanted)]
    if not frozen:
        return PASSED
    row = ctx[STORAGE_CLASSES].get("", wanted)
    names = [f"{kind.plural}.{kind.group}" for kind in _KINDS]
    told = ctx[VOLUME_SNAPSHOT_CLASSES].state is State.NOT_SERVED
    return Failed(
        summary=f"The CRDs of VolumeSnapshots {'are' if told else 'seem to be'} missing: {count_of(len(frozen), len(implicit), 'boot source')} "
        f"stay on another StorageClass than {wanted} ({list_some(ref.name for ref in frozen)})",
        field="snapshot.storage.k8s.io",
        observed="the API group snapshot.storage.k8s.io is not served"
        if told
        else "the dump holds no object of snapshot.storage.k8s.io, and no image has moved",
        expected=f"the CustomResourceDefinitions {', '.join(names)}",
        since=None if row is ABSENT else instant_if_recent(made_default(row), ctx.limit(_GRACE), ctx),
        grace=ctx.limit(_GRACE),
        severity=severity_for(frozen, ctx),
        affects=tuple(frozen),
        fix=(
            Fix(command(ctx.platform.client, "get", "crd", *names), note="Shows which of them are missing"),
            advice(
                "Install the CRDs of the CSI snapshot controller; any change of the DataImportCrons then wakes CDI. Do not "
                "delete the images, which are the only copy: CDI would not import them again"
            ),
        ),
    )


def _elsewhere(cron: DataImportCron, wanted: str) -> bool:
    return cron.metadata.annotations.get(STORAGE_CLASS, "") not in ("", wanted)
