"""What the CPU and memory quotas of a namespace must leave for a pod that CDI starts: a poller or an importer.

Source: CDI pkg/controller/config-controller.go, reconcilePodResourceRequirements and its defaults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from exporter.cluster.resources import CDIS
from exporter.cluster.snapshot import View, joint
from exporter.model.quantity import bytes_of

_DEFAULTS: Final = {
    "limits": {"cpu": "750m", "memory": "600M"},
    "requests": {"cpu": "100m", "memory": "60M"},
}


@joint(CDIS)
def pod_demands(view: View) -> Mapping[str, Decimal]:
    """CPUs and bytes of a pod, by the name that a quota has for them: `limits.cpu`, `requests.memory`, `memory`, ...

    A pod may have several containers that ask for this much each; one is what it takes at least.
    """
    configs = [row.spec.config for _, row in view[CDIS] if row.spec.config]
    told = next((config.pod_resource_requirements for config in configs if config.pod_resource_requirements), None)
    given = {"limits": told.limits, "requests": told.requests} if told else {}
    return dict(_demands({kind: {**default, **given.get(kind, {})} for kind, default in _DEFAULTS.items()}))


def _demands(amounts: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Decimal]]:
    for kind, by_resource in amounts.items():
        for resource in ("cpu", "memory"):
            amount = bytes_of(by_resource[resource])
            if amount is not None and amount > 0:
                yield f"{kind}.{resource}", amount
                if kind == "requests":  # Kubernetes has a short name for these
                    yield resource, amount
