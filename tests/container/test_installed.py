"""What is shipped for OpenShift, put together: image, command, volumes and account, with a real API server.

A real Prometheus scrapes it with a token of its own, as the ServiceMonitor says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from tests.container.conftest import Image
from tests.container.pod import SECRETS, Pod, account, anybody, cluster_environment, start_pod
from tests.deploy.rendering import NAME, Object, container, environment, objects_of_kind, overlay
from tests.e2e.test_secured import Secured
from tests.e2e.test_serve import Running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.rig.monitoring import Prometheus
from tests.rig.pki import Certificate
from tests.rig.servers import free_port

pytestmark = [pytest.mark.real, pytest.mark.monitoring, pytest.mark.manifests, pytest.mark.timeout(900)]
ACCESS = ("ServiceAccount", "ClusterRole", "ClusterRoleBinding")


@dataclass
class Installed:
    """The exporter as it was installed."""

    items: list[Object]
    pod: Pod
    port: int
    exporter: Secured
    scraper: str
    """Prometheus' token."""
    authority: Path


def mounted(items: list[Object], directory: Path, pair: Certificate) -> dict[str, Path]:
    """The pod's volumes, as the kubelet makes directories of them."""
    (deployment,) = objects_of_kind(items, "Deployment")
    places = {mount["name"]: mount["mountPath"] for mount in container(items)["volumeMounts"]}
    maps = {item["metadata"]["name"]: item.get("data", {}) for item in objects_of_kind(items, "ConfigMap")}
    (service,) = objects_of_kind(items, "Service")
    made: dict[str, Path] = {}
    for volume in deployment["spec"]["template"]["spec"]["volumes"]:
        folder = directory / volume["name"]
        folder.mkdir()
        made[places.pop(volume["name"])] = folder
        if "configMap" in volume:
            files = maps[volume["configMap"]["name"]]
        else:
            # OpenShift makes this secret for the Service.
            asked = service["metadata"]["annotations"]["service.beta.openshift.io/serving-cert-secret-name"]
            assert volume["secret"]["secretName"] == asked
            files = {"tls.crt": pair.certificate.read_text(), "tls.key": pair.key.read_text()}
        for name, text in files.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o644)  # as a mounted volume is
    assert not places
    return made


@pytest.fixture(params=["openshift-user-workload", "openshift-platform"])
def installed(request: pytest.FixtureRequest, image: Image, real: Cluster, tmp_path: Path) -> Iterator[Installed]:
    """The overlay, with its objects in the cluster as far as this one has a use for them."""
    items = overlay(request.param)
    real.load(WORLD)
    real.namespace(NAME)
    for item in (each for each in items if each["kind"] in ACCESS):
        real.apply(item)
    (monitor,) = objects_of_kind(items, "ServiceMonitor")
    pair = real.server.serving_certificate(monitor["spec"]["endpoints"][0]["tlsConfig"]["serverName"])
    (deployment,) = objects_of_kind(items, "Deployment")
    name = deployment["spec"]["template"]["spec"]["serviceAccountName"]
    secrets = account(real, real.token(NAME, name), NAME, tmp_path / "serviceaccount")
    volumes = {SECRETS: secrets, **mounted(items, tmp_path, pair)}
    port = free_port()
    # It has no network of its own here, so not the port that it would have.
    variables = {**environment(items), **cluster_environment(real), "BOOTSOURCE_LISTEN": f"127.0.0.1:{port}"}
    (secret,) = objects_of_kind(items, "Secret")
    scraper = real.token(NAME, secret["metadata"]["annotations"]["kubernetes.io/service-account.name"])
    with start_pod(image.configuration, image.bare, volumes, anybody(), variables, container(items)["args"]) as pod:
        exporter = Secured(Running(pod.outer, port), real.ca)
        yield Installed(items, pod, port, exporter, scraper, real.ca)
        exporter.close()


def probe(installed: Installed, which: str) -> int:
    """What the kubelet gets: it believes any certificate."""
    asked = container(installed.items)[which]["httpGet"]
    with urllib3.PoolManager(cert_reqs="CERT_NONE", assert_hostname=False) as http:
        url = f"{asked['scheme'].lower()}://127.0.0.1:{installed.port}{asked['path']}"
        return http.request("GET", url, retries=False, timeout=5).status


def scrape(installed: Installed, directory: Path) -> str:
    """Prometheus' configuration, as its operator makes it of the ServiceMonitor and what that refers to."""
    (monitor,) = objects_of_kind(installed.items, "ServiceMonitor")
    (endpoint,) = monitor["spec"]["endpoints"]
    (secret,) = objects_of_kind(installed.items, "Secret")
    assert endpoint["authorization"]["credentials"] == {"name": secret["metadata"]["name"], "key": "token"}
    injected = [item for item in objects_of_kind(installed.items, "ConfigMap") if "data" not in item]
    assert [item["metadata"]["name"] for item in injected] == [endpoint["tlsConfig"]["ca"]["configMap"]["name"]]
    token = directory / "token"
    token.write_text(installed.scraper)
    job: dict[str, Any] = {
        "job_name": NAME,
        "scrape_interval": "1s",
        "scheme": endpoint["scheme"],
        "metrics_path": endpoint["path"],
        "tls_config": {"ca_file": str(installed.authority), "server_name": endpoint["tlsConfig"]["serverName"]},
        "authorization": {"credentials_file": str(token)},
        "static_configs": [{"targets": [f"127.0.0.1:{installed.port}"]}],
    }
    return yaml.safe_dump({"scrape_configs": [job]})


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_it_is_ready_scraped_with_a_token_and_closed_to_everybody_else(
    installed: Installed, real: Cluster, tmp_path: Path
) -> None:
    exporter = installed.exporter
    exporter.until(lambda: probe(installed, "readinessProbe") == 200)
    assert probe(installed, "livenessProbe") == 200
    assert exporter.get("/metrics")[0] == 401
    nobody = real.token("elsewhere", "nobody")
    assert exporter.get("/metrics", Authorization=f"Bearer {nobody}")[0] == 403
    scraper = {"Authorization": f"Bearer {installed.scraper}"}
    assert exporter.get("/metrics", **scraper)[0] == 200
    assert exporter.get("/api/v1/findings", **scraper)[0] == 403
    with Prometheus(tmp_path / "prometheus", scrape(installed, tmp_path)) as prometheus:
        exporter.until(lambda: prometheus.query("up") != [] and prometheus.query("up")[0][1] == 1)
        exporter.until(lambda: len(prometheus.query('bootsource_resource_state{state="live"} == 1')) > 10)
        assert prometheus.query('bootsource_resource_state{state="forbidden"} == 1') == []
        assert len(prometheus.query("bootsource_dataimportcron_up_to_date == 1")) == 1
    installed.pod.terminate()
    said, logged = installed.pod.outer.communicate(timeout=10)
    assert installed.pod.outer.returncode == 0, logged
    assert installed.scraper not in said + logged
