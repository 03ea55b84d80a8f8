"""SSP cannot apply what HyperConverged lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Cause, Context, Failed, Unknown, Verdict, check
from exporter.checks.ids import CheckId
from exporter.checks.operators._conditions import (
    DEGRADED,
    ApplyError,
    could_not_apply,
    failing_condition,
    find_apply_error,
    reports_degraded,
    shorten,
)
from exporter.checks.shared.admission import REFUSED
from exporter.cluster.resources import SSPS
from exporter.joins.feeders import without_architecture
from exporter.model.ssp import SSP
from exporter.report import Severity

_EXPLAINED: Final[Mapping[str, tuple[CheckId, ...]]] = {
    "cron schedule": ("invalid-schedule",),
    "missing source": ("entry-without-source",),
    "missing registry source": ("entry-without-source",),
    'namespaces "': ("boot-image-namespace-missing",),
    r"failed calling webhook(?!.*ssp\.kubevirt\.io)": ("cdi-degraded",),
    "no matches for kind": ("cdi-degraded",),
}
"""Patterns of the message in lower case, and which findings explain them.

CDI before 1.62 says "Missing registry source". A webhook that cannot be called may be SSP's own: the template validator.
"""


@check(
    id="ssp-degraded",
    severity=Severity.CRITICAL,
    over=SSPS,
    summary="SSP cannot apply all boot sources",
    meaning=(
        "One object that SSP wants to write is refused, most often a DataImportCron by CDI's webhook: an illegal "
        "schedule, no source, a source of a wrong kind, or a namespace that does not exist."
    ),
    impact=(
        "SSP stops at the first refusal, and goes through its objects in no fixed order: any of the other boot sources "
        "and templates may not be applied either."
    ),
    diagnosis=(
        "The message in `oc get ssp -A -o yaml` contains the refusal in CDI's words. From SSP 0.23 on it also names the "
        "object; before, compare the refusal with the entries of HyperConverged."
    ),
    mitigation="Correct or disable the entry in HyperConverged. HCO reverts edits of SSP.",
    thresholds=(DEGRADED,),
    alert_for=timedelta(minutes=10),
    scenarios=("F07", "F10", "F11", "F15", "F31", "F69"),
)
def ssp_degraded(ssp: SSP, ctx: Context) -> Verdict:
    """Judge Degraded and Available; SSP is degraded for a moment after each change of its spec."""
    told = failing_condition(ssp.status.conditions)
    if told is None:
        return PASSED if reports_degraded(ssp.status.conditions) else Unknown("SSP has not said whether it is degraded")
    if not could_not_apply(told):
        return PASSED
    refused = find_apply_error(told.message)
    return Failed(
        summary=f"SSP {ssp.metadata.name} cannot apply "
        + (f"{refused.cron}: {shorten(refused.why)}" if refused else f"its objects: {shorten(told.message)}"),
        field=f"status.conditions[type={told.type}]",
        observed=f"{told.type} {told.status}: {shorten(told.message)}",
        expected="Degraded False, Available True",
        since=told.last_transition_time,
        grace=ctx.limit(DEGRADED),
        causes=_causes(told.message, refused, ctx),
    )


def _causes(message: str, refused: ApplyError | None, ctx: Context) -> tuple[Cause, ...]:
    """By the words of the refusal. What HCO did not ask for was written into SSP by something else."""
    text = (refused.why if refused else message).lower()
    found = dict.fromkeys(check for words, checks in _EXPLAINED.items() if re.search(words, text) for check in checks)
    if refused or "dataimportcron" in text:
        found["entry-refused-by-cdi"] = None
    if refused is None:
        return tuple(Cause(check) for check in found)
    entries = dict.fromkeys((refused.cron.name, without_architecture(refused.cron.name)))
    own = (Cause(check, part=entry) for check in found if check in REFUSED for entry in entries)
    drift = (Cause("entry-not-propagated", ctx.ref, entry) for entry in entries)
    return (*(Cause(check) for check in found if check not in REFUSED), *own, *drift)
