"""The pods, their configuration, and how many of them may be away."""

from __future__ import annotations

from typing import Any, Final

from exporter.settings.options import AUTH, AUTH_AUDIENCE, CONFIG, DISABLE, KUBERNETES, NAMESPACES, TLS_CERT, TLS_KEY
from exporter.settings.settings import Option
from tools.generate.deploy import values as v
from tools.generate.deploy.common import LABELS, PORT, PORT_NAME, SELECTOR, meta, named
from tools.generate.deploy.tree import MORE, Document, Manifest, More, Text, When

_CONFIG_FOLDER: Final = "/etc/bootsource-exporter"
_TLS_FOLDER: Final = "/etc/bootsource-exporter-tls"
_CONFIG_FILE: Final = "config.yaml"


def _set(option: Option[Any], value: Any) -> dict[str, Any]:  # noqa: ANN401  (text, or a part of a tree)
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
        _set(CONFIG, f"{_CONFIG_FOLDER}/{_CONFIG_FILE}"),
        When(v.SOME_DISABLED, _set(DISABLE, Text("{disabled}"))),
        When(v.SOME_NAMESPACES, _set(NAMESPACES, Text("{namespaces}"))),
        When(
            v.SECURED,
            (
                _set(TLS_CERT, f"{_TLS_FOLDER}/tls.crt"),
                _set(TLS_KEY, f"{_TLS_FOLDER}/tls.key"),
                _set(AUTH, KUBERNETES),
                When(v.SOME_AUDIENCE, _set(AUTH_AUDIENCE, v.TOKEN_AUDIENCE)),
            ),
        ),
        More(v.ENV),
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
    "serviceAccountName": named(),
    "automountServiceAccountToken": True,
    "enableServiceLinks": False,
    "imagePullSecrets": v.PULL_SECRETS,
    "priorityClassName": v.PRIORITY,
    # No runAsUser: OpenShift gives each namespace users of its own, and the image has one that is not root.
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [_CONTAINER],
    "volumes": [
        {"name": "config", "configMap": {"name": named("config")}},
        When(v.SECURED, {"name": "tls", "secret": {"secretName": When(v.OPENSHIFT, named("tls"), v.TLS_SECRET)}}),
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
    "metadata": meta(),
    "spec": {
        "replicas": v.REPLICAS,
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": SELECTOR},
        "template": {
            "metadata": {
                "labels": {**LABELS, MORE: More(v.POD_LABELS)},
                "annotations": {
                    "kubectl.kubernetes.io/default-container": "exporter",
                    "openshift.io/required-scc": When(v.OPENSHIFT, "restricted-v2"),
                    MORE: More(v.POD_ANNOTATIONS),
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
            "metadata": meta("config"),
            "data": {_CONFIG_FILE: Document(v.CONFIG)},
        },
    ),
    Manifest("deployment", _DEPLOYMENT),
    Manifest(
        "poddisruptionbudget",
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": meta(),
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": SELECTOR}},
        },
        v.REPLICATED,
    ),
)
