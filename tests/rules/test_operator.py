"""What the Prometheus Operator is given: a real API server takes it, and Alertmanager what the operator makes of it."""

from __future__ import annotations

import copy
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.doctor.labels import static_labels_of
from exporter.rules import ALERTS
from tests.rig.build import build
from tests.rig.cluster import CRDS, Cluster

RULES = Path(__file__).parents[2] / "rules"
MANIFESTS = sorted(RULES.glob("*/prometheusrule.yaml"))
CONFIG = RULES / "alertmanager" / "alertmanagerconfig.yaml"
OBJECT = dict[str, Any]


def read(path: Path) -> OBJECT:
    """The one object in a file."""
    document: OBJECT = yaml.safe_load(path.read_text())
    return document


@pytest.fixture
def operated(real: Cluster) -> Cluster:
    """A cluster with the operator's kinds, and the namespaces of our manifests."""
    real.install_crds("variant-monitoring.yaml")
    for name in {read(path)["metadata"]["namespace"] for path in (*MANIFESTS, CONFIG)}:
        real.namespace(name)
    return real


def created(cluster: Cluster, manifest: OBJECT) -> tuple[int, OBJECT]:
    """What the server answers to one that would tolerate no unknown field."""
    namespace, plural = manifest["metadata"]["namespace"], manifest["kind"].lower() + "s"
    path = f"/apis/{manifest['apiVersion']}/namespaces/{namespace}/{plural}?fieldValidation=Strict&dryRun=All"
    return cluster.answer("POST", path, manifest)


def test_a_real_server_takes_all_of_it(operated: Cluster) -> None:
    config = read(CONFIG)
    newer = config | {"apiVersion": "monitoring.coreos.com/v1beta1"}
    assert len(MANIFESTS) >= 4
    for manifest in (*map(read, MANIFESTS), config, newer):
        status, answer = created(operated, manifest)
        assert status == 201, answer
    wrong = copy.deepcopy(config)
    wrong["spec"]["receivers"][0]["slackConfigs"][0]["api_url"] = "https://chat.example"
    status, answer = created(operated, wrong)
    assert status == 400
    assert "unknown field" in answer["message"]


def test_the_version_is_the_one_that_every_operator_serves() -> None:
    """The operator alone serves v1alpha1; v1beta1 only where its conversion webhook is installed, as on OpenShift."""
    assert read(CONFIG)["apiVersion"] == "monitoring.coreos.com/v1alpha1"


def test_inner_routes_have_the_fields_of_a_route() -> None:
    """The server does not look into them; the operator refuses the whole object for a field that it does not know."""
    (config,) = (
        crd
        for crd in yaml.safe_load_all((CRDS / "variant-monitoring.yaml").read_text())
        if crd["spec"]["names"]["kind"] == "AlertmanagerConfig"
    )
    spec = config["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    fields = spec["properties"]["route"]["properties"]
    for route in read(CONFIG)["spec"]["route"]["routes"]:
        assert route.keys() <= fields.keys()
        for matcher in route["matchers"]:
            assert matcher["matchType"] in fields["matchers"]["items"]["properties"]["matchType"]["enum"]


def snake(value: Any) -> Any:
    """Fields as Alertmanager spells them; what is in a secret is filled in."""
    match value:
        case {"name": str(), "key": str()}:
            return "https://secret.example/"
        case [{"key": _, "value": _}, *_]:
            return {each["key"]: each["value"] for each in value}
        case dict():
            names = {"apiURL": "api_url", "urlSecret": "url"}
            return {names.get(k, re.sub("([A-Z])", r"_\1", k).lower()): snake(v) for k, v in value.items()}
        case list():
            return [snake(each) for each in value]
        case _:
            return value


def matchers(told: list[OBJECT]) -> list[str]:
    return [f'{m["name"]}{m["matchType"]}"{m["value"]}"' for m in told]


def generated(config: OBJECT) -> OBJECT:
    """What the operator makes of it: only alerts of its namespace are routed, and mute each other."""
    namespace = config["metadata"]["namespace"]
    prefix, only = f"{namespace}/{config['metadata']['name']}/", f'namespace="{namespace}"'

    def routed(route: OBJECT, *more: str) -> OBJECT:
        inner = [routed(each) for each in route.get("routes", ())]
        plain = {k: v for k, v in snake(route).items() if k not in ("routes", "matchers")}
        found = [*matchers(route["matchers"]), *more]
        return plain | {"receiver": prefix + route["receiver"], "matchers": found, "routes": inner}

    spec = config["spec"]
    return {
        "route": {"receiver": "null", "routes": [routed(spec["route"], only) | {"continue": True}]},
        "receivers": [{"name": "null"}, *(snake(r) | {"name": prefix + r["name"]} for r in spec["receivers"])],
        "inhibit_rules": [
            {
                "source_matchers": [*matchers(rule["sourceMatch"]), only],
                "target_matchers": [*matchers(rule["targetMatch"]), only],
                "equal": rule.get("equal", []),
            }
            for rule in spec["inhibitRules"]
        ],
    }


def rules_of(manifest: OBJECT) -> Iterator[tuple[str, Mapping[str, str]]]:
    for group in manifest["spec"]["groups"]:
        yield from ((rule["alert"], rule["labels"]) for rule in group["rules"] if "alert" in rule)


@pytest.mark.monitoring
def test_alertmanager_sends_all_of_ours_to_somebody_by_what_the_operator_makes_of_it(tmp_path: Path) -> None:
    file = tmp_path / "alertmanager.yaml"
    file.write_text(yaml.safe_dump(generated(read(CONFIG))))
    amtool = str(build("amtool"))
    subprocess.run([amtool, "check-config", str(file)], check=True, capture_output=True)
    found = {}
    for name, labels in rules_of(read(RULES / "operator" / "prometheusrule.yaml")):
        words = [f"{key}={value}" for key, value in {"alertname": name, **labels}.items()]
        command = [amtool, "config", "routes", "test", f"--config.file={file}", *words]
        found[name] = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    place = "bootsource-exporter/bootsource-exporter/bootsource-"
    expected = {a.name: place + ("monitoring" if a.ours else static_labels_of(a)["severity"]) for a in ALERTS}
    # About objects of tenants: routed by what the AlertmanagerConfig in their own namespace says.
    expected |= {a.name: "null" for a in ALERTS if "namespace" in a.labels}
    assert found == expected
