"""What Helm and Kustomize make of deploy/, as users run them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.rig.build import build

ROOT: Final = Path(__file__).parent.parent.parent
CHART: Final = ROOT / "deploy/helm/bootsource-exporter"
KUSTOMIZE: Final = ROOT / "deploy/kustomize"
OVERLAYS: Final = tuple(sorted(path.name for path in (KUSTOMIZE / "overlays").iterdir()))
NAME: Final = "bootsource-exporter"
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "prometheus-operator": (),
    "prometheus-operator-tls": ("tls.secretName=bootsource-exporter-tls",),
    "openshift-user-workload": ("platform=openshift-user-workload",),
    "openshift-platform": ("platform=openshift-platform",),
}
"""What to set in the chart to get what an overlay makes."""
_OPERATOR: Final = ("--api-versions", "monitoring.coreos.com/v1", "--kube-version", "1.31.0")
Object = dict[str, Any]
Key = tuple[str, str, str]
"""Kind, namespace and name."""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def helm(
    *settings: str,
    values: Path | None = None,
    release: str = NAME,
    namespace: str = NAME,
    more: Iterable[str] = _OPERATOR,
) -> subprocess.CompletedProcess[str]:
    """`helm template` with these settings, as in `--set`, on a cluster that has the Prometheus Operator."""
    chosen = [word for setting in settings for word in ("--set-json" if "=[" in setting else "--set", setting)]
    file = ["--values", str(values)] if values else []
    return run(build("helm"), "template", release, CHART, "--namespace", namespace, *more, *chosen, *file)


def render_chart(*settings: str, **more: Any) -> list[Object]:
    """The objects of the chart."""
    done = helm(*settings, **more)
    assert done.returncode == 0, done.stderr
    return objects(done.stdout)


def built(path: Path) -> list[Object]:
    """The objects of a kustomization."""
    done = run(build("kustomize"), "build", path)
    assert done.returncode == 0, done.stderr
    return objects(done.stdout)


def overlay(name: str) -> list[Object]:
    """The objects of one of our overlays."""
    return built(KUSTOMIZE / "overlays" / name)


def objects(text: str) -> list[Object]:
    return [document for document in yaml.safe_load_all(text) if document]


def key(item: Object) -> Key:
    meta = item["metadata"]
    return item["kind"], meta.get("namespace", ""), meta["name"]


def by_key(items: Iterable[Object]) -> dict[Key, Object]:
    """The objects, each of which is there once."""
    listed = list(items)
    found = {key(item): item for item in listed}
    assert len(found) == len(listed)
    return found


def objects_of_kind(items: Iterable[Object], kind: str) -> list[Object]:
    return [item for item in items if item["kind"] == kind]


def find_object(items: Iterable[Object], kind: str, name: str) -> Object:
    """The object of this kind and name."""
    (found,) = (item for item in objects_of_kind(items, kind) if item["metadata"]["name"] == name)
    return found


def rules(items: Iterable[Object], name: str) -> list[Object]:
    """The rules of a ClusterRole."""
    found: list[Object] = find_object(items, "ClusterRole", name)["rules"]
    return found


def configuration(items: Iterable[Object]) -> str:
    """The text of the configuration file."""
    return str(find_object(items, "ConfigMap", f"{NAME}-config")["data"]["config.yaml"])


def container(items: Iterable[Object]) -> Object:
    """The exporter's container."""
    (deployment,) = objects_of_kind(items, "Deployment")
    (found,) = deployment["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def environment(items: Iterable[Object]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container(items)["env"]}
