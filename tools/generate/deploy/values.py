"""VALUES: what a site may set, once for the chart's values, their schema and their documentation."""

from __future__ import annotations

import json
from typing import Any, Final

from exporter.base.project import IMAGE, RUNBOOKS
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from tools.generate.config_file import config_schema
from tools.generate.deploy.tree import DeploySite, SiteCondition, SiteValue

KUBERNETES: Final = "kubernetes"
USER_WORKLOAD: Final = "openshift-user-workload"
PLATFORM_MONITORING: Final = "openshift-platform"
NAMESPACED: Final = "namespaces"
"""The permissions that may be granted per namespace are granted in some of them only."""
_MAP: Final = {"type": "object"}
_LIST: Final = {"type": "array", "items": _MAP}
# Text goes into YAML between quotes: every pattern keeps quotes, backslashes, braces and line breaks out of it.
_LABEL: Final = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_SUBDOMAIN: Final = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?"


def _text(pattern: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  (what JSON Schema may hold)
    """Text of one form, or none at all."""
    return {"type": "string", "pattern": f"^({pattern})?$", **more}


_URL: Final = _text("https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]+")
_LABEL_VALUES: Final = {
    "type": "object",
    "additionalProperties": _text("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"),
}
_TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string"}}


def _names(*choices: str) -> dict[str, Any]:
    one = {"enum": list(choices)} if choices else {"type": "string", "pattern": f"^{_LABEL}$"}
    return {"type": "array", "items": one, "uniqueItems": True}


def _config() -> dict[str, Any]:
    whole = json.loads(config_schema())
    return {key: part for key, part in whole.items() if not key.startswith("$") and key != "title"}


PLATFORM: Final = SiteValue(
    "platform",
    KUBERNETES,
    "Which monitoring it is for: kubernetes (with the Prometheus Operator), openshift-user-workload or "
    "openshift-platform. OpenShift gives it a certificate, so that it serves HTTPS, and only to those who may.",
    {"enum": [KUBERNETES, USER_WORKLOAD, PLATFORM_MONITORING]},
)
REPLICAS: Final = SiteValue(
    "replicas",
    1,
    "Two are as good as one for alerts and dashboards, and one of them stays when a node is drained.",
    {"type": "integer", "minimum": 0},
)
REPOSITORY: Final = SiteValue(
    "image.repository",
    IMAGE,
    "The image; name a mirror of yours here.",
    _text("[A-Za-z0-9][A-Za-z0-9._:/-]*", minLength=1),
)
TAG: Final = SiteValue(
    "image.tag", "", "Another version than that of the chart.", _text("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
)
DIGEST: Final = SiteValue(
    "image.digest",
    "",
    "sha256:..., used instead of the tag. Without either a released chart uses the digest of its own image.",
    _text("sha256:[0-9a-f]{64}"),
)
PULL_POLICY: Final = SiteValue(
    "image.pullPolicy", "IfNotPresent", "When to pull it.", {"enum": ["Always", "IfNotPresent", "Never"]}
)
PULL_SECRETS: Final = SiteValue("imagePullSecrets", [], "Secrets for the registry, as a pod names them.", _LIST)
FULL_NAME: Final = SiteValue(
    "fullnameOverride",
    "",
    "What all objects are called; without it the name of the release, with bootsource-exporter in it.",
    _text(_LABEL, maxLength=48),
)
CONFIG: Final = SiteValue(
    "config",
    {},
    "The configuration file: thresholds, severities, suppressions and options (docs/configuration.md). A change counts "
    "within two minutes, without a restart, except where the option says that it needs one.",
    _config(),
)
DISABLE: Final = SiteValue(
    "disable",
    [],
    "Resources that are not looked at; the permission to read them is not granted either. What depends on them is "
    "blind and says so.",
    _names(*(resource.plural for resource in WATCHED if resource.switchable)),
)
ENV: Final = SiteValue(
    "env",
    [],
    "More environment variables, as a pod has them: every option is one (docs/configuration.md).",
    _LIST,
)
TLS_SECRET: Final = SiteValue(
    "tls.secretName",
    "",
    "On kubernetes: a secret with tls.crt, tls.key and ca.crt, as cert-manager makes it, for the name "
    "NAME.NAMESPACE.svc. It then serves HTTPS, and only to those who may. On OpenShift there is one anyway.",
    _text(_SUBDOMAIN),
)
MONITORED: Final = SiteValue(
    "monitoring.enabled",
    "auto",
    "Make ServiceMonitor and PrometheusRule: true, false, or auto, which asks the cluster whether it knows them.",
    {"enum": [True, False, "auto"]},
)
INTERVAL: Final = SiteValue(
    "monitoring.interval", "30s", "How often it is scraped.", {"type": "string", "pattern": "^([0-9]+(ms|s|m|h))+$"}
)
SELECTED_BY: Final = SiteValue(
    "monitoring.labels",
    {"release": "kube-prometheus-stack"},
    "On kubernetes: the labels by which your Prometheus selects ServiceMonitors and rules.",
    _LABEL_VALUES,
)
SCRAPED_FROM: Final = SiteValue(
    "monitoring.namespaces",
    ["monitoring"],
    "On kubernetes: the namespaces whose pods may connect, those of Prometheus and of whoever else asks it. On "
    "OpenShift it is the monitoring of the platform above.",
    _names(),
)
RUNBOOK_BASE: Final = SiteValue(
    "monitoring.runbooks",
    RUNBOOKS,
    "Where the links of alerts to runbooks lead; a copy of yours without internet.",
    _URL,
)
GRAFANA: Final = SiteValue(
    "monitoring.grafana", "", "Address of your Grafana, for the links of alerts to dashboards.", _URL
)
KUBEVIRT_LABELS: Final = SiteValue(
    "monitoring.kubevirtLabels",
    False,
    "Give alerts the labels by which KubeVirt's own dashboards and alerts find what belongs to it.",
    {"type": "boolean"},
)
FORMS: Final = SiteValue(
    "dashboards",
    ["auto"],
    "Dashboards as: configmaps (for the sidecar of Grafana's chart), openshift (for the console), grafana-operator, "
    "perses. auto is openshift there, configmaps elsewhere; an empty list is none.",
    _names("auto", "configmaps", "openshift", "grafana-operator", "perses"),
)
NETWORK_POLICY: Final = SiteValue(
    "networkPolicy.enabled",
    True,
    "Let in only Prometheus, and let out only DNS and TCP to the ports of the API server.",
    {"type": "boolean"},
)
PEERS: Final = SiteValue("networkPolicy.from", [], "Who else may connect, as a NetworkPolicy names peers.", _LIST)
API_SERVER_PORTS: Final = SiteValue(
    "networkPolicy.apiServerPorts",
    [{"protocol": "TCP", "port": 443}, {"protocol": "TCP", "port": 6443}],
    "Ports of the API server, as a NetworkPolicy names ports. Most networks see the port of its endpoints, not of its "
    "Service: `kubectl get endpointslices -n default` shows it.",
    {**_LIST, "minItems": 1},
)
API_SERVER_PEERS: Final = SiteValue(
    "networkPolicy.apiServerPeers",
    [],
    "Addresses of the API server, as a NetworkPolicy names peers, for example `{ipBlock: {cidr: 192.0.2.10/32}}`. "
    "Without them those ports are open to any address, since the API server is not a pod and each cluster has its own.",
    _LIST,
)
DNS_PEERS: Final = SiteValue(
    "networkPolicy.dnsPeers",
    [],
    "On kubernetes: where DNS is, as a NetworkPolicy names peers. Without them ports 53 and 5353 are open to any "
    "address, since a DNS cache on the node is not a pod. On OpenShift it is the namespace openshift-dns.",
    _LIST,
)
TOKEN_FILE: Final = SiteValue(
    "monitoring.token.file",
    "",
    "On kubernetes: a file in the pod of Prometheus with a token that expires, such as a projected ServiceAccount "
    "token. Without it Prometheus gets a token from a Secret, which does not expire (docs/security.md).",
    _text("/[A-Za-z0-9._/-]+"),
)
TOKEN_ACCOUNT: Final = SiteValue(
    "monitoring.token.serviceAccount",
    {},
    "Whose token the file holds: name and namespace of the ServiceAccount of Prometheus.",
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {"name": _text(_SUBDOMAIN), "namespace": _text(_LABEL)},
    },
)
TOKEN_AUDIENCE: Final = SiteValue(
    "monitoring.token.audience",
    "",
    "The audience of the token in the file, if it is not the API server.",
    _text("[A-Za-z0-9][A-Za-z0-9._:/-]*"),
)
RBAC_SCOPE: Final = SiteValue(
    "rbac.scope",
    "cluster",
    "Where PersistentVolumeClaims, VolumeSnapshots, ImageStreams and pods may be read: cluster (in all namespaces), "
    "or namespaces (in those of rbac.namespaces). What boot sources in other namespaces need is then unknown.",
    {"enum": ["cluster", NAMESPACED]},
)
NAMESPACES: Final = SiteValue(
    "rbac.namespaces",
    [],
    "With rbac.scope namespaces: the namespaces, which must exist, of DataImportCrons, DataSources and the images that "
    "they point to.",
    {**_names(), "maxItems": 50},
)
RESOURCES: Final = SiteValue(
    "resources",
    {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
    "What it gets. The memory is enough for 100,000 virtual machines; without a limit for the CPU it is not held up "
    "while it reads a large cluster.",
    _MAP,
)
NODE_SELECTOR: Final = SiteValue("nodeSelector", {}, "Where it may run.", _LABEL_VALUES)
TOLERATIONS: Final = SiteValue("tolerations", [], "Taints that it bears.", _LIST)
AFFINITY: Final = SiteValue("affinity", {}, "Where it would rather run.", _MAP)
PRIORITY: Final = SiteValue("priorityClassName", "", "Its PriorityClass.", _text(_SUBDOMAIN))
POD_LABELS: Final = SiteValue("podLabels", {}, "More labels of its pods.", _LABEL_VALUES)
POD_ANNOTATIONS: Final = SiteValue("podAnnotations", {}, "More annotations of its pods.", _TEXTS)

NEEDED_WITH: Final = {
    "rbac": {
        "if": {"properties": {"scope": {"const": NAMESPACED}}, "required": ["scope"]},
        "then": {"properties": {"namespaces": {"minItems": 1}}},
    },
    "token": {
        "if": {"properties": {"file": {"minLength": 1}}, "required": ["file"]},
        "then": {"properties": {"serviceAccount": {"required": ["name", "namespace"]}}},
    },
}
"""Per key of nested values: what one of them demands of another, as JSON Schema."""

VALUES: Final = (
    *(PLATFORM, REPLICAS, REPOSITORY, TAG, DIGEST, PULL_POLICY, PULL_SECRETS, FULL_NAME, CONFIG, DISABLE, ENV),
    *(TLS_SECRET, MONITORED, INTERVAL, SELECTED_BY, SCRAPED_FROM, RUNBOOK_BASE, GRAFANA, KUBEVIRT_LABELS, FORMS),
    *(TOKEN_FILE, TOKEN_ACCOUNT, TOKEN_AUDIENCE, RBAC_SCOPE, NAMESPACES),
    *(NETWORK_POLICY, PEERS, API_SERVER_PORTS, API_SERVER_PEERS, DNS_PEERS),
    *(RESOURCES, NODE_SELECTOR, TOLERATIONS, AFFINITY, PRIORITY, POD_LABELS, POD_ANNOTATIONS),
)

ON_KUBERNETES: Final = SiteCondition(
    f'eq {PLATFORM.template} "{KUBERNETES}"', lambda site: site[PLATFORM] == KUBERNETES
)
OPENSHIFT: Final = SiteCondition(f'ne {PLATFORM.template} "{KUBERNETES}"', lambda site: site[PLATFORM] != KUBERNETES)
ON_PLATFORM: Final = SiteCondition(
    f'eq {PLATFORM.template} "{PLATFORM_MONITORING}"', lambda site: site[PLATFORM] == PLATFORM_MONITORING
)
SECURED: Final = SiteCondition(
    f"or ({OPENSHIFT.template}) {TLS_SECRET.template}", lambda site: OPENSHIFT.holds(site) or bool(site[TLS_SECRET])
)
"""It serves HTTPS, and asks who may see it: a token must not travel in the clear, and a certificate is of no use to one
who lets everybody in."""
FILE_TOKEN: Final = SiteCondition(
    f'and (eq {PLATFORM.template} "{KUBERNETES}") {TLS_SECRET.template} {TOKEN_FILE.template}',
    lambda site: ON_KUBERNETES.holds(site) and bool(site[TLS_SECRET]) and bool(site[TOKEN_FILE]),
)
"""Prometheus shows a token that the kubelet renews."""
SECRET_TOKEN: Final = SiteCondition(
    f"or ({OPENSHIFT.template}) (and {TLS_SECRET.template} (not {TOKEN_FILE.template}))",
    lambda site: SECURED.holds(site) and not FILE_TOKEN.holds(site),
)
SOME_AUDIENCE: Final = SiteCondition(
    f"and ({FILE_TOKEN.template}) {TOKEN_AUDIENCE.template}",
    lambda site: FILE_TOKEN.holds(site) and bool(site[TOKEN_AUDIENCE]),
)
CLUSTER_WIDE: Final = SiteCondition(
    f'ne {RBAC_SCOPE.template} "{NAMESPACED}"', lambda site: site[RBAC_SCOPE] != NAMESPACED
)
SOME_NAMESPACES: Final = SiteCondition(
    f'eq {RBAC_SCOPE.template} "{NAMESPACED}"', lambda site: site[RBAC_SCOPE] == NAMESPACED
)
SCRAPED: Final = SiteCondition(
    'eq (include "bootsource-exporter.monitored" .) "true"', lambda site: site[MONITORED] is True
)
ISOLATED: Final = SiteCondition(NETWORK_POLICY.template, lambda site: bool(site[NETWORK_POLICY]))
REPLICATED: Final = SiteCondition(f"gt (int {REPLICAS.template}) 1", lambda site: site[REPLICAS] > 1)
SOME_DISABLED: Final = SiteCondition(DISABLE.template, lambda site: bool(site[DISABLE]))


def is_watched(resource: Resource[Any]) -> SiteCondition:
    """It is not switched off."""

    def holds(site: DeploySite) -> bool:
        return resource.plural not in site[DISABLE]

    return SiteCondition(f'not (has "{resource.plural}" {DISABLE.template})', holds)
