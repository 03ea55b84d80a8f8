"""The shipped roles are enough, and each rule of them is needed: shown by an API server that decides by them."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from exporter.checks import CHECKS
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.metrics.families import FAMILIES
from tests.deploy.rendering import NAME, Object, overlay, rules
from tests.e2e.test_serve import PROGRAM, Running, running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster

_NUMBERS = itertools.count(1)
READING = ("ServiceAccount", "ClusterRole", "ClusterRoleBinding")


def shipped() -> list[Object]:
    """Accounts, roles and bindings of the overlay that has most of them."""
    return [item for item in overlay("openshift-user-workload") if item["kind"] in READING]


def account(site: Cluster, *granted: Object) -> str:
    """A token of a new account with these permissions and no others."""
    name = f"proof-{next(_NUMBERS)}"
    token = site.token("proof", name)
    site.grant(f"system:serviceaccount:proof:{name}", *granted)
    return token


def states(exporter: Running) -> dict[str, str]:
    """The state of each resource."""
    found = exporter.samples("bootsource_resource_state")
    return {labels[0]: labels[1] for labels, value in found.items() if value}


def doctor(kubeconfig: Path) -> dict[str, str]:
    """What doctor says of each resource."""
    command: list[Any] = [*PROGRAM, "doctor", "--kubeconfig", kubeconfig, "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return {line["subject"]: line["status"] for line in json.loads(done.stdout)["lines"] if line["link"] == "cluster"}


def test_with_the_shipped_roles_everything_is_read_and_nothing_is_forbidden(site: Cluster, tmp_path: Path) -> None:
    site.load(WORLD)
    site.namespace(NAME)
    for item in shipped():
        site.apply(item)
    kubeconfig = site.kubeconfig(tmp_path / "kubeconfig", site.token(NAME, NAME))
    with running("serve", "--kubeconfig", str(kubeconfig)) as exporter:
        exporter.ready()
        exporter.until(lambda: set(states(exporter).values()) == {"live"})
        assert set(states(exporter)) == {resource.plural for resource in WATCHED}
        assert exporter.blind() == []
        requests = exporter.samples("bootsource_exporter_watch_requests_total")
        assert {outcome for (outcome, _), count in requests.items() if count} == {"ok"}
        exporter.process.terminate()
        _, logged = exporter.process.communicate(timeout=10)
    assert "forbidden" not in logged
    assert set(doctor(kubeconfig).values()) == {"ok"}


@pytest.mark.parametrize("resource", WATCHED, ids=lambda resource: resource.plural)
def test_without_a_rule_its_resource_is_blind_and_the_rest_works(
    site: Cluster, tmp_path: Path, resource: Resource[Any]
) -> None:
    site.load(WORLD)
    shipped_rules = rules(shipped(), NAME)
    left = [rule for rule in shipped_rules if rule["resources"] != [resource.plural]]
    assert len(left) == len(shipped_rules) - 1
    kubeconfig = site.kubeconfig(tmp_path / "kubeconfig", account(site, *left))
    with running("serve", "--kubeconfig", str(kubeconfig)) as exporter:
        exporter.ready()
        others = {each.plural: "live" for each in WATCHED if each is not resource}
        exporter.until(lambda: states(exporter) == {**others, resource.plural: "forbidden"})
        assert set(exporter.blind()) == {check.id for check in CHECKS if resource in check.tables}
        page = exporter.get("/coverage")[1].decode()
        assert resource.plural in page
        assert "No permission" in page
        served = exporter.get("/metrics")[1].decode()
        for family in FAMILIES:
            there = any(line.startswith((f"{family.name}{{", f"{family.name} ")) for line in served.splitlines())
            assert not (there and resource in family.required), family.name
    told = doctor(kubeconfig)
    assert told.pop(resource.plural) == "problem"
    told.pop("checks")  # some of them are blind then, which is said beside the cause
    assert set(told.values()) == {"ok"}
