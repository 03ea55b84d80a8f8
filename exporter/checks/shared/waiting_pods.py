"""What Kubernetes says of a pod that has not started."""

from __future__ import annotations

from typing import Final

from exporter.base.excerpts import both_ends
from exporter.checks.check import Context
from exporter.cluster.resource import Ref
from exporter.joins.warnings import said_of, warnings
from exporter.model.core import Pod

_NOT_SCHEDULED: Final = "Unschedulable"


def reason_of(row: Pod) -> str:
    """One word for what it waits for."""
    return _NOT_SCHEDULED if row.unscheduled else row.waiting.reason if row.waiting else "Pending"


def describe_waiting(pod: Ref, row: Pod, ctx: Context) -> str:
    """What it waits for, and the warnings about it, if `warnings` is declared and known."""
    waiting = row.waiting
    why = f"{waiting.reason}: {waiting.message}".rstrip(": ") if waiting else row.unscheduled or row.status.phase
    return both_ends("; ".join((f"{pod} {why}", *said_of(ctx.consult(warnings, {}), pod))))
