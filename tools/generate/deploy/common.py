"""What several objects share: names, labels, and the port."""

from __future__ import annotations

from typing import Any, Final

from exporter.settings.options import LISTEN
from tools.generate.deploy.tree import Text

NAMESPACE: Final = Text("{namespace}")
APP: Final = "bootsource-exporter"
PORT: Final = LISTEN.default.port
PORT_NAME: Final = "metrics"
SELECTOR: Final = {"app.kubernetes.io/name": APP, "app.kubernetes.io/instance": Text("{instance}")}
"""By what Service, ServiceMonitor and the like find the pods."""
LABELS: Final = {**SELECTOR, "app.kubernetes.io/version": Text("{version}")}


def full_name(suffix: str = "") -> Text:
    """The name of an object."""
    return Text("{name}" + (f"-{suffix}" if suffix else ""))


def namespaced_metadata(suffix: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401  (any part of a tree)
    """The metadata of an object in the namespace."""
    return {"name": full_name(suffix), "namespace": NAMESPACE, "labels": LABELS, **more}


def cluster_metadata(suffix: str = "") -> dict[str, Any]:
    """The metadata of an object of the whole cluster."""
    return {"name": full_name(suffix), "labels": LABELS}
