"""A VirtualMachine that waits for a DataSource that has no image."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.references._missing_targets import OPTIONAL, READS, edit, field_of
from exporter.checks.shared.data_source_causes import of_missing, of_source
from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.references import Link, Matter, live_machines
from exporter.model.cdi import DataSource
from exporter.model.wire import ABSENT, Condition
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=30), "how long a DataSource may take to become ready")
_REFUSED: Final = Threshold(
    "refusal-grace", timedelta(minutes=5), "the same for a reference to a kind that KubeVirt does not support"
)


@check(
    id="machine-source-not-ready",
    severity=Severity.WARNING,
    over=live_machines,
    reads=READS,
    optional=OPTIONAL,
    summary="A virtual machine waits for a DataSource that is not ready",
    meaning=(
        "The disk of the machine is to be cloned from something that has no image: a DataSource that is not ready, a "
        "placeholder to which nobody has uploaded one (win11 and its like), a volume that has gone meanwhile, or an object "
        "that is no DataSource at all."
    ),
    impact="The machine stays in Provisioning or fails with FailedCreate.",
    diagnosis="`oc get virtualmachine,datavolume -n NAMESPACE` and `oc describe datavolume NAME -n NAMESPACE`; `oc get datasource -A`.",
    mitigation=(
        "Follow the cause of the finding. A placeholder becomes ready with `virtctl image-upload pvc NAME -n NAMESPACE`, where "
        "NAME is that of the DataSource. A DataVolume whose source has gone meanwhile must be deleted: KubeVirt makes it anew."
    ),
    thresholds=(_GRACE, _REFUSED),
    alert_for=timedelta(minutes=15),
    scenarios=("F54", "F57"),
)
def machine_source_not_ready(links: tuple[Link, ...], ctx: Context) -> Verdict:
    """Judge references that somebody waits for."""
    verdicts = [
        _judged(link, ctx) for link in links if not link.reference.dynamic and link.matter is not Matter.UNCLEAR
    ]
    failed = [v for v in verdicts if isinstance(v, Failed)]
    return failed or next((v for v in verdicts if isinstance(v, Unknown)), PASSED)


def _judged(link: Link, ctx: Context) -> Failed | Unknown | None:
    if not link.reference.supported:
        # A DataVolume that exists was made before the kind was changed.
        return None if link.matter is Matter.WAITING else _unsupported(link, ctx)
    source = ctx[DATA_SOURCES].get(*link.target)
    if source is ABSENT:
        return (
            _orphaned(link, f"DataSource {link.target} does not exist any more", ctx, edit(ctx.ref, ctx))
            if link.source_gone
            else None
        )
    ready = source.ready
    if ready is ABSENT or not (ready.true or ready.false):
        return Unknown(f"CDI has not said whether DataSource {link.target} is ready")
    if ready.false:
        return _not_ready(link, source, ready, ctx)
    return _orphaned(link, f"DataSource {link.target} stands for a newer image", ctx) if link.source_gone else None


def _unsupported(link: Link, ctx: Context) -> Failed:
    kind = link.reference.kind
    return Failed(
        summary=f"VirtualMachine {ctx.ref.name} gets no disk: it refers to a {kind}, which KubeVirt does not support",
        field=f"{field_of(link.reference)}.kind",
        observed=f"{kind}: {link.said}" if link.said else kind,
        expected="DataSource",
        since=link.since,
        grace=ctx.limit(_REFUSED),
        part=link.reference.volume,
        fix=edit(ctx.ref, ctx),
    )


def _not_ready(link: Link, source: DataSource, ready: Condition, ctx: Context) -> Failed:
    what = "is a placeholder without an image" if source.placeholder and ready.reason == "NotFound" else "is not ready"
    verb = "will wait for its disk when it starts" if link.matter is Matter.LATER else "waits for its disk"
    said = f"; {link.said}" if link.said else ""
    return Failed(
        summary=f"VirtualMachine {ctx.ref.name} {verb}: DataSource {link.target} {what}",
        field=field_of(link.reference),
        observed=f"{link.target}: {ready.reason}: {ready.message}{said}",
        expected="a DataSource that is ready",
        since=_later(link.since, ready.last_transition_time),
        grace=ctx.limit(_GRACE),
        part=link.reference.volume,
        causes=(*of_source(link.target), *of_missing(link.target, ctx)),
    )


def _later(*instants: datetime | None) -> datetime | None:
    """Both must hold: somebody waits, and there is nothing to get."""
    return max((at for at in instants if at), default=None)


def _orphaned(link: Link, why: str, ctx: Context, fix: Fix | None = None) -> Failed:
    """The DataVolume was made from what the DataSource stood for at that time. Made anew it takes what it stands for now."""
    client, name, namespace = ctx.platform.client, link.reference.volume, ctx.ref.namespace
    return Failed(
        summary=f"VirtualMachine {ctx.ref.name} waits for its disk: the source of DataVolume {name} is gone; {why}",
        field=field_of(link.reference),
        observed=link.said,
        expected="a DataVolume whose source exists",
        since=link.since,
        grace=ctx.limit(_GRACE),
        part=name,
        causes=of_missing(link.target, ctx),
        fix=fix
        or Fix(
            command(client, "delete", "datavolume", name, "-n", namespace),
            command(client, "get", "datavolume", name, "-n", namespace),
            f"Deletes DataVolume {name}, to which nothing has been copied yet; KubeVirt makes it again from the DataSource",
        ),
    )
