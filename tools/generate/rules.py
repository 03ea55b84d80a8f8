"""rules/: the rules as Prometheus, its operator, and both monitoring stacks of OpenShift load them."""

from __future__ import annotations

from functools import partial
from typing import Final

from exporter.rules.groups import build_groups
from tools.generate.manifests import dump_documents
from tools.generate.output import Output

_SOURCE: Final = "exporter/rules"
_KUBEVIRT: Final = (
    ("kubernetes_operator_part_of", "kubevirt"),
    ("kubernetes_operator_component", "bootsource-exporter"),
)
"""How KubeVirt's own dashboards and alerts find what belongs to it."""
_LEAF: Final = {"openshift.io/prometheus-rule-evaluation-scope": "leaf-prometheus"}
"""The rules need nothing but our series, so the Prometheus that scrapes us can evaluate them."""
_NAMESPACE: Final = "bootsource-exporter"
_ROUTED: Final = (("namespace", _NAMESPACE),)
"""By an AlertmanagerConfig the operator routes only alerts with the label of its namespace, and OpenShift's guide asks
for it. Only alerts about objects of tenants have one by themselves. The chart sets it to the release's namespace."""
_OPENSHIFT: Final = "oc"


def rule_file() -> str:
    """For a Prometheus that reads files."""
    return dump_documents(build_groups())


def rule_manifest(
    labels: dict[str, str],
    client: str = _OPENSHIFT,
    more: tuple[tuple[str, str], ...] = (),
    namespace: str = _NAMESPACE,
) -> str:
    """A PrometheusRule with these labels; `more` are further labels of every alert."""
    metadata = {
        "name": "bootsource-exporter",
        "namespace": namespace,
        "labels": {"app.kubernetes.io/name": "bootsource-exporter", **labels},
    }
    head = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata}
    return dump_documents({**head, "spec": build_groups(client, labels=(*_ROUTED, *more))})


RULES: Final = (
    Output("rules/bootsource.rules.yaml", _SOURCE, rule_file),
    Output(
        "rules/operator/prometheusrule.yaml",
        _SOURCE,
        partial(rule_manifest, {"release": "kube-prometheus-stack"}, "kubectl"),
    ),
    Output("rules/openshift-user-workload/prometheusrule.yaml", _SOURCE, partial(rule_manifest, _LEAF)),
    Output(
        "rules/openshift-platform/prometheusrule.yaml",
        _SOURCE,
        partial(rule_manifest, {"prometheus": "k8s", "role": "alert-rules"}),
    ),
    Output(
        "rules/kubevirt/prometheusrule.yaml",
        _SOURCE,
        partial(rule_manifest, {"prometheus": "k8s", "role": "alert-rules"}, more=_KUBEVIRT),
    ),
)
