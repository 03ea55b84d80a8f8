"""Freshness as an objective: how long ago each boot source was last proven to hold the newest image.

Not the age of the image: an image of last year is fresh if its registry has nothing newer and was asked today.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.report import Severity
from exporter.rules.kit import Alert, Recording

OBJECTIVE: Final = 0.95
"""Share of the time in which a boot source shall be proven fresh."""
WINDOW: Final = timedelta(days=14)
"""Over which it is counted: what OpenShift's Prometheus keeps at the least, by default, is 15 days."""
BURN: Final = 2.0
"""How many times faster than sustainable the budget must be spent for an alert."""

_BUDGET: Final = f"{1 - OBJECTIVE:.2f}"
_CRON: Final = ("cluster", "object_namespace", "dataimportcron")
_BY: Final = ", ".join(_CRON)
UNPROVEN: Final = "dataimportcron:bootsource_unproven:seconds"
STALE: Final = "dataimportcron:bootsource_stale:bool"
_LONG, _SHORT = "3d", "6h"
_STALE_LONG, _STALE_SHORT = f"{STALE}:avg{_LONG}", f"{STALE}:avg{_SHORT}"
BUDGET: Final = "dataimportcron:bootsource_freshness_budget:remaining"

FRESHNESS_RECORDINGS: Final = (
    Recording(
        name=UNPROVEN,
        expr=f"time() - max by ({_BY}) (bootsource_dataimportcron_proven_newest_timestamp_seconds)",
        labels=_CRON,
        help="Seconds since a boot source was last proven to hold the newest image: polled with success, and nothing "
        "newer than what it has. No sample for one that has no image yet.",
    ),
    Recording(
        name=STALE,
        expr=f"{UNPROVEN} > bool on () group_left () max (bootsource_freshness_target_seconds)",
        labels=_CRON,
        help="1 while a boot source has not been proven fresh for longer than the target (`--freshness-target`), else 0.",
    ),
    *(
        Recording(
            name=f"{STALE}:avg{window}",
            expr=f"avg_over_time({STALE}[{window}])",
            labels=_CRON,
            help=f"Share of the last {window} in which a boot source was not proven fresh, from 0 to 1.",
        )
        for window in (_LONG, _SHORT)
    ),
    Recording(
        name=BUDGET,
        expr=f"1 - avg_over_time({STALE}[{WINDOW.days}d]) / {_BUDGET}",
        labels=_CRON,
        help=f"Error budget that a boot source has left: 1 is all, 0 none, less is overspent. The objective is "
        f"{OBJECTIVE:.0%} of {WINDOW.days} days, or of as much of them as Prometheus has kept.",
    ),
)

_THRESHOLD: Final = f"{BURN * (1 - OBJECTIVE):.2f}"

FRESHNESS: Final = (
    Alert(
        name="BootSourceFreshnessBudgetBurning",
        expr=(
            "label_replace("
            f"max by ({_BY}) ({_STALE_LONG}) > {_THRESHOLD} and on ({_BY}) max by ({_BY}) ({_STALE_SHORT}) > {_THRESHOLD}, "
            '"object", "$1", "dataimportcron", "(.*)")'
        ),
        labels=(*_CRON, "object"),
        static=(("kind", "DataImportCron"),),
        severity=Severity.WARNING,
        for_=timedelta(hours=1),
        keep_firing_for=timedelta(minutes=30),
        summary="DataImportCron {{ $labels.object_namespace }}/{{ $labels.object }} is too often not known to have the "
        "newest image.",
        description=(
            "In {{ $value | humanizePercentage }} of the last three days nobody could tell that DataImportCron "
            "{{ $labels.object_namespace }}/{{ $labels.object }} has the newest image within the freshness target; "
            f"{_BUDGET.removeprefix('0.0')} % are allowed. "
            "Effect: machines may be created from an image without the newest fixes. "
            "Look at it: `oc describe dataimportcron {{ $labels.object }} -n {{ $labels.object_namespace }}`"
        ),
        meaning=(
            "A boot source is fresh when its source was polled with success and had nothing newer, within the target that "
            "`--freshness-target` sets. This one has spent its error budget at least twice as fast as it may, for three "
            "days and still in the last six hours: a problem that comes and goes, or one that no other alert explains. "
            "The age of the image does not matter: if there is nothing newer, it is fresh."
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
            "Mend what `audit` reports about the cron: polling and imports are judged by checks of their own. If polls fail "
            "now and then, look at the registry or the proxy. If the schedule polls less often than the target, change one "
            "of them."
        ),
        unrelated="The platform has no notion of freshness: CDIDataImportCronOutdated tells of single images.",
    ),
)
