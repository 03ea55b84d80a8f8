"""How fresh DataImportCrons are, as expressions: when each was polled, and whether its image is proven to be the newest.

Clusters have boot sources of the same name, and replicas tell the same: series are told apart by cluster, and where one
value stands for several boot sources it is that of the worst.
"""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.model import Colour, ValueMapping, select, select_newest

CRON: Final = "bootsource_dataimportcron_"
"""What the names of the metrics about DataImportCrons begin with."""
EACH: Final = "cluster, object_namespace, dataimportcron"
"""Labels that tell DataImportCrons apart."""
NEVER: Final = ValueMapping("-1", "Never", "red")
"""What `longest_since` tells of a boot source that should be polled."""
PROVEN: Final = "proven_newest_timestamp_seconds"
OVERDUE: Final = ValueMapping("-1", "overdue", "red")
"""What `next_poll` tells of a boot source whose last polls did not happen."""
POLLED: Final = "last_execution_timestamp_seconds"
INTERVAL: Final = "schedule_interval_seconds"
"""Of that metric, which is there if a schedule asks for polls."""
FRESH: Final[tuple[tuple[float, Colour], ...]] = ((0, "green"), (86400, "orange"), (7 * 86400, "red"))
"""How bad an age in seconds is."""


def seconds_since(event: str, *matchers: str) -> str:
    """Seconds since an event, of each DataImportCron that it has happened to."""
    return f"time() - {select_newest(CRON + event, *matchers, by=EACH)}"


def seconds_since_proof(*matchers: str) -> str:
    """Seconds since each was proven to be the newest; none of those that never were."""
    return seconds_since(PROVEN, *matchers)


def longest_since(event: str, *matchers: str) -> str:
    """Seconds since an event where it is longest ago; -1 if there is one whose schedule asks for it and that never saw it."""
    lacking = (
        f"{select_newest(CRON + INTERVAL, *matchers, by=EACH)} unless {select_newest(CRON + event, *matchers, by=EACH)}"
    )
    return f"0 * count({lacking}) - 1 or max({seconds_since(event, *matchers)})"


def is_polled_in_time(*matchers: str) -> str:
    """1 if the last poll is no older than two intervals of the schedule, else 0, also if there was none.

    No sample where no schedule asks for polls.
    """
    interval = select_newest(CRON + INTERVAL, *matchers, by=EACH)
    return f"({seconds_since(POLLED, *matchers)} <= bool 2 * {interval} or 0 * {interval})"


def next_poll(*matchers: str) -> str:
    """Seconds until each is polled next; -1 if its last polls did not happen, so that nobody waits for the next one."""
    left = select_newest(f"{CRON}schedule_next_timestamp_seconds", *matchers, by=EACH)
    late = f"({is_polled_in_time(*matchers)} == 0)"
    return f"(clamp_min({left} - time(), 0) unless on ({EACH}) {late} or ({late} - 1))"


def told_by(label: str, metric: str, by: str, *matchers: str) -> str:
    """A label of a metric that is always 1: one series for each object, also while two replicas differ."""
    return f"topk by ({by}) (1, {select_newest(metric, *matchers, by=f'{by}, {label}')})"


def with_label(value: str, label: str, metric: str, by: str, *matchers: str) -> str:
    """A value of each object, with a label that another metric has."""
    return f"{value} * on ({by}) group_left ({label}) {told_by(label, metric, by, *matchers)}"


def is_newest(otherwise: int, *matchers: str) -> str:
    """Whether the image of each is the newest: 0 no, 1 proven within the target, `otherwise` if CDI says so without proof.

    There is no proof if the last poll is older than the target, or if there was none although a schedule asks for polls.
    Where no schedule does, nobody but CDI can tell.
    """
    newest = f"min by ({EACH}) ({select(f'{CRON}up_to_date', *matchers)})"
    target = f"max({select('bootsource_freshness_target_seconds')})"
    old = f"({seconds_since_proof(*matchers)} > bool on () group_left () {target})"
    asked = select_newest(CRON + INTERVAL, *matchers, by=EACH)
    return (
        f"({newest} * on ({EACH}) group_left () (1 + {otherwise - 1} * {old}) "
        f"or ({otherwise} * {newest} and on ({EACH}) {asked}) or {newest})"
    )


def all_newest(otherwise: int, unknown: int, *matchers: str) -> str:
    """The same as one value for all of them: proven only if each is, `unknown` if CDI has not said it of one.

    Without proof is worse than not the newest, and either is worse than unknown.
    """
    each = is_newest(otherwise, *matchers)
    silent = f"{select_newest(f'{CRON}info', *matchers, by=EACH)} unless {select_newest(f'{CRON}up_to_date', *matchers, by=EACH)}"
    return f"max({each} != 1) or {unknown} + 0 * count({silent}) or max({each})"
