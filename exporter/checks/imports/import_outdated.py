"""A boot source whose newer image is known but has not been imported in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from exporter.base.durations import format_duration
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.ids import CheckId
from exporter.checks.shared.data_source_causes import image_causes
from exporter.checks.shared.storage import CAUSES, storage_causes
from exporter.cluster.resources import DATA_IMPORT_CRONS, PERSISTENT_VOLUME_CLAIMS
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT, Condition
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=30), "how long the import of an ordinary image may take")

_OF_THE_CRON: Final[tuple[CheckId, ...]] = (
    "imports-to-keep-zero",
    "image-pinned-by-digest",
    "source-claim-missing",
    "source-claim-unauthorized",
    "rival-cron",
    "immediate-binding-missing",
    "source-on-wrong-storage-class",
    "source-format-mismatch",
)


@check(
    id="import-outdated",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    reads=(PERSISTENT_VOLUME_CLAIMS,),
    optional=CAUSES,
    summary="A boot source is out of date: a newer image is known and not imported",
    meaning=(
        "Polling works and has found another digest, but the condition UpToDate has been False for longer than an import "
        "of an ordinary image takes. The reason says how far it came: Outdated (not begun) or ImportProgressing."
    ),
    impact="New virtual machines boot the previous image, or none if this would have been the first.",
    diagnosis="`oc get dataimportcron,datavolume,volumesnapshot -n NAMESPACE`; then CDI's log for the name of the cron.",
    mitigation=(
        "Follow the cause of the finding. Without one the import may just be slow: watch status.progress of the "
        "DataVolume; if it stands still, read the importer pod's log."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F33", "F36", "F41", "F42", "F44", "F45"),
)
def import_outdated(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge UpToDate. Without a digest there is nothing to import: another finding, or by design."""
    told = cron.condition("UpToDate")
    if told is ABSENT or not (told.true or told.false):
        return Unknown("CDI has not reported UpToDate yet")
    if told.true or told.reason == "NoDigest" or cron.metadata.deletion_timestamp is not None:
        return PASSED
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} is out of date: {told.message or told.reason}",
        field="status.conditions[type=UpToDate]",
        observed=f"False {told.reason}: {told.message}",
        expected=f"True within {format_duration(ctx.limit(_GRACE))} of a newer digest",
        since=_since(cron, told, ctx),
        grace=ctx.limit(_GRACE),
        causes=_causes(cron, ctx),
    )


def _since(cron: DataImportCron, told: Condition, ctx: Context) -> datetime | None:
    """The transition marks the end of the last success; a first import began no earlier than its claim."""
    if cron.status.last_imported_p_v_c is not None or told.last_transition_time is None:
        return told.last_transition_time
    claim = ctx[PERSISTENT_VOLUME_CLAIMS].get(cron.metadata.namespace, cron.current_import)
    made = None if claim is ABSENT else claim.metadata.creation_timestamp
    return max(told.last_transition_time, made) if made else told.last_transition_time


def _causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    namespace, name = cron.metadata.namespace, cron.current_import
    volume = tuple(image_causes(namespace, name))
    own = tuple(Cause(check, ctx.ref) for check in _OF_THE_CRON)
    return (*volume, *own, *storage_causes(cron, ctx), Cause("cdi-degraded"))
