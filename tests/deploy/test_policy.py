"""What is installed is harmless: no root, no permission that is not needed, no reference to a file of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from exporter.cluster.permissions import VERBS
from exporter.cluster.resources import WATCHED
from tests.deploy.rendering import (
    KUSTOMIZE,
    NAME,
    OVERLAYS,
    VALUES,
    Object,
    built,
    environment,
    objects_of_kind,
    overlay,
    render_chart,
    rules,
)

FORMS: dict[str, Callable[[], list[Object]]] = {
    **{f"kustomize {name}": partial(overlay, name) for name in OVERLAYS},
    **{f"helm {name}": partial(render_chart, *VALUES[name]) for name in OVERLAYS},
    "kustomize base": partial(built, KUSTOMIZE / "base"),
}
SECURED = ("prometheus-operator-tls", "openshift-user-workload", "openshift-platform")


@pytest.fixture(params=FORMS)
def made(request: pytest.FixtureRequest) -> list[Object]:
    return FORMS[request.param]()


def keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield name
            yield from keys(child)
    elif isinstance(node, list):
        for child in node:
            yield from keys(child)


def test_no_service_monitor_refers_to_a_file_or_trusts_anybody(made: list[Object]) -> None:
    for monitor in objects_of_kind(made, "ServiceMonitor"):
        named = set(keys(monitor["spec"]))
        assert not named & {"bearerTokenFile", "caFile", "certFile", "keyFile", "insecureSkipVerify"}


def test_a_rule_per_resource_and_nothing_else_may_be_read(made: list[Object]) -> None:
    wanted = [([resource.group], [resource.plural], list(VERBS)) for resource in WATCHED]
    found = [(rule["apiGroups"], rule["resources"], rule["verbs"]) for rule in rules(made, NAME)]
    assert sorted(found) == sorted(wanted)
    assert all(set(rule) == {"apiGroups", "resources", "verbs"} for rule in rules(made, NAME))


def test_no_wildcard_no_secret_and_no_write_but_reviews(made: list[Object]) -> None:
    for role in (*objects_of_kind(made, "ClusterRole"), *objects_of_kind(made, "Role")):
        for rule in role["rules"]:
            words = [word for words in rule.values() for word in words]
            assert "*" not in words
            assert "secrets" not in words
            writes = set(rule["verbs"]) - set(VERBS)
            assert not writes or set(rule["resources"]) <= {"tokenreviews", "subjectaccessreviews"}
            assert writes <= {"create"}


def test_only_accounts_of_ours_are_bound_and_platform_monitoring_in_our_namespace_alone(made: list[Object]) -> None:
    for binding in objects_of_kind(made, "ClusterRoleBinding"):
        (subject,) = binding["subjects"]
        assert (subject["kind"], subject["namespace"]) == ("ServiceAccount", NAME)
        assert subject["name"].startswith(NAME)
    for binding in objects_of_kind(made, "RoleBinding"):
        assert binding["metadata"]["namespace"] == NAME
        assert binding["subjects"][0]["name"] == "prometheus-k8s"


def test_the_pod_gives_up_all_that_it_can(made: list[Object]) -> None:
    (deployment,) = objects_of_kind(made, "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert all(mount["readOnly"] and "subPath" not in mount for mount in container["volumeMounts"])
    assert container["resources"]["limits"]["memory"]
    assert container["resources"]["requests"]


def test_only_monitoring_gets_in_and_only_the_api_server_and_dns_are_asked(made: list[Object]) -> None:
    (policy,) = objects_of_kind(made, "NetworkPolicy")
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    (ingress,) = policy["spec"]["ingress"]
    assert len(ingress["from"]) == 1
    assert [port["port"] for port in ingress["ports"]] == [8080]
    api_server, dns = policy["spec"]["egress"]
    assert {(port["protocol"], port["port"]) for port in api_server["ports"]} == {("TCP", 443), ("TCP", 6443)}
    assert {port["port"] for port in dns["ports"]} == {53, 5353}
    # The API server is not a pod: only a site can name its addresses. DNS is a pod on OpenShift.
    assert "to" not in api_server
    if any(item["metadata"]["name"] == f"{NAME}-service-ca" for item in objects_of_kind(made, "ConfigMap")):
        names = {peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for peer in dns["to"]}
        assert names == {"openshift-dns"}
    else:
        assert "to" not in dns


def test_services_monitors_and_policies_find_the_pods_and_nothing_else(made: list[Object]) -> None:
    (deployment,), (service,), (policy,) = (
        objects_of_kind(made, kind) for kind in ("Deployment", "Service", "NetworkPolicy")
    )
    selector = deployment["spec"]["selector"]["matchLabels"]
    assert service["spec"]["selector"] == selector == policy["spec"]["podSelector"]["matchLabels"]
    assert selector.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
    for monitor in objects_of_kind(made, "ServiceMonitor"):
        assert monitor["spec"]["selector"]["matchLabels"] == selector
        assert selector.items() <= service["metadata"]["labels"].items()


@pytest.mark.parametrize("name", SECURED)
def test_with_a_certificate_nobody_sees_anything_without_a_token(name: str) -> None:
    items = overlay(name)
    assert environment(items)["BOOTSOURCE_AUTH"] == "kubernetes"
    (monitor,) = objects_of_kind(items, "ServiceMonitor")
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["scheme"] == "https"
    assert endpoint["tlsConfig"]["serverName"] == f"{NAME}.{NAME}.svc"
    (secret,) = objects_of_kind(items, "Secret")
    assert endpoint["authorization"]["credentials"]["name"] == secret["metadata"]["name"]
    account = secret["metadata"]["annotations"]["kubernetes.io/service-account.name"]
    assert rules(items, account) == [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]
