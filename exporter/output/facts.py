"""Which cluster a report is about, in words."""

from __future__ import annotations

from typing import Any

from exporter.base.phrases import counted, joined
from exporter.cluster.resources import CDIS, DATA_IMPORT_CRONS, DATA_SOURCES, HYPERCONVERGEDS
from exporter.cluster.snapshot import ClusterSnapshot, Table
from exporter.joins.platform import platform_of
from exporter.kube.contract import State


def facts_of(cluster: ClusterSnapshot) -> tuple[str, ...]:
    """Which cluster this is, and how much of it was seen."""
    platform = platform_of(cluster)
    hco = next((row for _, row in cluster[HYPERCONVERGEDS]), None)
    operator = next((v.version for v in hco.status.versions if v.name == "operator"), "") if hco else ""
    cdi = next((row.status.observed_version for _, row in cluster[CDIS]), "")
    versions = [f"{name} {text}" for name, text in (("HyperConverged", operator), ("CDI", cdi)) if text]
    where = "OpenShift" if platform.openshift else "Kubernetes"
    tables: tuple[Table[Any], ...] = (cluster[DATA_IMPORT_CRONS], cluster[DATA_SOURCES])
    rows = [counted(len(t), t.resource.kind) for t in tables if t.state in {State.LIVE, State.STALE}]
    return (", ".join([where, *versions]), *([joined(rows)] if rows else []))
