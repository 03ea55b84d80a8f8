"""Permissions per namespace: enough for what is in those namespaces, and everything says what is not visible."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.cluster.permissions import VERBS
from exporter.cluster.resource import Scope
from exporter.cluster.resources import WATCHED
from exporter.joins.platform import DOWNSTREAM_IMAGES, UPSTREAM_IMAGES
from tests.deploy.rendering import (
    NAME,
    OVERLAYS,
    VALUES,
    Object,
    by_key,
    environment,
    helm,
    objects_of_kind,
    render_chart,
    rules,
)
from tests.deploy.test_both_forms import layered, without_order
from tests.deploy.test_rbac import READING, states
from tests.e2e.test_serve import PROGRAM, Running, running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.worlds import a_data_source

SCOPED = {resource.plural for resource in WATCHED if resource.scope is Scope.BOOT_SOURCES}
LAB = "lab"
_POINTER = {"source": {"snapshot": None, "pvc": {"name": "golden", "namespace": LAB}}}
ELSEWHERE = a_data_source("custom", metadata={"namespace": LAB}, spec=_POINTER)


def namespaced(*namespaces: str, more: tuple[str, ...] = ()) -> list[Object]:
    return render_chart("rbac.scope=namespaces", f"rbac.namespaces={json.dumps(namespaces)}", *more)


def granted(items: list[Object]) -> list[Object]:
    """The accounts, roles and bindings by which the exporter reads."""
    return [item for item in items if item["kind"] in (*READING, "Role", "RoleBinding")]


def doctor(kubeconfig: Path, *words: str) -> dict[str, Any]:
    command: list[Any] = [*PROGRAM, "doctor", "--kubeconfig", kubeconfig, "--output", "json", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return {line["subject"]: line for line in json.loads(done.stdout)["lines"] if line["link"] == "cluster"}


def test_roles_in_these_namespaces_grant_what_the_cluster_role_does_not() -> None:
    made = namespaced("one", "two", more=('disable=["pods"]',))
    assert {name for rule in rules(made, NAME) for name in rule["resources"]} == {
        resource.plural for resource in WATCHED
    } - SCOPED
    roles = by_key(objects_of_kind(made, "Role"))
    assert set(roles) == {("Role", "one", NAME), ("Role", "two", NAME)}
    for role in roles.values():
        assert {name for rule in role["rules"] for name in rule["resources"]} == SCOPED - {"pods"}
        assert {tuple(rule["verbs"]) for rule in role["rules"]} == {VERBS}
    for binding in objects_of_kind(made, "RoleBinding"):
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": NAME, "namespace": NAME}]
    assert environment(made)["BOOTSOURCE_NAMESPACES"] == "one,two"


def test_without_a_namespace_nothing_is_installed() -> None:
    done = helm("rbac.scope=namespaces")
    assert done.returncode
    assert "namespaces" in done.stderr


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_component_goes_with_every_overlay_and_makes_what_the_chart_makes(tmp_path: Path, name: str) -> None:
    platform, images = ("openshift", DOWNSTREAM_IMAGES) if "openshift" in name else ("kubernetes", UPSTREAM_IMAGES)
    made = by_key(
        layered(
            tmp_path,
            f"resources: [../deploy/kustomize/overlays/{name}]",
            f"components: [../deploy/kustomize/components/namespaced-{platform}]",
        )
    )
    del made["Namespace", "", NAME]
    wanted = by_key(namespaced(images, more=VALUES[name]))
    assert set(made) == set(wanted)
    for each in wanted:
        assert without_order(made[each]) == without_order(wanted[each]), each


def checks(exporter: Running) -> dict[str, Any]:
    found = json.loads(exporter.get("/api/v1/findings")[1])["checks"]
    return {check["check"]: check for check in found}


def hidden(exporter: Running) -> dict[tuple[str, ...], float]:
    samples = exporter.samples("bootsource_resource_hidden_namespaces")
    return {labels: value for labels, value in samples.items() if value}


@pytest.fixture
def kubeconfig(site: Cluster, tmp_path: Path) -> Path:
    """That of the account that is installed, with a healthy cluster whose images are in one namespace."""
    site.load(WORLD)
    site.namespace(NAME)
    site.namespace(LAB)
    for item in granted(namespaced(DOWNSTREAM_IMAGES, more=VALUES["openshift-user-workload"])):
        site.apply(item)
    return site.kubeconfig(tmp_path / "kubeconfig", site.token(NAME, NAME))


def test_with_roles_in_the_namespaces_of_boot_sources_nothing_is_missing(site: Cluster, kubeconfig: Path) -> None:
    words = ("--kubeconfig", str(kubeconfig), "--namespaces", DOWNSTREAM_IMAGES)
    with running("serve", *words) as exporter:
        exporter.ready()
        exporter.until(lambda: set(states(exporter).values()) == {"live"})
        assert (exporter.blind(), hidden(exporter)) == ([], {})
        requests = exporter.samples("bootsource_exporter_watch_requests_total")
        assert {outcome for (outcome, _), count in requests.items() if count} == {"ok"}
    assert {line["status"] for line in doctor(kubeconfig, *words[2:]).values()} == {"ok"}


def test_without_the_option_roles_are_enough_while_boot_sources_are_there_alone(kubeconfig: Path) -> None:
    with running("serve", "--kubeconfig", str(kubeconfig)) as exporter:
        exporter.ready()
        exporter.until(lambda: set(states(exporter).values()) == {"live"})


def test_a_boot_source_elsewhere_is_unknown_and_the_rest_goes_on(site: Cluster, kubeconfig: Path) -> None:
    words = ("--kubeconfig", str(kubeconfig), "--namespaces", DOWNSTREAM_IMAGES)
    with running("serve", *words) as exporter:
        exporter.ready()
        exporter.until(lambda: set(states(exporter).values()) == {"live"})
        before = {name: check["status"] for name, check in checks(exporter).items()}
        site.load([ELSEWHERE])
        exporter.until(lambda: hidden(exporter) == {(plural, "disabled"): 1.0 for plural in SCOPED})
        assert set(states(exporter).values()) == {"live"}
        now = checks(exporter)
        changed = {name for name, status in before.items() if now[name]["status"] != status}
        assert changed
        assert {now[name]["status"] for name in changed if before[name] == "pass"} <= {"unknown", "fail"}
        assert {resource for name in changed for resource in now[name]["blindOn"]} <= SCOPED
        assert f"not visible in {LAB} (left out of --namespaces)" in exporter.get("/coverage")[1].decode()
        requests = exporter.samples("bootsource_exporter_watch_requests_total")
        assert {outcome for (outcome, _), count in requests.items() if count} == {"ok"}
    said = doctor(kubeconfig, *words[2:])
    assert said["persistentvolumeclaims"]["status"] == "ok"
    assert f"not visible in {LAB} (left out of --namespaces)" in said["persistentvolumeclaims"]["said"]
    assert "do not see all namespaces of" in said["checks"]["said"]


def test_a_role_that_is_missing_hides_its_namespace_and_the_yaml_gives_it(site: Cluster, kubeconfig: Path) -> None:
    site.load([ELSEWHERE])
    words = ("--kubeconfig", str(kubeconfig), "--namespaces", f"{DOWNSTREAM_IMAGES},{LAB}")
    with running("serve", *words) as exporter:
        exporter.ready()
        exporter.until(lambda: hidden(exporter) == {(plural, "forbidden"): 1.0 for plural in SCOPED})
        assert set(states(exporter).values()) == {"live"}
    said = doctor(kubeconfig, *words[2:])
    account = f"system:serviceaccount:{NAME}:{NAME}"
    for plural in SCOPED:
        assert said[plural]["status"] == "problem"
        assert said[plural]["said"].startswith(f"{account} may not get, list, watch {plural}")
        assert said[plural]["said"].endswith(f" in {LAB}")
        for manifest in yaml.safe_load_all(said[plural]["manifest"]):
            site.apply(manifest)
    said = doctor(kubeconfig, *words[2:])
    assert {line["status"] for line in said.values()} == {"ok"}
