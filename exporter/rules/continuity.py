"""Continuity: what was firing goes on firing while nobody can see whether it is fixed, and nothing else begins.

Alertmanager drops the end of an alert that is inhibited, and a pager keeps such a problem open. So alerts of ours are
not inhibited while the exporter is down or while another one of ours says more: their expressions say both. What has
been sent stays until it is fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from exporter.rules.alert import Recording

REMEMBERED: Final = timedelta(days=7)
"""For so long a cluster whose exporter is gone is remembered: longer than an outage, shorter than a cluster that was
taken down stays of interest."""
EVALUATED: Final = "bootsource_exporter_last_evaluation_timestamp_seconds"
ALIVE: Final = f"max by (cluster) ({EVALUATED})"
"""The clusters whose exporter evaluates and is scraped."""
SEEN: Final = f"cluster:{EVALUATED}:max"
SEEN_RECORDINGS: Final = (
    Recording(
        name=SEEN,
        expr=f"{ALIVE} or ({SEEN} > time() - {REMEMBERED // timedelta(seconds=1)})",
        labels=("cluster",),
        help=f"When the exporter of each cluster last evaluated the checks, as Unix time. It refers to its own last value, "
        f"so that a cluster whose exporter is gone is known for {REMEMBERED.days} days.",
    ),
)


def firing(name: str, labels: Sequence[str], *, within: str = "") -> str:
    """The instances of this alert that fire, or did at some time within a duration.

    A group that is evaluated as seldom as samples are looked back for does not find its own last ones without `within`.
    """
    alerts = f'ALERTS{{alertname="{name}",alertstate="firing"}}'
    return f"max by ({', '.join(labels)}) ({f'last_over_time({alerts}[{within}])' if within else alerts})"


def held(name: str, expr: str, labels: Sequence[str]) -> str:
    """The expression; while the exporter is down also those instances of the alert that fire already.

    The value of the latter is 1, so texts of such an alert do not use it.
    """
    return f"{expr} or ({firing(name, labels)} and on (cluster) {SEEN} unless on (cluster) {ALIVE})"
