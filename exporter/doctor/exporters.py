"""The exporter that runs in the cluster, as Prometheus has it: what it cannot see with its own account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.cluster.permissions import SERVICE_ACCOUNT
from exporter.cluster.resources import WATCHED
from exporter.doctor.cluster import missing_role
from exporter.doctor.diagnosis import Line, Standing
from exporter.doctor.prometheus import SERIES
from exporter.doctor.queries import Labels, query_samples
from exporter.doctor.request_errors import QuestionError
from exporter.doctor.server import MonitoringServer

_STATES = 'max by (cluster, resource, state) (bootsource_resource_state{state!~"live|not_served"}) == 1'
_BLIND = 'count by (cluster) (max by (cluster, check) (bootsource_check_status{status="blind"}) == 1)'
_REFUSED = "min by (cluster) (bootsource_config_last_reload_successful) == 0"
_NAMESPACE: Final = "NAMESPACE"
"""Stands for what is not known."""
_APPLY: Final = "give the role below to `kubectl apply -f -`"
_FILL: Final = (
    f"put the exporter's namespace in place of {_NAMESPACE} in the YAML below, both times, then give it to "
    "`kubectl apply -f -`"
)


def check_exporters(server: MonitoringServer) -> Iterator[Line]:
    """What its series say of the resources and checks; nothing where it has no series, which is told elsewhere."""
    try:
        states = query_samples(server, _STATES)
        verdicts = query_samples(server, "max by (verdict) (bootsource_verdict) == 1")
        blind = query_samples(server, _BLIND)
        refused = query_samples(server, _REFUSED)
        namespace = _namespace(query_samples(server, SERIES))
    except QuestionError as fault:
        yield _line("resources", "unknown", f"what it can read is not known: {fault.said}", fault.remedy)
        return
    for labels, _ in states:
        yield _state(labels, namespace)
    for labels, value in blind:
        yield _blind(labels, value, states)
    for labels, _ in refused:
        said = f"it refuses its configuration file{_where(labels)}; what stood there before counts, until it restarts"
        yield _line("configuration", "problem", said, _log(namespace))
    if verdicts and not states:
        yield _line("resources", "ok", "it sees all that the cluster serves")


def _state(labels: Labels, namespace: str) -> Line:
    state, plural = labels.get("state"), labels.get("resource", "")
    resource = next((r for r in WATCHED if r.plural == plural), None)
    if state == "forbidden" and resource is not None:
        remedy = _FILL if namespace == _NAMESPACE else _APPLY
        account = f"{SERVICE_ACCOUNT}{namespace}:bootsource-exporter"
        said = f"it may not list or watch {plural}{_where(labels)}"
        return _line(plural, "problem", said, remedy, missing_role(resource, account))
    if state == "disabled":
        return _line(plural, "ok", f"switched off{_where(labels)}; checks that read it are blind")
    standing: Standing = "unknown" if state == "pending" else "problem"
    said = "is not read yet: it has just started, or waits" if state == "pending" else f"is {state}"
    return _line(plural, standing, f"{plural}{_where(labels)} {said}", _log(namespace))


def _blind(labels: Labels, value: float, states: list[tuple[Labels, float]]) -> Line:
    said = f"{value:.0f} checks are blind{_where(labels)}"
    here = {state.get("state") for state, _ in states if state.get("cluster") == labels.get("cluster")}
    if here == {"disabled"}:
        return _line("checks", "ok", f"{said}, by what was switched off")
    return _line("checks", "unknown", said, "mend what is said of resources, or see which and why with `audit`")


def _where(labels: Labels) -> str:
    return f" in {labels['cluster']}" if labels.get("cluster") else ""


def _namespace(replicas: list[tuple[Labels, float]]) -> str:
    """The one that the scrape has noted."""
    return next((labels["namespace"] for labels, _ in replicas if labels.get("namespace")), _NAMESPACE)


def _log(namespace: str) -> str:
    return f"see its log: `oc logs -n {namespace} -l app.kubernetes.io/name=bootsource-exporter --tail=50`"


def _line(subject: str, status: Standing, said: str, remedy: str = "", manifest: str = "") -> Line:
    return Line(link="exporter", subject=subject, status=status, said=said, remedy=remedy, manifest=manifest)
