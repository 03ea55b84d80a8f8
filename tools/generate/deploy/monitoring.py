"""How Prometheus finds it.

A file in Prometheus' pod is named only on demand: user workload monitoring refuses ServiceMonitors that name one.
"""

from __future__ import annotations

from typing import Final

from exporter.web.guard import METRICS
from tools.generate.deploy import values as v
from tools.generate.deploy.common import LABELS, NAMESPACE, PORT_NAME, SELECTOR, full_name, namespaced_metadata
from tools.generate.deploy.tree import MORE, Manifest, Spread, Text, When

_CA: Final = When(
    v.OPENSHIFT,
    {"configMap": {"name": full_name("service-ca"), "key": "service-ca.crt"}},
    {"secret": {"name": v.TLS_SECRET, "key": "ca.crt"}},
)
_MONITOR: Final = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "ServiceMonitor",
    "metadata": {
        "name": full_name(),
        "namespace": NAMESPACE,
        "labels": {**LABELS, MORE: When(v.ON_KUBERNETES, Spread(v.SELECTED_BY))},
    },
    "spec": {
        "selector": {"matchLabels": SELECTOR},
        "endpoints": [
            {
                "port": PORT_NAME,
                "path": METRICS,
                "interval": v.INTERVAL,
                "scheme": When(v.SECURED, "https", "http"),
                "tlsConfig": When(v.SECURED, {"serverName": Text("{name}.{namespace}.svc"), "ca": _CA}),
                "authorization": When(
                    v.SECRET_TOKEN, {"credentials": {"name": full_name("scraper-token"), "key": "token"}}
                ),
                "bearerTokenFile": When(v.FILE_TOKEN, v.TOKEN_FILE),
            }
        ],
    },
}

MONITORING: Final = (
    Manifest("servicemonitor", _MONITOR, v.SCRAPED),
    # OpenShift puts its authority for the certificates of Services into it.
    Manifest(
        "configmap-service-ca",
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": namespaced_metadata(
                "service-ca", annotations={"service.beta.openshift.io/inject-cabundle": "true"}
            ),
        },
        v.SCRAPED & v.OPENSHIFT,
    ),
)
