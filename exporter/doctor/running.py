"""The exporter that runs in the cluster, as Prometheus has it: what it cannot see with its own account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from exporter.doctor.cluster import missing
from exporter.doctor.diagnosis import Line, Standing
from exporter.doctor.prometheus import SERIES
from exporter.doctor.queries import Labels, samples
from exporter.doctor.server import FaultError, Server
from exporter.permissions import SERVICE_ACCOUNT
from exporter.watched import WATCHED

_STATES = 'max by (cluster, resource, state) (bootsource_resource_state{state!~"live|not_served|disabled"}) == 1'
_BLIND = 'count by (cluster) (max by (cluster, check) (bootsource_check_status{status="blind"}) == 1)'
_NAMESPACE: Final = "NAMESPACE"
"""Stands for what is not known."""
_APPLY: Final = "give the role below to `kubectl apply -f -`"
_FILL: Final = (
    f"put the exporter's namespace in place of {_NAMESPACE} in the YAML below, both times, then give it to "
    "`kubectl apply -f -`"
)
_LOG = "see its log: `oc logs -A -l app.kubernetes.io/name=bootsource-exporter --tail=50`"


def look(server: Server) -> Iterator[Line]:
    """What its series say of the resources and checks; nothing where it has no series, which is told elsewhere."""
    try:
        states = samples(server, _STATES)
        verdicts = samples(server, "max by (verdict) (bootsource_verdict) == 1")
        blind = samples(server, _BLIND)
        account = _account(samples(server, SERIES))
    except FaultError:
        return
    for labels, _ in states:
        resource = next((r for r in WATCHED if r.plural == labels.get("resource")), None)
        where = f" in {labels['cluster']}" if labels.get("cluster") else ""
        if resource is not None and labels.get("state") == "forbidden":
            said = f"it may not list or watch {resource.plural}{where}"
            remedy = _FILL if _NAMESPACE in account else _APPLY
            yield _line(resource.plural, "problem", said, remedy, missing(resource, account))
        else:
            said = f"{labels.get('resource')}{where} is {labels.get('state')}"
            pending = labels.get("state") == "pending"  # it has just started
            yield _line(str(labels.get("resource")), "unknown" if pending else "problem", said, _LOG)
    for labels, value in blind:
        where = f" in {labels['cluster']}" if labels.get("cluster") else ""
        yield _line("checks", "unknown", f"{value:.0f} checks are blind{where}", "mend what is said of resources")
    if verdicts and not states:
        yield _line("resources", "ok", "it sees all that the cluster serves")


def _account(replicas: list[tuple[Labels, float]]) -> str:
    """The service account of our manifests, in the namespace that the scrape has noted."""
    namespace = next((labels["namespace"] for labels, _ in replicas if labels.get("namespace")), _NAMESPACE)
    return f"{SERVICE_ACCOUNT}{namespace}:bootsource-exporter"


def _line(subject: str, status: Standing, said: str, remedy: str = "", manifest: str = "") -> Line:
    return Line(link="exporter", subject=subject, status=status, said=said, remedy=remedy, manifest=manifest)
