"""A DataSource that does not get the images of its cron."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command, object_args
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.joins.crons import crons_by_data_source
from exporter.kube.contract import Key
from exporter.model.cdi import CLEANUP_LABEL, CRON_LABEL, DataImportCron, DataSource, Pointer, owned_by_ssp
from exporter.model.wire import ABSENT
from exporter.report import Severity

_DRIFT: Final = Threshold("grace", timedelta(minutes=10), "how long CDI may take to point a DataSource at a new image")
"""Healthy reconciles bring cron and DataSource together within seconds."""
_EXACT_LABEL_SINCE: Final = 60
"""The minor version of CDI from which the label must equal the cron's name; before, any value would do."""
_FROZEN: Final = (
    "polling-frozen",
    "source-on-wrong-storage-class",
    "source-format-mismatch",
    "imports-to-keep-zero",
)
"""Findings on a cron that CDI cannot reconcile to its end."""


@check(
    id="data-source-not-following-cron",
    severity=Severity.WARNING,
    over=DATA_SOURCES,
    reads=(crons_by_data_source,),
    summary="A DataSource does not follow its cron",
    meaning=(
        "The cron is up to date, but the DataSource that it manages carries another cron's label, or none, or still points at "
        "an older image. CDI (1.60 and later) passes over a DataSource whose label is not the cron's name, without a word."
    ),
    impact="New virtual machines boot an old image, although the cron reports that it is up to date.",
    diagnosis="Compare `oc get datasource NAME -n NAMESPACE --show-labels` with status.lastImportedPVC of the cron.",
    mitigation=(
        "Set the label to the name of the cron. SSP restores it on DataSources of its own; if it comes back wrong, the claim "
        "or snapshot that the DataSource points at carries the wrong label, which CDI copies."
    ),
    thresholds=(_DRIFT,),
    undated="a label that is changed or removed leaves no trace",
    alert_for=timedelta(minutes=30),
    scenarios=("F15", "F52"),
)
def data_source_not_following_cron(source: DataSource, ctx: Context) -> Verdict:
    """Judge DataSources that an up-to-date cron names. While a cron imports, both may differ."""
    cron = _owner(source, ctx)
    if cron is None or not _import_is_old(cron, ctx):
        return PASSED
    labelled = source.cron == cron.metadata.name or _any_label_will_do(source, ctx)
    elsewhere = _elsewhere(source, cron)
    if labelled:
        return _fail_not_moved(source, cron, ctx) if elsewhere else PASSED
    label = f"carries the label of {source.cron}" if source.cron else "carries no label of a cron"
    stale = f", and points at {_points_at(source)}" if elsewhere else ""
    return Failed(
        summary=f"DataSource {source.metadata.name} does not follow its cron {cron.metadata.name}: it {label}{stale}",
        field=f"metadata.labels[{CRON_LABEL}]",
        observed=source.cron or "absent",
        expected=cron.metadata.name,
        since=_unready_since(source),
        grace=ctx.limit(_DRIFT),
        causes=_label_causes(source, ctx),
        fix=_label(cron, ctx),
    )


def _unready_since(source: DataSource) -> datetime | None:
    """A DataSource that points to nothing usable has been astray for at least as long."""
    ready = source.ready
    return ready.last_transition_time if ready is not ABSENT and ready.false else None


def _owner(source: DataSource, ctx: Context) -> DataImportCron | None:
    """The cron that the label names, else one that names the DataSource and is up to date."""
    crons = ctx.join(crons_by_data_source).get(Key(source.metadata.namespace, source.metadata.name), ())
    labelled = [c for c in crons if c.metadata.name == source.cron]
    return next(iter(labelled or [c for c in crons if _import_is_old(c, ctx)]), None)


def _import_is_old(cron: DataImportCron, ctx: Context) -> bool:
    """The cron has finished its import, long enough ago for the DataSource to follow."""
    told = cron.condition("UpToDate")
    if told is ABSENT or not told.true or cron.metadata.deletion_timestamp is not None:
        return False
    return ctx.older(told.last_transition_time, ctx.limit(_DRIFT)) or told.last_transition_time is None


def _any_label_will_do(source: DataSource, ctx: Context) -> bool:
    """An old CDI takes any label; one of unknown version gets the benefit of the doubt."""
    return bool(source.cron) and not ctx.platform.cdi_since(_EXACT_LABEL_SINCE)


def _pointer(source: DataSource) -> Pointer | None:
    return source.spec.source.snapshot or source.spec.source.pvc


def _elsewhere(source: DataSource, cron: DataImportCron) -> bool:
    """It points at something else than the last import. Claim or snapshot of the same name is another matter."""
    imported, pointer, namespace = cron.status.last_imported_p_v_c, _pointer(source), source.metadata.namespace
    if imported is None or source.spec.source.data_source is not None:
        return False
    if pointer is None:
        return True
    wanted = (imported.namespace or namespace, imported.name)
    return (pointer.namespace or namespace, pointer.name) != wanted


def _points_at(source: DataSource) -> str:
    pointer = _pointer(source)
    return pointer.name if pointer is not None else "nothing"


def _fail_not_moved(source: DataSource, cron: DataImportCron, ctx: Context) -> Failed:
    """The label is right and CDI does not move it: its reconcile of the cron fails, or it does not run."""
    imported, ref = cron.status.last_imported_p_v_c, DATA_IMPORT_CRONS.ref(cron.metadata.namespace, cron.metadata.name)
    return Failed(
        summary=f"DataSource {source.metadata.name} points at {_points_at(source)}, not at the newest image of its cron "
        f"{cron.metadata.name}",
        field="spec.source",
        observed=_points_at(source),
        expected=imported.name if imported else "",
        since=cron.status.last_import_timestamp,
        grace=ctx.limit(_DRIFT),
        causes=(Cause("cdi-degraded"), *(Cause(check, ref) for check in _FROZEN)),
    )


def _label_causes(source: DataSource, ctx: Context) -> tuple[Cause, ...]:
    """SSP keeps the labels of its own DataSources right; those of others only their owners do."""
    if not owned_by_ssp(source.metadata):
        return ()
    return tuple(Cause(check) for check in ("boot-image-namespace-missing", "ssp-paused", "ssp-degraded"))


def _label(cron: DataImportCron, ctx: Context) -> Fix:
    client, target = ctx.platform.client, object_args(ctx.ref)
    return Fix(
        # CDI deletes what carries the label of the cleanup and that of a cron; it sets both itself where they belong.
        command(client, "label", "--overwrite", *target, f"{CRON_LABEL}={cron.metadata.name}", f"{CLEANUP_LABEL}-"),
        command(client, "get", *target, "-o", "jsonpath={.metadata.labels}{.spec.source}"),
        note="New virtual machines boot the newest image of this DataImportCron",
    )
