"""Questions in PromQL."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.doctor.request_errors import QuestionError
from exporter.doctor.server import MonitoringServer

Labels = Mapping[str, str]


def query_samples(server: MonitoringServer, query: str) -> list[tuple[Labels, float]]:
    """The samples that a query gives now. Raises QuestionError."""
    data = server.data("/api/v1/query", query=query)
    try:
        return [
            ({str(name): str(value) for name, value in sample["metric"].items()}, float(sample["value"][1]))
            for sample in data["result"]
        ]
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        raise QuestionError("the answer to a query is not what Prometheus gives", "is the address right?") from None
