"""How it is reached, and by whom."""

from __future__ import annotations

from typing import Any, Final

from tools.generate.deploy import values as v
from tools.generate.deploy.common import PORT, PORT_NAME, SELECTOR, full_name, namespaced_metadata
from tools.generate.deploy.tree import Manifest, Spread, When

_DNS: Final = (53, 5353)
"""The second one is where the DNS pods of OpenShift listen; policies see ports behind the Service."""

_SERVICE: Final = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": namespaced_metadata(
        annotations=When(v.OPENSHIFT, {"service.beta.openshift.io/serving-cert-secret-name": full_name("tls")})
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
# Elsewhere DNS may be a cache on the node, which is not a pod that a policy can name.
_OPENSHIFT_DNS: Final = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "openshift-dns"}}}]
_POLICY: Final = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": namespaced_metadata(),
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
                    Spread(v.PEERS),
                ],
                "ports": _ports("TCP", PORT),
            }
        ],
        "egress": [
            # The API server is not a pod, and its addresses differ from site to site: without them any address.
            {"ports": v.API_SERVER_PORTS, "to": v.API_SERVER_PEERS},
            {
                "ports": _ports("UDP", *_DNS) + _ports("TCP", *_DNS),
                "to": When(v.OPENSHIFT, _OPENSHIFT_DNS, v.DNS_PEERS),
            },
        ],
    },
}

NETWORK: Final = (Manifest("service", _SERVICE), Manifest("networkpolicy", _POLICY, v.ISOLATED))
