"""A boot source without any image, because its cron was made anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.ids import CheckId
from exporter.checks.shared.polling import STOPS_POLLING
from exporter.checks.shared.storage import CAUSES, storage_causes
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, DATA_VOLUMES
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=5), "how long a new cron may be without an image")
_LONG: Final = Threshold("warning-after", timedelta(hours=1), "from when on it is a warning")
_TOO_LONG: Final = Threshold("critical-after", timedelta(hours=4), "from when on it is critical")
_OF_THE_CRON: Final[tuple[CheckId, ...]] = (
    *STOPS_POLLING,
    "cron-never-reconciled",
    "digest-unknown",
    "polling-frozen",
    "import-outdated",
    "immediate-binding-missing",
    "imports-to-keep-zero",
)


@check(
    id="image-being-rebuilt",
    severity=Severity.INFO,
    over=DATA_IMPORT_CRONS,
    reads=(DATA_SOURCES,),
    optional=CAUSES,
    summary="A boot source has no image yet since its cron was made",
    meaning=(
        "The spec of a cron cannot change, so SSP replaces the cron when its entry is edited or an upgrade brings new "
        "defaults. With retentionPolicy None, the default since CNV 4.22, CDI deletes the old image together with the old cron."
    ),
    impact="Until the new import is done, virtual machines of these templates cannot be created.",
    diagnosis="`oc get dataimportcron,datavolume -n NAMESPACE`: compare the age of the cron with the progress of its import.",
    mitigation="Wait for the import. Edit entries outside business hours, or with retentionPolicy All. If nothing moves, follow the cause.",
    thresholds=(_GRACE, _LONG, _TOO_LONG),
    alert_for=timedelta(hours=1),
    scenarios=("F50",),
)
def image_being_rebuilt(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge crons that take their image along when they go, and have made none yet."""
    made, namespace = cron.metadata.creation_timestamp, cron.metadata.namespace
    if cron.spec.retention_policy != "None" or cron.status.last_imported_p_v_c is not None or not cron.spec.schedule:
        return PASSED
    source = ctx[DATA_SOURCES].get(namespace, cron.spec.managed_data_source)
    ready = ABSENT if source is ABSENT else source.ready
    if made is None or (ready is not ABSENT and ready.true):
        return PASSED
    return Failed(
        summary=f"Boot source {cron.spec.managed_data_source} has no image since DataImportCron {cron.metadata.name} was made",
        field="status.lastImportedPVC",
        observed="absent",
        expected="a first import, and a DataSource that is ready",
        since=made,
        grace=ctx.limit(_GRACE),
        severity=_severity(made, ctx),
        causes=_causes(cron, ctx),
    )


def _severity(made: datetime, ctx: Context) -> Severity:
    if not ctx.older(made, ctx.limit(_LONG)):
        return Severity.INFO
    return Severity.CRITICAL if ctx.older(made, ctx.limit(_TOO_LONG)) else Severity.WARNING


def _causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    volume = DATA_VOLUMES.ref(cron.metadata.namespace, cron.current_import)
    own = tuple(Cause(check, ctx.ref) for check in _OF_THE_CRON)
    return (Cause("import-failing", volume), *own, *storage_causes(cron, ctx), Cause("cdi-degraded"))
