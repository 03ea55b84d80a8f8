"""Alertmanager: whether it has the alerts that fire, and whether each of ours would reach somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from exporter.doctor import silences
from exporter.doctor.diagnosis import Ask, Line, Standing
from exporter.doctor.labels import static_labels_of
from exporter.doctor.request_errors import QuestionError
from exporter.doctor.routing import AlertLabels, Delivery, Labels, RoutingError, find_deliveries
from exporter.doctor.server import MonitoringServer
from exporter.rules import ALERTS

_LABELS: Final = "route by alertname, severity or team alone"
_MORE_LABELS: Final = f"name Prometheus with --prometheus, which knows more labels, or {_LABELS}"
_ELSEWHERE: Final = (
    "ask again in a minute, since Prometheus repeats what it sends; if that is no help: is this the Alertmanager that "
    "it sends to? See its log"
)
_CONSOLE: Final = "add a route and a receiver for them; rules/alertmanager/ has an example"


def alertmanager_line(subject: str, status: Standing, said: str, remedy: str = "") -> Line:
    """A line about Alertmanager."""
    return Line(link="alertmanager", subject=subject, status=status, said=said, remedy=remedy)


def check_alertmanager(
    server: MonitoringServer, fired: Sequence[Labels] | None, alerts: Mapping[str, AlertLabels] | None = None
) -> Iterator[Line]:
    """All that Alertmanager tells about us.

    `fired` are the labels of the alerts that Prometheus fires, `alerts` what it knows of the labels of each of ours,
    by name; None if that is not known.
    """
    known = alerts or {alert.name: AlertLabels(static_labels_of(alert), None) for alert in ALERTS}
    try:
        status = server.json("/api/v2/status")
        config = status["config"]["original"]
    except QuestionError as fault:
        yield alertmanager_line("reachable", "problem", fault.said, fault.remedy)
        return
    except (KeyError, TypeError):
        yield alertmanager_line("reachable", "problem", "what answers is no Alertmanager", "check the address")
        return
    told = status.get("versionInfo")
    version = told.get("version") if isinstance(told, dict) else None
    yield alertmanager_line("reachable", "ok", f"it answers as version {version}" if version else "it answers")
    asks: tuple[Ask, ...] = (
        ("cluster", lambda: _check_cluster(status)),
        ("routes", lambda: _check_routes(config, known, _MORE_LABELS if alerts is None else _LABELS)),
        ("silences", lambda: silences.check_silences(server, known)),
        ("received", lambda: _check_received(server, fired)),
        ("delivery", lambda: _delivery(server)),
    )
    for subject, ask in asks:
        try:
            yield from ask()
        except (QuestionError, RoutingError) as fault:
            remedy = fault.remedy if isinstance(fault, QuestionError) else "check it with `amtool check-config`"
            yield alertmanager_line(subject, "unknown", str(fault), remedy)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            yield alertmanager_line(
                subject, "unknown", "the answer is not what the API of Alertmanager gives", "which version is it?"
            )


def _check_cluster(status: Mapping[str, Any]) -> Iterator[Line]:
    told = status["cluster"]
    peers = len(told.get("peers") or ())
    if told["status"] == "disabled":
        yield alertmanager_line("cluster", "ok", "it stands alone")
    elif told["status"] == "ready":
        yield alertmanager_line("cluster", "ok", f"ready, {peers or 1} member{'s' * (peers > 1)}")
    else:
        said = f"its cluster is {told['status']}: notifications may come late or twice"
        yield alertmanager_line("cluster", "problem", said, "can the members reach each other on port 9094?")


def _check_routes(config: str, known: Mapping[str, AlertLabels], labels: str) -> Iterator[Line]:
    ends: dict[tuple[Delivery, ...], list[str]] = {}
    for name, alert in known.items():
        ends.setdefault(tuple(find_deliveries(config, alert)), []).append(name)
    for found, names in ends.items():
        yield _check_route(found, f"all {len(names)} alerts" if len(names) == len(known) else ", ".join(names), labels)


def _check_route(found: Sequence[Delivery], who: str, labels: str) -> Line:
    good = [d for d in found if d.integrations]
    if not good:
        said = f"{who} would reach nobody: receiver {_check_receivers(found)} sends nothing"
        return alertmanager_line("routes", "problem", said, _CONSOLE)
    doubtful = all(d.doubts for d in good) and len(good) < len(found)
    if doubtful:
        doubts = dict.fromkeys(doubt for d in good for doubt in d.doubts)
        said = (
            f"whether {who} would reach {_check_receivers(good)} depends on {', '.join(doubts)}, which cannot be told"
        )
        return alertmanager_line("routes", "unknown", said, labels)
    intervals = sorted({name for d in good for name in d.intervals})
    at_times = f", but not at all times ({', '.join(intervals)})" if intervals else ""
    certain = [d for d in good if not d.doubts] or good
    by = "; ".join(dict.fromkeys(f"{d.receiver} by {', '.join(d.integrations)}" for d in certain))
    return alertmanager_line("routes", "ok", f"{who} would go to {by}{at_times}")


def _check_receivers(found: Sequence[Delivery]) -> str:
    return ", ".join(dict.fromkeys(d.receiver or "(none)" for d in found))


def _check_received(server: MonitoringServer, fired: Sequence[Labels] | None) -> Iterator[Line]:
    names = {alert.name for alert in ALERTS}
    held = [a for a in server.json("/api/v2/alerts") if a["labels"].get("alertname") in names]
    for alert in held:
        name = alert["labels"]["alertname"]
        if alert["status"].get("silencedBy"):
            yield alertmanager_line(
                "received", "ok", f"{name} is silenced by {', '.join(alert['status']['silencedBy'])}"
            )
        elif alert["status"].get("inhibitedBy"):
            yield alertmanager_line("received", "ok", f"{name} is muted by another alert")
    if fired is None:
        yield alertmanager_line(
            "received", "unknown", "which alerts should be here is not known", "name Prometheus with --prometheus"
        )
        return
    lost = sorted({f["alertname"] for f in fired if not any(_is_same_alert(f, alert["labels"]) for alert in held)})
    if lost:
        said = f"Prometheus fires {', '.join(lost)}, of which nothing has arrived here"
        yield alertmanager_line("received", "problem", said, _ELSEWHERE)
    else:
        said = f"it has all alerts of ours that fire ({len(fired)})" if fired else "no alert of ours fires"
        yield alertmanager_line("received", "ok", said)


def _is_same_alert(fired: Labels, held: Labels) -> bool:
    """By the labels that are our own: others are added or taken away on the way, as that of a replica of Prometheus."""
    alert = next(alert for alert in ALERTS if alert.name == fired["alertname"])
    ours = ("alertname", *static_labels_of(alert), *alert.labels)
    return all(held.get(name, "") == fired.get(name, "") for name in ours)


def _delivery(server: MonitoringServer) -> Iterator[Line]:
    families = list(text_string_to_metric_families(server.text("/metrics")))
    sent = _by_integration(families, "alertmanager_notifications_total")
    failed = _by_integration(families, "alertmanager_notifications_failed_total")
    for name, number in sorted(failed.items()):
        if not number:
            continue
        said = f"{number:.0f} of {sent.get(name, number):.0f} notifications by {name} have failed since it started"
        dead = number >= sent.get(name, number)
        remedy = "see its log: an address, a secret, a proxy" if dead else ""
        yield alertmanager_line("delivery", "problem" if dead else "ok", said, remedy)
    if not any(failed.values()):
        yield alertmanager_line(
            "delivery", "ok", f"none of {sum(sent.values()):.0f} notifications has failed since it started"
        )


def _by_integration(families: Sequence[Metric], name: str) -> dict[str, float]:
    counts: dict[str, float] = {}
    for sample in (sample for family in families for sample in family.samples if sample.name == name):
        integration = sample.labels.get("integration", "")
        counts[integration] = counts.get(integration, 0) + sample.value
    return counts
