"""Alertmanager: whether it has the alerts that fire, and whether each of ours would reach somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from exporter.doctor.diagnosis import Ask, Line, Standing
from exporter.doctor.routing import Delivery, Labels, RoutingError, deliveries, possible
from exporter.doctor.server import FaultError, Server
from exporter.rules import ALERTS
from exporter.rules.kit import Alert

_STANDBY: Final = ("ready", "disabled")
"""What a cluster of Alertmanagers says of itself when all is well; disabled: it is alone."""
_LABELS: Final = "name Prometheus with --prometheus, or route by alertname, severity or team alone"
_CONSOLE: Final = "add a route and a receiver for them; rules/alertmanager/ has an example"


def line(subject: str, status: Standing, said: str, remedy: str = "") -> Line:
    """A line about Alertmanager."""
    return Line(link="alertmanager", subject=subject, status=status, said=said, remedy=remedy)


def look(server: Server, fired: Sequence[Labels] | None, loaded: Mapping[str, Labels] | None = None) -> Iterator[Line]:
    """All that Alertmanager tells about us.

    `fired` are the labels of the alerts that Prometheus fires, None if not known; `loaded` are those that its rules
    set, by the alert's name, where that is known.
    """
    try:
        status = server.json("/api/v2/status")
        config = status["config"]["original"]
    except FaultError as fault:
        yield line("reachable", "problem", fault.said, fault.remedy)
        return
    except (KeyError, TypeError):
        yield line("reachable", "problem", "what answers is no Alertmanager", "check the address")
        return
    told = status.get("versionInfo")
    version = told.get("version") if isinstance(told, dict) else None
    yield line("reachable", "ok", f"it answers as version {version}" if version else "it answers")
    asks: tuple[Ask, ...] = (
        ("cluster", lambda: _cluster(status)),
        ("routes", lambda: _routes(config, loaded or {})),
        ("received", lambda: _received(server, fired)),
        ("delivery", lambda: _delivery(server)),
    )
    for subject, ask in asks:
        try:
            yield from ask()
        except (FaultError, RoutingError) as fault:
            remedy = fault.remedy if isinstance(fault, FaultError) else "check it with `amtool check-config`"
            yield line(subject, "unknown", str(fault), remedy)
        except (AttributeError, KeyError, TypeError, ValueError):
            yield line(
                subject, "unknown", "the answer is not what the API of Alertmanager gives", "which version is it?"
            )


def _cluster(status: Mapping[str, Any]) -> Iterator[Line]:
    told = status["cluster"]
    peers = len(told.get("peers") or ())
    if told["status"] in _STANDBY:
        yield line("cluster", "ok", f"{told['status']}, {peers or 1} member{'s' * (peers > 1)}")
    else:
        said = f"its cluster is {told['status']}: notifications may come late or twice"
        yield line("cluster", "problem", said, "can the members reach each other on port 9094?")


def labels_of(alert: Alert) -> Labels:
    """The labels of an alert that do not depend on what it is about."""
    fixed = {"alertname": alert.name, "severity": alert.severity.value, "team": alert.team}
    return fixed | {"operator_health_impact": "none"} | dict(alert.static)


def _routes(config: str, loaded: Mapping[str, Labels]) -> Iterator[Line]:
    ends: dict[tuple[tuple[Delivery, ...], tuple[Delivery, ...]], list[str]] = {}
    for alert in ALERTS:
        labels = {**labels_of(alert), **loaded.get(alert.name, {})}
        found = tuple(deliveries(config, labels)), tuple(possible(config, labels))
        ends.setdefault(found, []).append(alert.name)
    for (certain, perhaps), names in ends.items():
        yield _route(certain, perhaps, names)


def _route(found: Sequence[Delivery], perhaps: Sequence[Delivery], names: list[str]) -> Line:
    who = f"all {len(names)} alerts" if len(names) == len(ALERTS) else ", ".join(names)
    good = [d for d in found if d.integrations]
    hoped = sorted({d.receiver for d in perhaps if d.integrations})
    if not good and hoped:
        said = f"{who} would reach {', '.join(hoped)} only by labels that are not known before it fires"
        return line("routes", "unknown", said, _LABELS)
    if not good:
        said = f"{who} would reach nobody: receiver {_receivers(found)} sends nothing"
        return line("routes", "problem", said, _CONSOLE)
    intervals = sorted({name for d in good for name in d.intervals})
    at_times = f", but not at all times ({', '.join(intervals)})" if intervals else ""
    by = "; ".join(f"{d.receiver} by {', '.join(d.integrations)}" for d in good)
    return line("routes", "ok", f"{who} would go to {by}{at_times}")


def _receivers(found: Sequence[Delivery]) -> str:
    return ", ".join(d.receiver or "(none)" for d in found)


def _received(server: Server, fired: Sequence[Labels] | None) -> Iterator[Line]:
    names = {alert.name for alert in ALERTS}
    held = [a for a in server.json("/api/v2/alerts") if a["labels"].get("alertname") in names]
    for alert in held:
        name = alert["labels"]["alertname"]
        if alert["status"].get("silencedBy"):
            yield line("received", "ok", f"{name} is silenced by {', '.join(alert['status']['silencedBy'])}")
        elif alert["status"].get("inhibitedBy"):
            yield line("received", "ok", f"{name} is muted by another alert")
    if fired is None:
        yield line(
            "received", "unknown", "which alerts should be here is not known", "name Prometheus with --prometheus"
        )
        return
    lost = sorted({f["alertname"] for f in fired if not any(_same(f, alert["labels"]) for alert in held)})
    if lost:
        said = f"Prometheus fires {', '.join(lost)}, of which nothing has arrived here"
        yield line("received", "problem", said, "is this the Alertmanager that Prometheus sends to? See its log")
    else:
        said = f"it has all {len(fired)} alerts of ours that fire" if fired else "no alert of ours fires"
        yield line("received", "ok", said)


def _same(fired: Labels, held: Labels) -> bool:
    """External labels are added on the way, so there may be more here."""
    return all(held.get(name) == value for name, value in fired.items())


def _delivery(server: Server) -> Iterator[Line]:
    families = list(text_string_to_metric_families(server.text("/metrics")))
    sent = _by_integration(families, "alertmanager_notifications_total")
    failed = _by_integration(families, "alertmanager_notifications_failed_total")
    for name, number in sorted(failed.items()):
        if not number:
            continue
        said = f"{number:.0f} of {sent.get(name, number):.0f} notifications by {name} have failed since it started"
        dead = number >= sent.get(name, number)
        remedy = "see its log: an address, a secret, a proxy" if dead else ""
        yield line("delivery", "problem" if dead else "ok", said, remedy)
    if not any(failed.values()):
        yield line("delivery", "ok", f"none of {sum(sent.values()):.0f} notifications has failed since it started")


def _by_integration(families: Sequence[Metric], name: str) -> dict[str, float]:
    counts: dict[str, float] = {}
    for sample in (sample for family in families for sample in family.samples if sample.name == name):
        integration = sample.labels.get("integration", "")
        counts[integration] = counts.get(integration, 0) + sample.value
    return counts
