"""VirtualMachines and DataVolumes that wait for a DataSource that has no image."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.references._missing_targets import OPTIONAL, READS, edit_template
from exporter.checks.references._waiting_links import affected, alone, field_of_link, names, since, who
from exporter.checks.shared.data_source_causes import missing_causes, source_causes
from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.references import Link, Relevance, waiting
from exporter.kube.contract import Key
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=30), "how long a DataSource may take to become ready")
_REFUSED: Final = Threshold(
    "refusal-grace", timedelta(minutes=5), "the same for a reference to a kind that KubeVirt does not support"
)


class Problem(StrEnum):
    """Why a volume cannot be cloned; also tells findings about one DataSource apart."""

    KIND = "kind"
    NOT_READY = ""
    SOURCE_GONE = "source-gone"


@check(
    id="machine-source-not-ready",
    severity=Severity.WARNING,
    over=waiting,
    reads=READS,
    optional=OPTIONAL,
    summary="A virtual machine waits for a DataSource that is not ready",
    meaning=(
        "The disk of a VirtualMachine, or a DataVolume of its own that has a sourceRef, is to be cloned from something that "
        "has no image: a DataSource that is not ready, a placeholder without an uploaded image (win11 and its like), a "
        "volume that has gone meanwhile, or an object that is not a DataSource. All that wait for the same DataSource are "
        "one finding about that DataSource."
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
    """Judge references that somebody waits for. However many wait for one DataSource, it is one finding."""
    problems: dict[tuple[Problem, Key, str], list[Link]] = {}
    unknown: Unknown | None = None
    for link in links:
        if link.reference.dynamic or link.matter is Relevance.UNCLEAR:
            continue
        problem = _problem(link, ctx)
        if isinstance(problem, Unknown):
            unknown = problem
        elif problem is not None:
            part = link.reference.volume if ctx.ref == link.by else problem.value
            problems.setdefault((problem, link.target, part), []).append(link)
    failed = [_FAILED[problem](part, several, ctx) for (problem, _, part), several in problems.items()]
    return failed or unknown or PASSED


def _problem(link: Link, ctx: Context) -> Problem | Unknown | None:
    if not link.reference.supported:
        # A DataVolume that exists was made before the kind was changed.
        return None if link.matter is Relevance.WAITING else Problem.KIND
    source = ctx[DATA_SOURCES].get(*link.target)
    if source is ABSENT:
        return Problem.SOURCE_GONE if link.source_gone else None
    ready = source.ready
    if ready is ABSENT or not (ready.true or ready.false):
        return Unknown(f"CDI has not said whether DataSource {link.target} is ready")
    if ready.false:
        return Problem.NOT_READY
    return Problem.SOURCE_GONE if link.source_gone else None


def _fail_unsupported(part: str, links: list[Link], ctx: Context) -> Failed:
    link, kind = links[0], links[0].reference.kind
    return Failed(
        summary=f"{who(links)} gets no disk: it refers to a {kind}, which KubeVirt does not support",
        field=f"{field_of_link(link, ctx.ref)}.kind",
        observed=f"{kind}: {link.said}" if link.said else kind,
        expected="DataSource",
        since=link.since,
        grace=ctx.limit(_REFUSED),
        part=part,
        fix=None if link.in_volume else edit_template(link.by, ctx),
    )


def _not_ready(part: str, links: list[Link], ctx: Context) -> Failed:
    target = links[0].target
    source = ctx[DATA_SOURCES].rows[target]
    ready = source.ready
    reason, message, at = (
        ("", "", None) if ready is ABSENT else (ready.reason, ready.message, ready.last_transition_time)
    )
    what = "is a placeholder without an image" if source.placeholder and reason == "NotFound" else "is not ready"
    said = next((f"; {link.said}" for link in links if link.said), "")
    return Failed(
        summary=f"{_waits(links)}: DataSource {target} {what}{names(links)}",
        field=field_of_link(links[0], ctx.ref) if alone(links) else "",
        observed=f"{target}: {reason}: {message}{said}",
        expected="a DataSource that is ready",
        since=_fix_later(since(links), at),
        grace=ctx.limit(_GRACE),
        part=part,
        affects=affected(links),
        causes=(*source_causes(target), *missing_causes(target, ctx)),
    )


def _waits(links: list[Link]) -> str:
    later = all(link.matter is Relevance.LATER for link in links)
    if alone(links):
        if links[0].by.kind == "DataVolume":
            return f"{who(links)} waits for its source"
        return f"{who(links)} {'will wait for its disk when it starts' if later else 'waits for its disk'}"
    return f"{who(links)} {'will wait for their disks when they start' if later else 'wait for their disks'}"


def _fix_later(*instants: datetime | None) -> datetime | None:
    """Both must hold: somebody waits, and there is nothing to get."""
    return max((at for at in instants if at), default=None)


def _source_gone(part: str, links: list[Link], ctx: Context) -> Failed:
    """The DataVolume was made from what the DataSource stood for at that time. Made again it takes what it stands for now."""
    first, volumes = links[0], sorted({(link.by.namespace, link.reference.volume) for link in links})
    exists = first.target in ctx[DATA_SOURCES].rows
    state = "stands for a newer image" if exists else "does not exist any more"
    subject = f"DataVolume {volumes[0][1]} is gone" if len(volumes) == 1 else f"{len(volumes)} DataVolumes is gone"
    return Failed(
        summary=f"{_waits(links)}: the source of {subject}; DataSource {first.target} {state}{names(links)}",
        field=field_of_link(first, ctx.ref) if alone(links) else "",
        observed=first.said,
        expected="a DataVolume whose source exists",
        since=since(links),
        grace=ctx.limit(_GRACE),
        part=part,
        affects=affected(links),
        causes=missing_causes(first.target, ctx),
        fix=_make_again(volumes, ctx) if exists else edit_template(first.by, ctx) if alone(links) else None,
    )


def _make_again(volumes: list[tuple[str, str]], ctx: Context) -> Fix:
    """Delete the DataVolumes of one namespace, the first; run again, the check offers the next."""
    client, namespace = ctx.platform.client, volumes[0][0]
    mine = [name for space, name in volumes if space == namespace]
    return Fix(
        command(client, "delete", "datavolume", *mine, "-n", namespace),
        command(client, "get", "datavolume", *mine, "-n", namespace),
        f"Deletes {counted(len(mine), 'DataVolume')}, to which nothing has been copied yet; KubeVirt makes "
        f"{'it' if len(mine) == 1 else 'them'} again from the DataSource",
    )


_FAILED: Final = {Problem.KIND: _fail_unsupported, Problem.NOT_READY: _not_ready, Problem.SOURCE_GONE: _source_gone}
