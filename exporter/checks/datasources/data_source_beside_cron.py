"""A DataSource that somebody made for a cron which in fact manages another one."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Unknown, Verdict, check
from exporter.checks.datasources._readiness import NOT_READY
from exporter.checks.fixes import Fix, command, object_args
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.crons import crons_by_data_source
from exporter.joins.feeders import without_architecture
from exporter.kube.contract import Key
from exporter.model.cdi import DataSource, owned_by_ssp
from exporter.model.wire import ABSENT
from exporter.report import Severity

_DEFAULTS = "instancetype.kubevirt.io/default-"
"""Prefix of the labels that make a DataSource a bootable volume with defaults."""


@check(
    id="data-source-beside-cron",
    severity=Severity.WARNING,
    over=DATA_SOURCES,
    reads=(crons_by_data_source,),
    summary="A DataSource stays empty beside the one that its cron fills",
    meaning=(
        "The console's dialog for a bootable volume with a schedule and an architecture has made a DataSource with the "
        "architecture in its name, and a cron that manages the name without it. CDI made that one itself, without the labels."
    ),
    impact="The import succeeds, but the volume never shows up as bootable, and what was made for it stays not ready for ever.",
    diagnosis="`oc get datasource,dataimportcron -n NAMESPACE`; compare managedDataSource with the names of the DataSources.",
    mitigation=(
        "Move the instance type labels to the DataSource that the cron fills and delete the empty one, as the command of the "
        "finding does; or recreate the cron (its spec cannot change) with the longer name as managedDataSource."
    ),
    thresholds=(NOT_READY,),
    alert_for=timedelta(hours=1),
    scenarios=("F68",),
)
def data_source_beside_cron(source: DataSource, ctx: Context) -> Verdict:
    """Judge DataSources without a cron whose name, less its architecture, some hand-made cron manages."""
    name, namespace, ready = source.metadata.name, source.metadata.namespace, source.ready
    stem, defaults = without_architecture(name), _defaults(source)
    if stem == name or source.cron or not defaults or owned_by_ssp(source.metadata):
        return PASSED
    by_target = ctx.join(crons_by_data_source)
    crons = [c for c in by_target.get(Key(namespace, stem), ()) if not owned_by_ssp(c.metadata)]
    if not crons or Key(namespace, name) in by_target:
        return PASSED
    if ready is ABSENT or not (ready.true or ready.false):
        return Unknown("CDI has not reported Ready yet")
    if ready.true or ready.reason not in ("NoSource", "NotFound"):
        return PASSED
    cron = crons[0].metadata.name
    return Failed(
        summary=f"DataSource {name} stays empty: DataImportCron {cron} fills DataSource {stem} instead",
        field="status.conditions[type=Ready]",
        observed=f"False {ready.reason}: {ready.message}; {cron} manages {stem}",
        expected=f"a cron that manages {name}",
        since=ready.last_transition_time,
        grace=ctx.limit(NOT_READY),
        fix=_move(defaults, DATA_SOURCES.ref(namespace, stem), ctx),
    )


def _defaults(source: DataSource) -> dict[str, str]:
    return {key: value for key, value in sorted(source.metadata.labels.items()) if key.startswith(_DEFAULTS)}


def _move(labels: dict[str, str], to: Ref, ctx: Context) -> tuple[Fix, ...]:
    client = ctx.platform.client
    verify = command(client, "get", "datasource", "-n", to.namespace, "--show-labels")
    label = command(
        client, "label", "--overwrite", *object_args(to), *(f"{key}={value}" for key, value in labels.items())
    )
    return (
        Fix(label, verify, note=f"First: {to.name} shows up as bootable then, and the empty one is left"),
        Fix(
            command(client, "delete", *object_args(ctx.ref)),
            verify,
            "Deletes the DataSource that stays empty; templates and virtual machines that name it must name the other one",
        ),
    )
