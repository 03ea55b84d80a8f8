"""What the checks on operators share: reading conditions, and commands on operators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from exporter.base.excerpts import both_ends
from exporter.checks.check import Context, Threshold
from exporter.checks.fixes import Fix, command, named
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.model.wire import ABSENT, Condition, find

RECONCILE: Final = Threshold("lag", timedelta(minutes=5), "how long an operator may take to see a change")
DEGRADED: Final = Threshold("grace", timedelta(minutes=10), "how long an operator may be unwell while it works")
_LONG: Final = 240
_SAYS: Final = re.compile(r"(NotAvailable|NotUpgradeable|Degraded|Progressing|Conditions)$")


def trouble(conditions: tuple[Condition, ...]) -> Condition | None:
    """The condition that says that an operator is not well: Degraded, else not Available. None if it says neither."""
    degraded, available = find(conditions, "Degraded"), find(conditions, "Available")
    if degraded is not ABSENT and degraded.true:
        return degraded
    if available is not ABSENT and available.false:
        return available
    return None


def could_not_apply(told: Condition) -> bool:
    """SSP failed to write one of its objects. Else it has written all, and some are not available yet."""
    return told.message.lstrip().startswith("Error:")


def said(conditions: tuple[Condition, ...]) -> bool:
    """The operator has told whether it is degraded: neither absent nor Unknown."""
    degraded = find(conditions, "Degraded")
    return degraded is not ABSENT and (degraded.true or degraded.false)


def component(reason: str) -> str:
    """The component that HCO names in a reason such as `SSPNotAvailable`; its own ones begin with HCO or Reconcile."""
    return _SAYS.sub("", reason)


def lag(generation: int | None, observed: int | None) -> str:
    """Text that says how far an operator is behind the spec; "" if it is not, or if the object does not tell."""
    if generation is None or observed is None or generation == observed:
        return ""
    return f"generation {generation}, observedGeneration {observed}"


UNDATED: Final = (
    "has not seen its newest spec yet, and nothing tells since when: the dump was taken without managedFields "
    "(`oc get --show-managed-fields -o yaml` or `bootsource-exporter collect` keeps them)"
)
"""Just edited, or stuck for days: an operator may need some minutes, so this is neither a finding nor an all-clear."""


def short(text: str) -> str:
    """A message, cut to what one can read: its beginning and its end."""
    return both_ends(text, _LONG)


def restart(ctx: Context, operator: str, watched: str) -> Fix:
    """Restart an operator's deployment, and look at the object that it should then reconcile."""
    client, namespace = ctx.platform.client, ctx.ref.namespace or ctx.platform.operator_namespace
    progress = "jsonpath={.metadata.generation} {.status.observedGeneration}"
    return Fix(
        command(client, "rollout", "restart", f"deploy/{operator}", "-n", namespace),
        command(client, "get", *named(ctx.ref, watched), "-o", progress),
        f"Read `{client} logs -n {namespace} deploy/{operator}` first: what stopped the operator may stop it again",
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """A DataImportCron that could not be applied, as SSP tells it."""

    cron: Ref
    why: str


_REFUSED: Final = re.compile(r"DataImportCron object (?P<namespace>[^/\s]+)/(?P<name>[^:\s]+): (?P<why>.*)", re.DOTALL)


def refusal(message: str) -> Refusal | None:
    """The DataImportCron that a message of SSP names, with the API server's own words; None if it is about another thing."""
    match = _REFUSED.search(message)
    if match is None:
        return None
    why = match["why"].rpartition("denied the request: ")[2].removeprefix("failed creating object: ").strip()
    return Refusal(DATA_IMPORT_CRONS.ref(match["namespace"], match["name"]), why)
