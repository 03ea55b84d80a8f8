"""Questions in PromQL."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.doctor.faults import FaultError
from exporter.doctor.server import Server

Labels = Mapping[str, str]


def samples(server: Server, query: str) -> list[tuple[Labels, float]]:
    """The samples that a query gives now. Raises FaultError."""
    data = server.data("/api/v1/query", query=query)
    try:
        return [
            ({str(name): str(value) for name, value in sample["metric"].items()}, float(sample["value"][1]))
            for sample in data["result"]
        ]
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        raise FaultError("the answer to a query is not what Prometheus gives", "is the address right?") from None
