"""The chart's values: each does what it says, and a wrong one is refused before anything is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from exporter.base.version import installed_version
from exporter.cluster.resources import WATCHED
from tests.deploy.rendering import (
    CHART,
    NAME,
    by_key,
    configuration,
    container,
    environment,
    find_object,
    helm,
    objects,
    objects_of_kind,
    render_chart,
    rules,
    run,
)
from tests.rig.build import build
from tools.generate.deploy.values import VALUES

SWITCHABLE = [resource for resource in WATCHED if resource.switchable]


def test_helm_finds_nothing_to_complain_of() -> None:
    done = run(build("helm"), "lint", "--strict", CHART)
    assert done.returncode == 0, done.stdout
    assert "[ERROR]" not in done.stdout
    assert "[WARNING]" not in done.stdout


def test_a_packed_chart_makes_the_same(tmp_path: Path) -> None:
    packed = run(build("helm"), "package", CHART, "--destination", tmp_path)
    assert packed.returncode == 0, packed.stderr
    archive = tmp_path / f"{NAME}-{installed_version()}.tgz"
    # A release is kept in a secret, which holds a megabyte.
    assert archive.stat().st_size < 300_000
    more = ("--namespace", NAME, "--api-versions", "monitoring.coreos.com/v1", "--kube-version", "1.31.0")
    done = run(build("helm"), "template", NAME, archive, *more)
    assert by_key(objects(done.stdout)) == by_key(render_chart())


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("platform=openshift", "platform"),
        ("replicas=-1", "replicas"),
        ("replicaCount=2", "replicaCount"),
        ("image.digest=sha256:12", "image/digest"),
        ('disable=["dataimportcrons"]', "disable"),
        ('dashboards=["grafana"]', "dashboards"),
        ("monitoring.interval=often", "monitoring/interval"),
        ("config.listne=:9", "listne"),
        ("config.checks.polling-frozen.severity=loud", "severity"),
        ("rbac.scope=namespace", "rbac/scope"),
        ('rbac.namespaces=["Lab"]', "rbac/namespaces"),
        ("monitoring.token.file=/token", "monitoring/token/serviceAccount"),
        ("networkPolicy.apiServerPorts=[]", "networkPolicy/apiServerPorts"),
    ],
)
def test_a_wrong_value_is_refused_by_name(setting: str, said: str) -> None:
    done = helm(setting)
    assert done.returncode
    assert said in done.stderr.replace(".", "/") or said in done.stderr


def test_the_schema_describes_every_value() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for value in VALUES:
        place, default = schema, values
        for part in value.path.split("."):
            place, default = place["properties"][part], default[part]
        assert place["description"] == value.help
        assert default == value.default


TEXTS = [value.path for value in VALUES if value.schema.get("type") == "string"]
HOSTILE = ('x"y', "x'y", "x: y", "x\ny: z", "x\\", "{{ x }}", "x #y", "- x", "&x", "*x")


def at(path: str, value: object) -> dict[str, Any]:
    """Values of a chart in which this one is set."""
    *outer, last = path.split(".")
    nested: dict[str, Any] = {last: value}
    for part in reversed(outer):
        nested = {part: nested}
    return nested


@pytest.mark.parametrize("path", TEXTS)
def test_no_text_can_break_the_yaml(path: str) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    for text in HOSTILE:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(at(path, text), schema)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_takes_any_text_keeps_it_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "values.yaml"
    env = [{"name": "HTTPS_PROXY", "value": text}]
    file.write_text(yaml.safe_dump({"podAnnotations": {"note": text}, "env": env}))
    made = render_chart(values=file)
    (deployment,) = objects_of_kind(made, "Deployment")
    assert deployment["spec"]["template"]["metadata"]["annotations"]["note"] == text
    assert environment(made)["HTTPS_PROXY"] == text


def test_a_list_of_names_takes_names_alone() -> None:
    for path in ("monitoring.namespaces", "rbac.namespaces"):
        done = helm(f"{path}={json.dumps(['x: y'])}")
        assert done.returncode
        assert path.replace(".", "/") in done.stderr.replace(".", "/")


def test_the_api_server_has_the_ports_and_addresses_of_the_site() -> None:
    block = {"ipBlock": {"cidr": "192.0.2.10/32"}}
    dns = {"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    made = render_chart(
        'networkPolicy.apiServerPorts=[{"protocol":"TCP","port":8443}]',
        f"networkPolicy.apiServerPeers={json.dumps([block])}",
        f"networkPolicy.dnsPeers={json.dumps([dns])}",
    )
    (policy,) = objects_of_kind(made, "NetworkPolicy")
    api_server, names = policy["spec"]["egress"]
    assert api_server == {"ports": [{"protocol": "TCP", "port": 8443}], "to": [block]}
    assert names["to"] == [dns]


def test_a_token_that_expires_takes_the_place_of_the_secret() -> None:
    account = {"name": "prometheus", "namespace": "monitoring"}
    made = render_chart(
        "tls.secretName=tls",
        "monitoring.token.file=/var/run/secrets/tokens/bootsource",
        f"monitoring.token.serviceAccount.name={account['name']}",
        f"monitoring.token.serviceAccount.namespace={account['namespace']}",
        "monitoring.token.audience=bootsource-exporter",
    )
    assert objects_of_kind(made, "Secret") == []
    assert [item["metadata"]["name"] for item in objects_of_kind(made, "ServiceAccount")] == [NAME]
    binding = find_object(made, "ClusterRoleBinding", f"{NAME}-scraper")
    assert binding["subjects"] == [{"kind": "ServiceAccount", **account}]
    assert binding["roleRef"]["name"] == f"{NAME}-scraper"
    (monitor,) = objects_of_kind(made, "ServiceMonitor")
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["bearerTokenFile"] == "/var/run/secrets/tokens/bootsource"
    assert "authorization" not in endpoint
    assert environment(made)["BOOTSOURCE_AUTH_AUDIENCE"] == "bootsource-exporter"


@pytest.mark.parametrize("resource", SWITCHABLE, ids=lambda resource: resource.plural)
def test_what_is_not_looked_at_is_not_allowed_either(resource: object) -> None:
    plural = getattr(resource, "plural", "")
    made = render_chart(f'disable=["{plural}"]')
    assert environment(made)["BOOTSOURCE_DISABLE"] == plural
    granted = {name for rule in rules(made, NAME) for name in rule["resources"]}
    assert granted == {each.plural for each in WATCHED} - {plural}


def test_all_that_can_be_switched_off_can_be_switched_off_at_once() -> None:
    made = render_chart(f"disable={json.dumps([each.plural for each in SWITCHABLE])}")
    assert environment(made)["BOOTSOURCE_DISABLE"].split(",") == [each.plural for each in SWITCHABLE]


def test_image_by_digest_tag_and_mirror() -> None:
    digest = f"sha256:{'0' * 64}"
    assert container(render_chart())["image"].endswith(f"/bootsource-exporter:{installed_version()}")
    assert (
        container(render_chart("image.repository=mirror.example.com/us", "image.tag=v9"))["image"]
        == "mirror.example.com/us:v9"
    )
    assert container(render_chart(f"image.digest={digest}", "image.tag=v9"))["image"].endswith(f"@{digest}")


def test_the_configuration_is_a_file(tmp_path: Path) -> None:
    config = {"log-level": "debug", "checks": {"polling-frozen": {"severity": "critical"}}}
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump({"config": config}))
    made = render_chart(values=file)
    assert yaml.safe_load(configuration(made)) == config
    mounts = {mount["name"]: mount["mountPath"] for mount in container(made)["volumeMounts"]}
    assert environment(made)["BOOTSOURCE_CONFIG"] == f"{mounts['config']}/config.yaml"


def test_links_lead_where_the_site_wants() -> None:
    made = render_chart(
        "monitoring.runbooks=https://docs.example.com/us/", "monitoring.grafana=https://grafana.example.com"
    )
    (rule,) = objects_of_kind(made, "PrometheusRule")
    alerts = [each for group in rule["spec"]["groups"] for each in group["rules"] if "alert" in each]
    assert alerts
    for alert in alerts:
        page = alert["annotations"]["runbook_url"].partition("#")[0]
        assert page == f"https://docs.example.com/us/{alert['alert']}.md"
        assert alert["annotations"]["dashboard_url"].startswith("https://grafana.example.com/d/")


def test_labels_by_which_prometheus_selects() -> None:
    made = render_chart("monitoring.labels.release=null", "monitoring.labels.team=us")
    for kind in ("ServiceMonitor", "PrometheusRule"):
        (item,) = objects_of_kind(made, kind)
        assert item["metadata"]["labels"]["team"] == "us"
        assert "release" not in item["metadata"]["labels"]


def test_labels_of_kubevirt_are_there_on_demand() -> None:
    (rule,) = objects_of_kind(render_chart("monitoring.kubevirtLabels=true"), "PrometheusRule")
    labels = [each["labels"] for group in rule["spec"]["groups"] for each in group["rules"] if "alert" in each]
    assert {each["kubernetes_operator_part_of"] for each in labels} == {"kubevirt"}


@pytest.mark.parametrize("settings", [(), ("monitoring.kubevirtLabels=true",)], ids=["ours", "with those of KubeVirt"])
def test_alerts_can_be_routed_by_an_alertmanagerconfig_of_the_same_namespace(settings: tuple[str, ...]) -> None:
    (rule,) = objects_of_kind(render_chart("platform=kubernetes", *settings, namespace="elsewhere"), "PrometheusRule")
    rules = [each for group in rule["spec"]["groups"] for each in group["rules"] if "alert" in each]
    # The namespace of a tenant's object comes from the expression.
    ours = [each["labels"] for each in rules if '"namespace", "$1", "object_namespace"' not in each["expr"]]
    assert len(ours) == len(rules) - 1
    assert {each["namespace"] for each in ours} == {rule["metadata"]["namespace"]}


@pytest.mark.parametrize(
    ("settings", "more", "there"),
    [
        ((), ("--kube-version", "1.31.0"), False),
        (("monitoring.enabled=true",), ("--kube-version", "1.31.0"), True),
        (
            ("monitoring.enabled=false",),
            ("--api-versions", "monitoring.coreos.com/v1", "--kube-version", "1.31.0"),
            False,
        ),
    ],
)
def test_monitoring_is_for_clusters_that_know_it(settings: tuple[str, ...], more: tuple[str, ...], there: bool) -> None:
    kinds = {item["kind"] for item in render_chart(*settings, more=more)}
    assert ("ServiceMonitor" in kinds) == there
    assert ("PrometheusRule" in kinds) == there


@pytest.mark.parametrize(
    ("settings", "kinds", "namespaces"),
    [
        ((), {"ConfigMap"}, {"ns"}),
        (("platform=openshift-user-workload",), {"ConfigMap"}, {"openshift-config-managed"}),
        (('dashboards=["grafana-operator","perses"]',), {"GrafanaDashboard", "PersesDashboard"}, {"ns"}),
        (("dashboards=[]",), set(), set()),
    ],
)
def test_dashboards_in_the_form_that_is_wanted(
    settings: tuple[str, ...], kinds: set[str], namespaces: set[str]
) -> None:
    made = render_chart(*settings, namespace="ns")
    boards = [item for item in made if "bootsource-overview" in item["metadata"]["name"]]
    assert {item["kind"] for item in boards} == kinds
    assert {item["metadata"]["namespace"] for item in boards} == namespaces


def test_two_releases_live_beside_each_other() -> None:
    first, second = (by_key(render_chart("dashboards=[]", release=name, namespace=name)) for name in ("one", "two"))
    assert not set(first) & set(second)


@pytest.mark.parametrize(
    ("setting", "path", "wanted"),
    [
        ('tolerations=[{"operator":"Exists"}]', "tolerations", [{"operator": "Exists"}]),
        ('imagePullSecrets=[{"name":"x"}]', "imagePullSecrets", [{"name": "x"}]),
        ("nodeSelector.a=b", "nodeSelector", {"a": "b"}),
        ("affinity.podAffinity.x=y", "affinity", {"podAffinity": {"x": "y"}}),
        ("priorityClassName=high", "priorityClassName", "high"),
    ],
)
def test_where_pods_run(setting: str, path: str, wanted: object) -> None:
    (deployment,) = objects_of_kind(render_chart(setting), "Deployment")
    assert deployment["spec"]["template"]["spec"][path] == wanted
    (plain,) = objects_of_kind(render_chart(), "Deployment")
    assert path not in plain["spec"]["template"]["spec"]


def test_more_of_everything() -> None:
    made = render_chart(
        "podLabels.a=b",
        "podAnnotations.c=d",
        "resources.limits.memory=1Gi",
        "image.pullPolicy=Always",
        'env=[{"name":"BOOTSOURCE_LOG_FORMAT","value":"json"}]',
        'networkPolicy.from=[{"ipBlock":{"cidr":"10.0.0.0/8"}}]',
        'monitoring.namespaces=["prom","ops"]',
        "monitoring.interval=15s",
    )
    (deployment,), (policy,), (monitor,) = (
        objects_of_kind(made, kind) for kind in ("Deployment", "NetworkPolicy", "ServiceMonitor")
    )
    meta = deployment["spec"]["template"]["metadata"]
    assert (meta["labels"]["a"], meta["annotations"]["c"]) == ("b", "d")
    assert container(made)["resources"]["limits"]["memory"] == "1Gi"
    assert container(made)["imagePullPolicy"] == "Always"
    assert environment(made)["BOOTSOURCE_LOG_FORMAT"] == "json"
    namespaces, block = policy["spec"]["ingress"][0]["from"]
    assert namespaces["namespaceSelector"]["matchExpressions"][0]["values"] == ["prom", "ops"]
    assert block == {"ipBlock": {"cidr": "10.0.0.0/8"}}
    assert monitor["spec"]["endpoints"][0]["interval"] == "15s"
    assert not objects_of_kind(render_chart("networkPolicy.enabled=false"), "NetworkPolicy")
