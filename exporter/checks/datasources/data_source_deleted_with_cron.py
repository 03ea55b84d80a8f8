"""A DataSource of somebody's own that CDI will delete together with a cron."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.model.cdi import CLEANUP_LABEL, CRON_LABEL, DataSource, owned_by_ssp
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="data-source-deleted-with-cron",
    severity=Severity.WARNING,
    over=DATA_SOURCES,
    reads=(DATA_IMPORT_CRONS,),
    summary="A DataSource of your own will be deleted with a cron",
    meaning=(
        "CDI copies the labels of a ready claim or snapshot to every DataSource that stands for it. A DataSource of your own "
        "on the image of a cron has so become part of it: what carries both of the cron's labels goes when the cron goes, "
        "and SSP replaces the cron whenever its entry changes or the platform is upgraded."
    ),
    impact="One day the DataSource is gone, and nothing can be made from it any more.",
    diagnosis="`oc get datasource -n NAMESPACE -l cdi.kubevirt.io/dataImportCron.cleanup=true --show-labels`.",
    mitigation=(
        "Removing the labels does not last: CDI copies them again. Clone the claim or snapshot into a DataVolume of your own "
        "(`virtctl create clone` or a DataVolume with spec.source), point spec.source of the DataSource at the clone, and then "
        "remove both labels: `oc label datasource NAME -n NAMESPACE cdi.kubevirt.io/dataImportCron- "
        "cdi.kubevirt.io/dataImportCron.cleanup-`."
    ),
    alert_for=timedelta(minutes=10),
    scenarios=("F60",),
)
def data_source_deleted_with_cron(source: DataSource, ctx: Context) -> Verdict:
    """Judge DataSources with both labels that are not the one which the labelled cron manages."""
    name, namespace = source.metadata.name, source.metadata.namespace
    if not source.cron or source.metadata.labels.get(CLEANUP_LABEL) != "true" or owned_by_ssp(source.metadata):
        return PASSED
    cron = ctx[DATA_IMPORT_CRONS].get(namespace, source.cron)
    if cron is ABSENT or cron.spec.managed_data_source == name:
        return PASSED
    image = source.spec.source.snapshot or source.spec.source.pvc
    shared = f": it stands for {image.name}, an image of that cron" if image else ""
    return Failed(
        summary=f"DataSource {name} will be deleted together with DataImportCron {source.cron}{shared}",
        field=f"metadata.labels[{CLEANUP_LABEL}]",
        observed=f"true, with {CRON_LABEL}={source.cron}, which manages {cron.spec.managed_data_source or 'nothing'}",
        expected="neither label on a DataSource that no cron manages",
    )
