"""What the checks on operators share: reading conditions, and commands on operators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from exporter.base.excerpts import both_ends
from exporter.checks.check import Context, Threshold
from exporter.checks.fixes import Fix, command, object_args
from exporter.checks.shared import costs
from exporter.checks.shared.costs import read_log
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.model.wire import ABSENT, Condition, find_condition

RECONCILE: Final = Threshold("lag", timedelta(minutes=5), "how long an operator may take to see a change")
DEGRADED: Final = Threshold("grace", timedelta(minutes=10), "how long an operator may be unwell while it works")
_LONG: Final = 240
_SAYS: Final = re.compile(r"(NotAvailable|NotUpgradeable|Degraded|Progressing|Conditions)$")


def failing_condition(conditions: tuple[Condition, ...]) -> Condition | None:
    """The condition that says that an operator is not well: Degraded, else not Available. None if it says neither."""
    degraded, available = find_condition(conditions, "Degraded"), find_condition(conditions, "Available")
    if degraded is not ABSENT and degraded.true:
        return degraded
    if available is not ABSENT and available.false:
        return available
    return None


def could_not_apply(told: Condition) -> bool:
    """SSP failed to write one of its objects. Else it has written all, and some are not available yet."""
    return told.message.lstrip().startswith("Error:")


def reports_degraded(conditions: tuple[Condition, ...]) -> bool:
    """The operator has told whether it is degraded: neither absent nor Unknown."""
    degraded = find_condition(conditions, "Degraded")
    return degraded is not ABSENT and (degraded.true or degraded.false)


def component_of(reason: str) -> str:
    """The component that HCO names in a reason such as `SSPNotAvailable`; its own ones begin with HCO or Reconcile."""
    return _SAYS.sub("", reason)


def describe_lag(generation: int | None, observed: int | None) -> str:
    """Text that says how far an operator is behind the spec; "" if it is not, or if the object does not tell."""
    if generation is None or observed is None or generation == observed:
        return ""
    return f"generation {generation}, observedGeneration {observed}"


UNDATED: Final = (
    "has not seen its newest spec yet, and nothing tells since when: the dump was taken without managedFields "
    "(`oc get --show-managed-fields -o yaml` or `bootsource-exporter collect` keeps them)"
)
"""Just edited, or stuck for days: an operator may need some minutes, so this is neither a finding nor an all-clear."""


def shorten(text: str) -> str:
    """A message, cut to what one can read: its beginning and its end."""
    return both_ends(text, _LONG)


def restart_operator(ctx: Context, operator: str, watched: str) -> tuple[Fix, ...]:
    """Read an operator's log; then restart it, and look at the object that it should reconcile."""
    client, namespace = ctx.platform.client, ctx.ref.namespace or ctx.platform.operator_namespace
    progress = "jsonpath={.metadata.generation} {.status.observedGeneration}"
    verify = command(client, "get", *object_args(ctx.ref, watched), "-o", progress)
    log = read_log(operator, namespace, ctx, "What stops the operator stands in its log; correct that first")
    last = costs.restart(operator, namespace, ctx, verify, note="Only if the log names nothing to correct")
    return log, last


@dataclass(frozen=True, slots=True)
class ApplyError:
    """A DataImportCron that could not be applied, as SSP tells it."""

    cron: Ref
    why: str


_REFUSED: Final = re.compile(r"DataImportCron object (?P<namespace>[^/\s]+)/(?P<name>[^:\s]+): (?P<why>.*)", re.DOTALL)


def find_apply_error(message: str) -> ApplyError | None:
    """The DataImportCron that a message of SSP names, with the API server's own words; None if it is about another thing."""
    match = _REFUSED.search(message)
    if match is None:
        return None
    why = match["why"].rpartition("denied the request: ")[2].removeprefix("failed creating object: ").strip()
    return ApplyError(DATA_IMPORT_CRONS.ref(match["namespace"], match["name"]), why)
