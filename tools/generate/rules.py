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


_MAY_BE_ABSENT: Final = (
    "ALERTS",
    "bootsource_config_last_reload_successful",
    "bootsource_dataimportcron_proven_newest_timestamp_seconds",
    "bootsource_exporter_tls_certificate_expiry_timestamp_seconds",
    "bootsource_exporter_tls_last_reload_successful",
    "bootsource_finding_root_dependents",
    "root:bootsource_finding_root_dependents:held",
    "root:bootsource_finding_root_dependents:max",
)
"""No series is the good state, or that of a site without a configuration file, TLS or boot sources. The linter pint
would take each for a misspelt name."""


def rule_file() -> str:
    """For a Prometheus that reads files."""
    comments = "".join(f"# pint file/disable promql/series({name})\n" for name in _MAY_BE_ABSENT)
    return f"{comments}{dump_documents(build_groups())}"


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
