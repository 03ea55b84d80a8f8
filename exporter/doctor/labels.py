"""The labels of our alerts before they fire: those of our rules, and what Prometheus tells of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from exporter.doctor.request_errors import QuestionError
from exporter.doctor.routing import AlertLabels, Labels
from exporter.doctor.server import MonitoringServer
from exporter.rules import ALERTS
from exporter.rules.alert import Alert
from exporter.rules.groups import static_labels


def static_labels_of(alert: Alert) -> dict[str, str]:
    """The labels of an alert that do not depend on what it is about."""
    return {"alertname": alert.name, **dict(static_labels(alert))}


def alert_labels(server: MonitoringServer) -> dict[str, AlertLabels]:
    """What is known of the labels of each of our alerts, by its name. Raises QuestionError.

    OpenShift adds `namespace` to rules; on the way to Alertmanager external labels are added where there is none of the
    name, and anything may be changed where alerts are relabelled.
    """
    loaded = _loaded_labels(server)
    added = _external_labels(server)
    return {
        alert.name: _merge_labels(alert, loaded.get(alert.name) or [static_labels_of(alert)], added) for alert in ALERTS
    }


def _merge_labels(alert: Alert, rules: Sequence[Labels], added: Labels | None) -> AlertLabels:
    """`rules` are the labels that each copy of its rule sets; where these differ nothing is known."""
    first, *others = rules
    same = {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
    differing = {name for labels in rules for name in labels} - same.keys()
    varying = (frozenset(alert.labels) - same.keys()) | differing
    external = {name: value for name, value in (added or {}).items() if name not in varying}
    labels = {**external, **same, "alertname": alert.name}
    return AlertLabels(labels, None if added is None else varying)


def _loaded_labels(server: MonitoringServer) -> dict[str, list[Labels]]:
    """The labels that the loaded rules of our alerts set, of each copy of a rule."""
    found: dict[str, list[Labels]] = {alert.name: [] for alert in ALERTS}
    try:
        for rule in (rule for group in server.data("/api/v1/rules")["groups"] for rule in group["rules"]):
            if rule["name"] in found:
                found[rule["name"]].append(dict(rule.get("labels") or {}))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise QuestionError("the answer is not what the API of Prometheus gives", "is it a Prometheus?") from None
    return found


def _external_labels(server: MonitoringServer) -> Mapping[str, str] | None:
    """The external labels; None if they are not told, or if alerts are relabelled."""
    try:
        config: Any = yaml.safe_load(server.data("/api/v1/status/config")["yaml"])
        alerting = config.get("alerting") or {}
        if alerting.get("alert_relabel_configs") or any(
            each.get("alert_relabel_configs") for each in alerting.get("alertmanagers") or ()
        ):
            return None
        return {str(k): str(v) for k, v in ((config.get("global") or {}).get("external_labels") or {}).items()}
    except (QuestionError, yaml.YAMLError, AttributeError, KeyError, TypeError, RecursionError):
        return None
