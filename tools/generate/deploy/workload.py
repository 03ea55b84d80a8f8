"""The pods, their configuration, and how many of them may be away."""

from __future__ import annotations

from typing import Any, Final

from exporter.settings.options import AUTH, AUTH_AUDIENCE, CONFIG, DISABLE, KUBERNETES, NAMESPACES, TLS_CERT, TLS_KEY
from exporter.settings.settings import Option
from tools.generate.deploy import values as v
from tools.generate.deploy.common import LABELS, PORT, PORT_NAME, SELECTOR, full_name, namespaced_metadata
from tools.generate.deploy.tree import MORE, Manifest, Spread, Text, When, YamlText

_CONFIG_FOLDER: Final = "/etc/bootsource-exporter"
_TLS_FOLDER: Final = "/etc/bootsource-exporter-tls"
_CONFIG_FILE: Final = "config.yaml"


def _variable(option: Option[Any], value: Any) -> dict[str, Any]:  # noqa: ANN401  (text, or a part of a tree)
    return {"name": option.variable, "value": value}


def _probe(path: str, every: int) -> dict[str, Any]:
    asked = {"path": path, "port": PORT_NAME, "scheme": When(v.SECURED, "HTTPS", "HTTP")}
    return {"httpGet": asked, "periodSeconds": every, "timeoutSeconds": 5, "failureThreshold": 3}


_CONTAINER: Final = {
    "name": "exporter",
    "image": Text("{image}"),
    "imagePullPolicy": v.PULL_POLICY,
    "args": ["serve"],
    "env": [
        _variable(CONFIG, f"{_CONFIG_FOLDER}/{_CONFIG_FILE}"),
        When(v.SOME_DISABLED, _variable(DISABLE, Text("{disabled}"))),
        When(v.SOME_NAMESPACES, _variable(NAMESPACES, Text("{namespaces}"))),
        When(
            v.SECURED,
            (
                _variable(TLS_CERT, f"{_TLS_FOLDER}/tls.crt"),
                _variable(TLS_KEY, f"{_TLS_FOLDER}/tls.key"),
                _variable(AUTH, KUBERNETES),
                When(v.SOME_AUDIENCE, _variable(AUTH_AUDIENCE, v.TOKEN_AUDIENCE)),
            ),
        ),
        Spread(v.ENV),
    ],
    "ports": [{"name": PORT_NAME, "containerPort": PORT, "protocol": "TCP"}],
    "livenessProbe": _probe("/healthz", 10),
    "readinessProbe": _probe("/readyz", 5),
    "resources": v.RESOURCES,
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    },
    "terminationMessagePolicy": "FallbackToLogsOnError",
    # Folders, not files by subPath: those would never change.
    "volumeMounts": [
        {"name": "config", "mountPath": _CONFIG_FOLDER, "readOnly": True},
        When(v.SECURED, {"name": "tls", "mountPath": _TLS_FOLDER, "readOnly": True}),
    ],
}
_POD: Final = {
    "serviceAccountName": full_name(),
    "automountServiceAccountToken": True,
    "enableServiceLinks": False,
    "imagePullSecrets": v.PULL_SECRETS,
    "priorityClassName": v.PRIORITY,
    # No runAsUser: OpenShift gives each namespace users of its own, and the image has one that is not root.
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [_CONTAINER],
    "volumes": [
        {"name": "config", "configMap": {"name": full_name("config")}},
        When(v.SECURED, {"name": "tls", "secret": {"secretName": When(v.OPENSHIFT, full_name("tls"), v.TLS_SECRET)}}),
    ],
    "nodeSelector": v.NODE_SELECTOR,
    "tolerations": v.TOLERATIONS,
    "affinity": v.AFFINITY,
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": SELECTOR},
        }
    ],
}
_DEPLOYMENT: Final = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": namespaced_metadata(),
    "spec": {
        "replicas": v.REPLICAS,
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": SELECTOR},
        "template": {
            "metadata": {
                "labels": {**LABELS, MORE: Spread(v.POD_LABELS)},
                "annotations": {
                    "kubectl.kubernetes.io/default-container": "exporter",
                    "openshift.io/required-scc": When(v.OPENSHIFT, "restricted-v2"),
                    MORE: Spread(v.POD_ANNOTATIONS),
                },
            },
            "spec": _POD,
        },
    },
}

WORKLOAD: Final = (
    Manifest(
        "configmap",
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": namespaced_metadata("config"),
            "data": {_CONFIG_FILE: YamlText(v.CONFIG)},
        },
    ),
    Manifest("deployment", _DEPLOYMENT),
    Manifest(
        "poddisruptionbudget",
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": namespaced_metadata(),
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": SELECTOR}},
        },
        v.REPLICATED,
    ),
)
