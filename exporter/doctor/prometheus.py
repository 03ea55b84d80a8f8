"""Prometheus: whether it scrapes each replica once and evaluates our rules, and whom it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from exporter.doctor import rules
from exporter.doctor.diagnosis import Ask, Line, Standing
from exporter.doctor.faults import FaultError
from exporter.doctor.queries import Labels, samples
from exporter.doctor.server import Server
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
        ("labels", lambda: _labels(server, replicas)),
        ("rules", lambda: rules.look(server, {labels.get("version", "") for labels, _ in replicas})),
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
            fresh = target["health"] == "unknown"  # it has just been found
            standing: Standing = "unknown" if fresh else "problem"
            yield line("targets", standing, f"{where} is {target['health']}: {why}", _mended(why, fresh=fresh))


def _mended(why: str, *, fresh: bool) -> str:
    """The remedy for what Prometheus says of a scrape."""
    if fresh:
        return "ask again in a minute"
    return next((remedy for words, remedy in _SCRAPES if any(word in why for word in words)), _DOWN)


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


def _labels(server: Server, replicas: list[tuple[Labels, float]]) -> Iterator[Line]:
    if not replicas:
        return
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
