"""A DataSource that does not say which preference suits its image."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.shared.storage import instant_if_recent
from exporter.cluster.resources import DATA_SOURCES
from exporter.model.cdi import DEFAULT_PREFERENCE, DataSource
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(hours=24), "how long a DataSource may lack it")


@check(
    id="data-source-without-preference",
    severity=Severity.INFO,
    over=DATA_SOURCES,
    summary="A ready DataSource names no default preference",
    meaning=(
        "The label instancetype.kubevirt.io/default-preference is missing. Container disks bring it along since CDI 1.60; "
        "images that were uploaded, copied from a claim or built without it do not."
    ),
    impact="The console offers the volume without defaults, and a virtual machine that infers them from its volume is rejected.",
    diagnosis="`oc get datasource NAME -n NAMESPACE --show-labels` and `oc get virtualmachineclusterpreference`.",
    mitigation=(
        "Label the DataSource: `oc label datasource NAME -n NAMESPACE instancetype.kubevirt.io/default-preference=PREFERENCE "
        "instancetype.kubevirt.io/default-instancetype=INSTANCETYPE`; for a boot source of HCO set the labels of its entry."
    ),
    thresholds=(_GRACE,),
    undated="a label that is removed leaves no trace",
    alert_for=timedelta(hours=24),
    scenarios=("F59",),
)
def data_source_without_preference(source: DataSource, ctx: Context) -> Verdict:
    """Judge ready DataSources that stand for an image themselves; pointers carry no labels."""
    ready = source.ready
    if ready is ABSENT:
        return Unknown("CDI has not reported Ready yet")
    if not ready.true or source.spec.source.data_source is not None or source.metadata.labels.get(DEFAULT_PREFERENCE):
        return PASSED
    return Failed(
        summary=f"DataSource {source.metadata.name} names no default preference: nothing can be inferred from it",
        field=f"metadata.labels[{DEFAULT_PREFERENCE}]",
        observed="absent",
        expected="the name of a preference that suits the image",
        since=instant_if_recent(source.metadata.creation_timestamp, ctx.limit(_GRACE), ctx),
        grace=ctx.limit(_GRACE),
    )
