"""Prometheus: whether it scrapes each replica once and evaluates our rules, and whom it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from exporter.doctor import rules
from exporter.doctor.diagnosis import Ask, Line, Standing
from exporter.doctor.queries import Labels, query_samples
from exporter.doctor.request_errors import QuestionError
from exporter.doctor.server import MonitoringServer
from exporter.rules import ALERTS

SERIES: Final = "bootsource_exporter_build_info"
_LATE: Final = 120.0
"""Seconds: a sample that is older was not followed by another scrape."""
_SCRAPE: Final = (
    "check the ServiceMonitor: its selector, its namespace's labels, and the NetworkPolicy between Prometheus and the "
    "exporter"
)
_DOWN: Final = (
    "does it run (`oc get pods -A -l app.kubernetes.io/name=bootsource-exporter`), and does a NetworkPolicy let "
    "Prometheus in?"
)
_SCRAPES: Final = (
    (("status 401", "status 403"), "Prometheus needs a token that may get /metrics; see docs/security.md"),
    (("x509", "tls:", "to an HTTPS"), "check scheme, CA and server name of the ServiceMonitor; see docs/security.md"),
    (("status 404", "parse", "unsupported"), "is that port and path those of bootsource-exporter?"),
)
"""Words in what Prometheus says of a scrape that failed, and the remedy."""


def prometheus_line(subject: str, status: Standing, said: str, remedy: str = "") -> Line:
    """A line about Prometheus."""
    return Line(link="prometheus", subject=subject, status=status, said=said, remedy=remedy)


def check_prometheus(server: MonitoringServer) -> Iterator[Line]:
    """All that Prometheus tells about us. What it does not answer is unknown, and the rest is asked all the same."""
    try:
        version = _version(server)
        replicas = query_samples(server, SERIES)
    except QuestionError as fault:
        yield prometheus_line("reachable", "problem", fault.said, fault.remedy)
        return
    yield prometheus_line("reachable", "ok", f"it answers{version}")
    asks: tuple[Ask, ...] = (
        ("targets", lambda: _targets(server, replicas)),
        ("series", lambda: _series(replicas)),
        ("freshness", lambda: _freshness(server)),
        ("labels", lambda: _labels(server, replicas)),
        ("rules", lambda: rules.check_rules(server, {labels.get("version", "") for labels, _ in replicas})),
        ("alerts", lambda: _alerts(server)),
        ("notifies", lambda: _notifies(server)),
    )
    for subject, ask in asks:
        try:
            yield from ask()
        except QuestionError as fault:
            yield prometheus_line(subject, "unknown", fault.said, fault.remedy)
        except (AttributeError, KeyError, TypeError, ValueError):
            yield prometheus_line(
                subject, "unknown", "the answer is not what the API of Prometheus gives", "is it a Prometheus?"
            )


def firing_alerts(server: MonitoringServer) -> list[Labels]:
    """The labels of our alerts that fire. Raises QuestionError."""
    try:
        return [
            a["labels"] for a in server.data("/api/v1/alerts")["alerts"] if _is_ours_alert(a) and a["state"] == "firing"
        ]
    except (AttributeError, KeyError, TypeError):
        raise QuestionError("the answer is not what the API of Prometheus gives", "is it a Prometheus?") from None


def _version(server: MonitoringServer) -> str:
    try:
        told = server.data("/api/v1/status/buildinfo")
    except QuestionError as fault:
        if fault.status != 404:
            raise
        return ""  # a front end, as Thanos; whether it answers queries shows next
    return f" as version {told['version']}" if isinstance(told, dict) and told.get("version") else ""


def _targets(server: MonitoringServer, replicas: list[tuple[Labels, float]]) -> Iterator[Line]:
    try:
        active = server.data("/api/v1/targets", state="active")["activeTargets"]
    except QuestionError as fault:
        if fault.status != 404:
            raise
        yield prometheus_line(
            "targets", "unknown", "it does not tell its targets; a Thanos querier has none", "ask a Prometheus"
        )
        return
    known = {(labels.get("job"), labels.get("instance")) for labels, _ in replicas}
    ours = [t for t in active if _is_ours(t["labels"], known)]
    if not ours:
        yield prometheus_line(
            "targets", "problem", f"none of its {len(active)} targets is bootsource-exporter", _SCRAPE
        )
    for target in ours:
        where = f"{target['labels'].get('job')} {target['labels'].get('instance')}"
        if target["health"] == "up":
            yield prometheus_line("targets", "ok", f"{where} is scraped")
        else:
            why = target.get("lastError") or "not scraped yet"
            fresh = target["health"] == "unknown"  # it has just been found
            standing: Standing = "unknown" if fresh else "problem"
            yield prometheus_line(
                "targets", standing, f"{where} is {target['health']}: {why}", _scrape_remedy(why, fresh=fresh)
            )


def _scrape_remedy(why: str, *, fresh: bool) -> str:
    """The remedy for what Prometheus says of a scrape."""
    if fresh:
        return "ask again in a minute"
    return next((remedy for words, remedy in _SCRAPES if any(word in why for word in words)), _DOWN)


def _is_ours(labels: Labels, known: set[tuple[str | None, str | None]]) -> bool:
    named = (labels.get(name, "") for name in ("job", "service", "pod", "container"))
    return (labels.get("job"), labels.get("instance")) in known or any("bootsource" in name for name in named)


def _series(replicas: list[tuple[Labels, float]]) -> Iterator[Line]:
    if not replicas:
        yield prometheus_line("series", "problem", f"it has no series {SERIES}: nothing of ours arrives", _SCRAPE)
        return
    jobs: dict[str, set[str]] = {}
    for labels, _ in replicas:
        place = labels.get("pod") or labels.get("instance") or ""
        jobs.setdefault(place, set()).add(f"{labels.get('job')} {labels.get('instance')}")
    for place, names in sorted(jobs.items()):
        if len(names) > 1:
            twice = f"{place} is scraped {len(names)} times: {', '.join(sorted(names))}"
            yield prometheus_line(
                "series", "problem", twice, "delete all but one of the ServiceMonitors or scrape configs"
            )
    versions = {labels.get("version", "") for labels, _ in replicas}
    if len(versions) > 1:
        said = f"replicas of different versions: {', '.join(sorted(versions))}"
        yield prometheus_line("series", "problem", said, "wait for the rollout to end, or delete the old Deployment")
    if all(len(names) == 1 for names in jobs.values()):
        yield prometheus_line(
            "series", "ok", f"one set of series from each of {len(jobs)} replica{'s' * (len(jobs) > 1)}"
        )


def _freshness(server: MonitoringServer) -> Iterator[Line]:
    ages = [value for _, value in query_samples(server, f"time() - max(timestamp({SERIES}))")]
    if not ages:
        return
    late = ages[0] > _LATE
    said = f"the newest sample is {max(0.0, ages[0]):.0f} s old"
    yield prometheus_line("freshness", "problem" if late else "ok", said, _SCRAPE if late else "")


def _labels(server: MonitoringServer, replicas: list[tuple[Labels, float]]) -> Iterator[Line]:
    if not replicas:
        return
    moved = [
        label
        for label in ("exported_cluster", "exported_check", "exported_object", "exported_object_namespace")
        if query_samples(server, f'count({{__name__=~"bootsource_.+",{label}!=""}}) > 0')
    ]
    if moved:
        names = ", ".join(label.removeprefix("exported_") for label in moved)
        said = f"our labels {names} have become {', '.join(moved)}: the scrape sets labels of the same names"
        yield prometheus_line(
            "labels", "problem", said, "set honorLabels: true in the ServiceMonitor, or take these labels off it"
        )
    else:
        yield prometheus_line("labels", "ok", "our labels arrive as they are")


def _alerts(server: MonitoringServer) -> Iterator[Line]:
    states = Counter(
        (alert["state"], alert["labels"]["alertname"])
        for alert in server.data("/api/v1/alerts")["alerts"]
        if _is_ours_alert(alert)
    )
    if not states:
        yield prometheus_line("alerts", "ok", "none of our alerts fires or is pending")
    for state in ("firing", "pending"):
        names = [
            f"{name} ({count})" if count > 1 else name for (s, name), count in sorted(states.items()) if s == state
        ]
        if names:
            yield prometheus_line("alerts", "ok", f"{state}: {', '.join(names)}")


def _is_ours_alert(alert: Mapping[str, Any]) -> bool:
    return str(alert["labels"].get("alertname")) in {a.name for a in ALERTS}


def _notifies(server: MonitoringServer) -> Iterator[Line]:
    try:
        told = server.data("/api/v1/alertmanagers")
    except QuestionError as fault:
        if fault.status != 404:
            raise
        yield prometheus_line(
            "notifies", "unknown", "it does not tell its Alertmanagers; a Thanos querier has none", "ask a Prometheus"
        )
        return
    active = [each["url"] for each in told["activeAlertmanagers"]]
    if active:
        yield prometheus_line(
            "notifies", "ok", f"it sends alerts to {len(active)} Alertmanager{'s' * (len(active) > 1)}"
        )
        return
    dropped = " (all that were discovered are dropped)" if told.get("droppedAlertmanagers") else ""
    yield prometheus_line(
        "notifies",
        "problem",
        f"it knows no Alertmanager{dropped}: nobody is told of any alert",
        "name one under alerting.alertmanagers of its configuration",
    )
