"""How it is reached, and by whom."""

from __future__ import annotations

from typing import Any, Final

from tools.generate.deploy import values as v
from tools.generate.deploy.common import PORT, PORT_NAME, SELECTOR, meta, named
from tools.generate.deploy.tree import Manifest, More, When

_API_SERVER: Final = (443, 6443)
_DNS: Final = (53, 5353)
"""The second one is where the DNS pods of OpenShift listen; policies see ports behind the Service."""

_SERVICE: Final = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": meta(
        annotations=When(v.OPENSHIFT, {"service.beta.openshift.io/serving-cert-secret-name": named("tls")})
    ),
    "spec": {
        "selector": SELECTOR,
        "ports": [{"name": PORT_NAME, "port": PORT, "targetPort": PORT_NAME, "protocol": "TCP"}],
    },
}


def _ports(protocol: str, *numbers: int) -> list[dict[str, Any]]:
    return [{"protocol": protocol, "port": number} for number in numbers]


_MONITORING: Final = When(
    v.OPENSHIFT,
    When(v.ON_PLATFORM, ["openshift-monitoring"], ["openshift-user-workload-monitoring"]),
    v.SCRAPED_FROM,
)
_POLICY: Final = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": meta(),
    "spec": {
        "podSelector": {"matchLabels": SELECTOR},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {
                "from": [
                    {
                        "namespaceSelector": {
                            "matchExpressions": [
                                {"key": "kubernetes.io/metadata.name", "operator": "In", "values": _MONITORING}
                            ]
                        }
                    },
                    More(v.PEERS),
                ],
                "ports": _ports("TCP", PORT),
            }
        ],
        # Wherever they are: the API server is not a pod, and its address differs from site to site.
        "egress": [{"ports": _ports("TCP", *_API_SERVER)}, {"ports": _ports("UDP", *_DNS) + _ports("TCP", *_DNS)}],
    },
}

NETWORK: Final = (Manifest("service", _SERVICE), Manifest("networkpolicy", _POLICY, v.ISOLATED))
