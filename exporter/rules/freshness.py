"""Freshness as an objective: how long ago each boot source was last proven to hold the newest image.

Not the age of the image: an image of last year is fresh if its registry has nothing newer and was asked today.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.report import Severity
from exporter.rules.alert import Alert, Recording
from exporter.rules.continuity import firing
from exporter.rules.roots import ROOT

OBJECTIVE: Final = 0.95
"""Share of the time in which a boot source is to be proven fresh."""
WINDOW: Final = timedelta(days=14)
"""Over which it is counted, with weights that fall by half every ten days: what is older counts less and less."""
INTERVAL: Final = timedelta(minutes=5)
"""How often it is evaluated."""

_CRON: Final = ("cluster", "object_namespace", "dataimportcron")
_BY: Final = ", ".join(_CRON)
UNPROVEN: Final = "dataimportcron:bootsource_unproven:seconds"
STALE: Final = "dataimportcron:bootsource_stale:bool"
FRESH: Final = "dataimportcron:bootsource_fresh:bool"
OBSERVED: Final = "dataimportcron:bootsource_observed:seconds"
STALE_FOR: Final = "dataimportcron:bootsource_stale:seconds"
BUDGET: Final = "dataimportcron:bootsource_freshness_budget:remaining"
_STEP: Final = INTERVAL // timedelta(seconds=1)
_KEEP: Final = 1 - INTERVAL / WINDOW
"""What of a sum is left after one evaluation: its weights add up to the window."""
_RECENT: Final = f"avg_over_time({STALE}[6h])"
_STILL: Final = 0.1
"""Share of the last six hours: a source that is fresh again has stopped spending its budget."""


def _sum(name: str, step: str) -> str:
    """A sum over the window that needs no sample older than a day: it goes on from its own last value.

    Prometheus may keep samples for a day only, as the monitoring of user workloads on OpenShift does; an average over
    14 days would silently be one over a day there.
    """
    before = f"last_over_time({name}[1d])"
    return f"({before} * {_KEEP:.8f} + on ({_BY}) {step}) or on ({_BY}) {step}"


FRESHNESS_RECORDINGS: Final = (
    Recording(
        name=UNPROVEN,
        expr=f"time() - max by ({_BY}) (bootsource_dataimportcron_proven_newest_timestamp_seconds)",
        labels=_CRON,
        help="Seconds since a boot source was last proven to hold the newest image: polled successfully, and nothing "
        "newer than what it has. No sample for one that has no image yet.",
    ),
    Recording(
        name=STALE,
        expr=f"{UNPROVEN} > bool on (cluster) group_left () max by (cluster) (bootsource_freshness_target_seconds)",
        labels=_CRON,
        help="1 while a boot source has not been proven fresh for longer than the target (`--freshness-target`), else 0.",
    ),
    Recording(
        name=FRESH,
        expr=f"1 - {STALE}",
        labels=_CRON,
        help="The opposite: 1 while a boot source is proven fresh, else 0. For tools that make objectives of it.",
    ),
    Recording(
        name=OBSERVED,
        expr=_sum(OBSERVED, f"(0 * {STALE} + {_STEP})"),
        labels=_CRON,
        help="Seconds for which it is known whether a boot source was fresh, what is long ago with less weight: the window "
        f"that the objective really has. It grows to {WINDOW.days} days; after a gap of more than a day it begins again.",
    ),
    Recording(
        name=STALE_FOR,
        expr=_sum(STALE_FOR, f"({_STEP} * {STALE})"),
        labels=_CRON,
        help="Seconds of these in which a boot source was not proven fresh, with the same weights.",
    ),
    Recording(
        name=BUDGET,
        expr=f"clamp(1 - {STALE_FOR} / on ({_BY}) {OBSERVED} / {1 - OBJECTIVE:.2f}, 0, 1)",
        labels=_CRON,
        help=f"Error budget that a boot source has left, from 1 (all) to 0 (none). The objective is {OBJECTIVE:.0%} of the "
        f"window that `{OBSERVED}` tells.",
    ),
)

_NAME: Final = "BootSourceFreshnessBudgetBurning"
_OBJECT: Final = ("cluster", "object_namespace", "object")
_WHERE: Final = ", ".join(_OBJECT)
_SPENT: Final = f"max by ({_BY}) ({_RECENT}) > {_STILL} and on ({_BY}) max by ({_BY}) ({BUDGET}) == 0"
_EXPR: Final = f'label_replace({_SPENT}, "object", "$1", "dataimportcron", "(.*)")'
_CAUSES: Final = (
    f'unless on ({_WHERE}) max by ({_WHERE}) ({ROOT}{{kind="DataImportCron",severity=~"critical|warning"}}) '
    f'unless on (cluster) max by (cluster) ({ROOT}{{severity="critical"}} or {ROOT}{{area=~"operators|storage",severity="warning"}})'
)
"""A boot source with a problem of its own is known not to be fresh; and none stays fresh while operators or storage are
broken for all. What fires already goes on."""

FRESHNESS: Final = (
    Alert(
        name=_NAME,
        expr=f"{_EXPR} {_CAUSES} or ({_EXPR} and on ({_WHERE}) {firing(_NAME, _OBJECT, within='11m')})",
        labels=(*_CRON, "object"),
        static=(("kind", "DataImportCron"),),
        severity=Severity.WARNING,
        for_=timedelta(hours=1),
        keep_firing_for=timedelta(minutes=30),
        summary="DataImportCron {{ $labels.object_namespace }}/{{ $labels.object }}: too often not proven to have the newest "
        "image",
        description=(
            "In {{ $value | humanizePercentage }} of the last six hours it was not proven within the freshness target that "
            "this boot source has the newest image, and its error budget is spent. "
            "Effect: virtual machines may be created from an image without the newest fixes"
        ),
        command="oc describe dataimportcron {{ $labels.object }} -n {{ $labels.object_namespace }}",
        meaning=(
            "A boot source is fresh when its source was polled successfully and had nothing newer, within the target that "
            f"`--freshness-target` sets. This one was not for more than {1 - OBJECTIVE:.0%} of the time, and still is not for "
            f"more than {_STILL:.0%} of the last six hours: a problem that comes and goes, or one that no other alert explains. "
            f"The time that counts is up to {WINDOW.days} days, what is long ago with less weight; `{OBSERVED}` tells how much "
            "of it there is. The age of the image does not matter: if there is nothing newer, it is fresh."
        ),
        impact="Virtual machines may be created from an image without the newest security fixes.",
        diagnosis="""\
When was it polled, and what did CDI say?

```bash
oc get dataimportcron -A -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name,POLLED:.status.lastExecutionTimestamp,IMPORTED:.status.lastImportTimestamp
bootsource-exporter audit
```

How the budget was spent, in Prometheus: `dataimportcron:bootsource_unproven:seconds` over the last days.""",
        mitigation=(
            "Fix what `audit` reports about the DataImportCron: polling and imports have checks of their own. If polls fail "
            "now and then, look at the registry or the proxy. If the schedule polls less often than the target, change one "
            "of them."
        ),
        unrelated="The platform has no notion of freshness: CDIDataImportCronOutdated is about single images.",
    ),
)
