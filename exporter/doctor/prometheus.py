"""Prometheus: whether it scrapes each replica once and evaluates our rules, and whom it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from exporter.doctor.diagnosis import Ask, Line, Standing
from exporter.doctor.server import FaultError, Server
from exporter.rules import ALERTS, RECORDINGS

SERIES: Final = "bootsource_exporter_build_info"
_SHOWN: Final = 5
_LATE: Final = 120.0
"""Seconds: a sample that is older was not followed by another scrape."""
_MISSED: Final = 4
"""Intervals after which a group of rules counts as not evaluated."""
_SCRAPE: Final = (
    "check the ServiceMonitor: its selector, its namespace's labels, and the NetworkPolicy between Prometheus and the "
    "exporter"
)
_APPLY: Final = "apply rules/ of the version that runs; see docs/alerts.md"
Labels = Mapping[str, str]


def line(subject: str, status: Standing, said: str, remedy: str = "") -> Line:
    """A line about Prometheus."""
    return Line(link="prometheus", subject=subject, status=status, said=said, remedy=remedy)


def look(server: Server) -> Iterator[Line]:
    """All that Prometheus tells about us. What it does not answer is unknown, and the rest is asked all the same."""
    try:
        version = _version(server)
        replicas = samples(server, SERIES)
    except FaultError as fault:
        yield line("reachable", "problem", fault.said, fault.remedy)
        return
    yield line("reachable", "ok", f"it answers{version}")
    asks: tuple[Ask, ...] = (
        ("targets", lambda: _targets(server, replicas)),
        ("series", lambda: _series(replicas)),
        ("freshness", lambda: _freshness(server)),
        ("labels", lambda: _labels(server)),
        ("rules", lambda: _rules(server)),
        ("alerts", lambda: _alerts(server)),
        ("notifies", lambda: _notifies(server)),
    )
    for subject, ask in asks:
        try:
            yield from ask()
        except FaultError as fault:
            yield line(subject, "unknown", fault.said, fault.remedy)
        except (AttributeError, KeyError, TypeError, ValueError):
            yield line(subject, "unknown", "the answer is not what the API of Prometheus gives", "is it a Prometheus?")


def samples(server: Server, query: str) -> list[tuple[Labels, float]]:
    """The samples that a query gives now. Raises FaultError."""
    data = server.data("/api/v1/query", query=query)
    try:
        return [(dict(sample["metric"]), float(sample["value"][1])) for sample in data["result"]]
    except (KeyError, TypeError, ValueError, IndexError):
        raise FaultError("the answer to a query is not what Prometheus gives", "is the address right?") from None


def firing(server: Server) -> list[Labels]:
    """The labels of our alerts that fire. Raises FaultError."""
    try:
        return [a["labels"] for a in server.data("/api/v1/alerts")["alerts"] if _ours(a) and a["state"] == "firing"]
    except (AttributeError, KeyError, TypeError):
        raise FaultError("the answer is not what the API of Prometheus gives", "is it a Prometheus?") from None


def _version(server: Server) -> str:
    try:
        told = server.data("/api/v1/status/buildinfo")
    except FaultError as fault:
        if fault.status != 404:
            raise
        return ""  # a front end, as Thanos; whether it answers queries shows next
    return f" as version {told['version']}" if isinstance(told, dict) and told.get("version") else ""


def _targets(server: Server, replicas: list[tuple[Labels, float]]) -> Iterator[Line]:
    try:
        active = server.data("/api/v1/targets", state="active")["activeTargets"]
    except FaultError as fault:
        if fault.status != 404:
            raise
        yield line("targets", "unknown", "it does not tell its targets; a Thanos querier has none", "ask a Prometheus")
        return
    known = {(labels.get("job"), labels.get("instance")) for labels, _ in replicas}
    ours = [t for t in active if _is_ours(t["labels"], known)]
    if not ours:
        yield line("targets", "problem", f"none of its {len(active)} targets is bootsource-exporter", _SCRAPE)
    for target in ours:
        where = f"{target['labels'].get('job')} {target['labels'].get('instance')}"
        if target["health"] == "up":
            yield line("targets", "ok", f"{where} is scraped")
        else:
            why = target.get("lastError") or "not scraped yet"
            yield line("targets", "problem", f"{where} is {target['health']}: {why}", _SCRAPE)


def _is_ours(labels: Labels, known: set[tuple[str | None, str | None]]) -> bool:
    named = (labels.get(name, "") for name in ("job", "service", "pod", "container"))
    return (labels.get("job"), labels.get("instance")) in known or any("bootsource" in name for name in named)


def _series(replicas: list[tuple[Labels, float]]) -> Iterator[Line]:
    if not replicas:
        yield line("series", "problem", f"it has no series {SERIES}: nothing of ours arrives", _SCRAPE)
        return
    jobs: dict[str, set[str]] = {}
    for labels, _ in replicas:
        place = labels.get("pod") or labels.get("instance") or ""
        jobs.setdefault(place, set()).add(f"{labels.get('job')} {labels.get('instance')}")
    for place, names in sorted(jobs.items()):
        if len(names) > 1:
            twice = f"{place} is scraped {len(names)} times: {', '.join(sorted(names))}"
            yield line("series", "problem", twice, "delete all but one of the ServiceMonitors or scrape configs")
    versions = {labels.get("version", "") for labels, _ in replicas}
    if len(versions) > 1:
        said = f"replicas of different versions: {', '.join(sorted(versions))}"
        yield line("series", "problem", said, "wait for the rollout to end, or delete the old Deployment")
    if all(len(names) == 1 for names in jobs.values()):
        yield line("series", "ok", f"one set of series from each of {len(jobs)} replica{'s' * (len(jobs) > 1)}")


def _freshness(server: Server) -> Iterator[Line]:
    ages = [value for _, value in samples(server, f"time() - max(timestamp({SERIES}))")]
    if not ages:
        return
    late = ages[0] > _LATE
    said = f"the newest sample is {max(0.0, ages[0]):.0f} s old"
    yield line("freshness", "problem" if late else "ok", said, _SCRAPE if late else "")


def _labels(server: Server) -> Iterator[Line]:
    moved = [
        label
        for label in ("exported_cluster", "exported_check", "exported_object", "exported_object_namespace")
        if samples(server, f'count({{__name__=~"bootsource_.+",{label}!=""}}) > 0')
    ]
    if moved:
        names = ", ".join(label.removeprefix("exported_") for label in moved)
        said = f"our labels {names} have become {', '.join(moved)}: the scrape sets labels of the same names"
        yield line(
            "labels", "problem", said, "set honorLabels: true in the ServiceMonitor, or take these labels off it"
        )
    else:
        yield line("labels", "ok", "our labels arrive as they are")


def _rules(server: Server) -> Iterator[Line]:
    wanted = {a.name for a in ALERTS} | {r.name for r in RECORDINGS}
    groups = server.data("/api/v1/rules")["groups"]
    # A rule may be loaded more than once. A copy that is well must not hide one that is not.
    found = [(group, rule) for group in groups for rule in group["rules"] if rule["name"] in wanted]
    missing = sorted(wanted - {rule["name"] for _, rule in found})
    if missing:
        said = f"{len(missing)} of our {len(wanted)} rules are not loaded: {_some(missing)}"
        yield line("rules", "problem", said, _APPLY)
    ill = sorted(f"{rule['name']}: {rule.get('lastError') or rule['health']}" for _, rule in found if _ill(rule))
    if ill:
        yield line("rules", "problem", f"rules fail: {_some(ill)}", "see the log of Prometheus; " + _APPLY)
    late = sorted({group["name"] for group, _ in found if _late(group)})
    if late:
        said = f"groups of rules have not been evaluated lately: {_some(late)}"
        yield line(
            "rules", "problem", said, "is Prometheus overloaded? See prometheus_rule_group_iterations_missed_total"
        )
    if not (missing or ill or late):
        yield line("rules", "ok", f"all {len(wanted)} are loaded and healthy")


def _ill(rule: Mapping[str, Any]) -> bool:
    return rule.get("health") not in ("ok", "unknown")


def _late(group: Mapping[str, Any]) -> bool:
    told = str(group.get("lastEvaluation") or "")
    if not told or told.startswith("0001"):
        return False  # not evaluated yet: it has just been loaded
    last = datetime.fromisoformat(_microseconds(told))
    return datetime.now(UTC) - last > _MISSED * timedelta(seconds=float(group.get("interval") or 60)) + timedelta(
        minutes=1
    )


def _microseconds(instant: str) -> str:
    """Go writes nine digits of a second where Python reads six."""
    whole, dot, rest = instant.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{whole}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}" if dot else instant


def _alerts(server: Server) -> Iterator[Line]:
    states = Counter(
        (alert["state"], alert["labels"]["alertname"])
        for alert in server.data("/api/v1/alerts")["alerts"]
        if _ours(alert)
    )
    if not states:
        yield line("alerts", "ok", "none of our alerts fires or is pending")
    for state in ("firing", "pending"):
        names = [
            f"{name} ({count})" if count > 1 else name for (s, name), count in sorted(states.items()) if s == state
        ]
        if names:
            yield line("alerts", "ok", f"{state}: {', '.join(names)}")


def _ours(alert: Mapping[str, Any]) -> bool:
    return str(alert["labels"].get("alertname")) in {a.name for a in ALERTS}


def _notifies(server: Server) -> Iterator[Line]:
    try:
        told = server.data("/api/v1/alertmanagers")
    except FaultError as fault:
        if fault.status != 404:
            raise
        yield line(
            "notifies", "unknown", "it does not tell its Alertmanagers; a Thanos querier has none", "ask a Prometheus"
        )
        return
    active = [each["url"] for each in told["activeAlertmanagers"]]
    if active:
        yield line("notifies", "ok", f"it sends alerts to {len(active)} Alertmanager{'s' * (len(active) > 1)}")
        return
    dropped = " (all that were discovered are dropped)" if told.get("droppedAlertmanagers") else ""
    yield line(
        "notifies",
        "problem",
        f"it knows no Alertmanager{dropped}: nobody is told of any alert",
        "name one under alerting.alertmanagers of its configuration",
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
