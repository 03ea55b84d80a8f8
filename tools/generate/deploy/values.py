"""VALUES: what a site may set, once for the chart's values, their schema and their documentation."""

from __future__ import annotations

import json
from typing import Any, Final

from exporter.base.project import IMAGE, RUNBOOKS
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from tools.generate.config_file import config_schema
from tools.generate.deploy.tree import Condition, Site, Value

KUBERNETES: Final = "kubernetes"
USER_WORKLOAD: Final = "openshift-user-workload"
PLATFORM_MONITORING: Final = "openshift-platform"
_TEXT: Final = {"type": "string"}
_MAP: Final = {"type": "object"}
_TEXTS: Final = {"type": "object", "additionalProperties": _TEXT}
_LIST: Final = {"type": "array", "items": _MAP}


def _names(*choices: str) -> dict[str, Any]:
    one = {"enum": list(choices)} if choices else {**_TEXT, "minLength": 1}
    return {"type": "array", "items": one, "uniqueItems": True}


def _config() -> dict[str, Any]:
    whole = json.loads(config_schema())
    return {key: part for key, part in whole.items() if not key.startswith("$") and key != "title"}


PLATFORM: Final = Value(
    "platform",
    KUBERNETES,
    "Which monitoring it is for: kubernetes (with the Prometheus Operator), openshift-user-workload or "
    "openshift-platform. OpenShift gives it a certificate, so that it serves HTTPS, and only to those who may.",
    {"enum": [KUBERNETES, USER_WORKLOAD, PLATFORM_MONITORING]},
)
REPLICAS: Final = Value(
    "replicas",
    1,
    "Two are as good as one for alerts and dashboards, and one of them stays when a node is drained.",
    {"type": "integer", "minimum": 0},
)
REPOSITORY: Final = Value("image.repository", IMAGE, "The image; name a mirror of yours here.", _TEXT)
TAG: Final = Value("image.tag", "", "Another version than that of the chart.", _TEXT)
DIGEST: Final = Value(
    "image.digest", "", "sha256:..., which counts instead of the tag.", {**_TEXT, "pattern": "^(sha256:[0-9a-f]{64})?$"}
)
PULL_POLICY: Final = Value(
    "image.pullPolicy", "IfNotPresent", "When to pull it.", {"enum": ["Always", "IfNotPresent", "Never"]}
)
PULL_SECRETS: Final = Value("imagePullSecrets", [], "Secrets for the registry, as a pod names them.", _LIST)
FULL_NAME: Final = Value(
    "fullnameOverride",
    "",
    "What all objects are called; without it the name of the release, with bootsource-exporter in it.",
    {**_TEXT, "maxLength": 48},
)
CONFIG: Final = Value(
    "config",
    {},
    "The configuration file: thresholds, severities, suppressions and options (docs/configuration.md). A change counts "
    "within two minutes, without a restart, except where the option says that it needs one.",
    _config(),
)
DISABLE: Final = Value(
    "disable",
    [],
    "Resources that are not looked at; the permission to read them is not granted either. What depends on them is "
    "blind and says so.",
    _names(*(resource.plural for resource in WATCHED if resource.switchable)),
)
ENV: Final = Value(
    "env",
    [],
    "More environment variables, as a pod has them: every option is one (docs/configuration.md).",
    _LIST,
)
TLS_SECRET: Final = Value(
    "tls.secretName",
    "",
    "On kubernetes: a secret with tls.crt, tls.key and ca.crt, as cert-manager makes it, for the name "
    "NAME.NAMESPACE.svc. It then serves HTTPS, and only to those who may. On OpenShift there is one anyway.",
    _TEXT,
)
MONITORED: Final = Value(
    "monitoring.enabled",
    "auto",
    "Make ServiceMonitor and PrometheusRule: true, false, or auto, which asks the cluster whether it knows them.",
    {"enum": [True, False, "auto"]},
)
INTERVAL: Final = Value(
    "monitoring.interval", "30s", "How often it is scraped.", {**_TEXT, "pattern": "^([0-9]+(ms|s|m|h))+$"}
)
SELECTED_BY: Final = Value(
    "monitoring.labels",
    {"release": "kube-prometheus-stack"},
    "On kubernetes: the labels by which your Prometheus selects ServiceMonitors and rules.",
    _TEXTS,
)
SCRAPED_FROM: Final = Value(
    "monitoring.namespaces",
    ["monitoring"],
    "On kubernetes: the namespaces whose pods may connect, those of Prometheus and of whoever else asks it. On "
    "OpenShift it is the monitoring of the platform above.",
    _names(),
)
RUNBOOK_BASE: Final = Value(
    "monitoring.runbooks",
    RUNBOOKS,
    "Where the links of alerts to runbooks lead; a copy of yours without internet.",
    _TEXT,
)
GRAFANA: Final = Value(
    "monitoring.grafana", "", "Address of your Grafana, for the links of alerts to dashboards.", _TEXT
)
KUBEVIRT_LABELS: Final = Value(
    "monitoring.kubevirtLabels",
    False,
    "Give alerts the labels by which KubeVirt's own dashboards and alerts find what belongs to it.",
    {"type": "boolean"},
)
FORMS: Final = Value(
    "dashboards",
    ["auto"],
    "Dashboards as: configmaps (for the sidecar of Grafana's chart), openshift (for the console), grafana-operator, "
    "perses. auto is openshift there, configmaps elsewhere; an empty list is none.",
    _names("auto", "configmaps", "openshift", "grafana-operator", "perses"),
)
NETWORK_POLICY: Final = Value(
    "networkPolicy.enabled",
    True,
    "Let in only Prometheus, and out only to the API server and DNS.",
    {"type": "boolean"},
)
PEERS: Final = Value("networkPolicy.from", [], "Who else may connect, as a NetworkPolicy names peers.", _LIST)
RESOURCES: Final = Value(
    "resources",
    {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
    "What it gets. The memory is enough for 100,000 virtual machines; without a limit for the CPU it is not held up "
    "while it reads a large cluster.",
    _MAP,
)
NODE_SELECTOR: Final = Value("nodeSelector", {}, "Where it may run.", _TEXTS)
TOLERATIONS: Final = Value("tolerations", [], "Taints that it bears.", _LIST)
AFFINITY: Final = Value("affinity", {}, "Where it would rather run.", _MAP)
PRIORITY: Final = Value("priorityClassName", "", "Its PriorityClass.", _TEXT)
POD_LABELS: Final = Value("podLabels", {}, "More labels of its pods.", _TEXTS)
POD_ANNOTATIONS: Final = Value("podAnnotations", {}, "More annotations of its pods.", _TEXTS)

VALUES: Final = (
    *(PLATFORM, REPLICAS, REPOSITORY, TAG, DIGEST, PULL_POLICY, PULL_SECRETS, FULL_NAME, CONFIG, DISABLE, ENV),
    *(TLS_SECRET, MONITORED, INTERVAL, SELECTED_BY, SCRAPED_FROM, RUNBOOK_BASE, GRAFANA, KUBEVIRT_LABELS, FORMS),
    *(NETWORK_POLICY, PEERS, RESOURCES, NODE_SELECTOR, TOLERATIONS, AFFINITY, PRIORITY, POD_LABELS, POD_ANNOTATIONS),
)

ON_KUBERNETES: Final = Condition(f'eq {PLATFORM.template} "{KUBERNETES}"', lambda site: site[PLATFORM] == KUBERNETES)
OPENSHIFT: Final = Condition(f'ne {PLATFORM.template} "{KUBERNETES}"', lambda site: site[PLATFORM] != KUBERNETES)
ON_PLATFORM: Final = Condition(
    f'eq {PLATFORM.template} "{PLATFORM_MONITORING}"', lambda site: site[PLATFORM] == PLATFORM_MONITORING
)
SECURED: Final = Condition(
    f"or ({OPENSHIFT.template}) {TLS_SECRET.template}", lambda site: OPENSHIFT.holds(site) or bool(site[TLS_SECRET])
)
"""It serves HTTPS, and asks who may see it: a token must not travel in the clear, and a certificate is of no use to one
who lets everybody in."""
SCRAPED: Final = Condition(
    'eq (include "bootsource-exporter.monitored" .) "true"', lambda site: site[MONITORED] is True
)
ISOLATED: Final = Condition(NETWORK_POLICY.template, lambda site: bool(site[NETWORK_POLICY]))
REPLICATED: Final = Condition(f"gt (int {REPLICAS.template}) 1", lambda site: site[REPLICAS] > 1)
SOME_DISABLED: Final = Condition(DISABLE.template, lambda site: bool(site[DISABLE]))


def looked_at(resource: Resource[Any]) -> Condition:
    """It is not switched off."""

    def holds(site: Site) -> bool:
        return resource.plural not in site[DISABLE]

    return Condition(f'not (has "{resource.plural}" {DISABLE.template})', holds)
