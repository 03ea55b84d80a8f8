"""The program as it runs in a pod: HTTPS, with the shipped roles only, scraped with a token of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from exporter.web.routes import ROUTES
from tests.e2e.test_serve import PROGRAM, Running, running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster

DEPLOY = Path(__file__).parent.parent.parent / "deploy/kustomize"
ROLES = (
    "base/clusterrole.yaml",
    "overlays/openshift-user-workload/clusterrole-auth.yaml",
    "base/clusterrole-view.yaml",
)


def roles(real: Cluster, *files: str) -> list[str]:
    """Install the shipped ClusterRoles; their names."""
    made = [each for file in files for each in yaml.safe_load_all((DEPLOY / file).read_text())]
    return [str(real.apply(role)["metadata"]["name"]) for role in made]


def bind(real: Cluster, role: str, namespace: str, account: str) -> str:
    """Give the account the role; its token."""
    rbac = "rbac.authorization.k8s.io"
    meta = {"name": f"{namespace}-{account}-{role}"}
    subject = {"kind": "ServiceAccount", "namespace": namespace, "name": account}
    ref = {"apiGroup": rbac, "kind": "ClusterRole", "name": role}
    token = real.token(namespace, account)
    real.apply(
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": meta,
            "roleRef": ref,
            "subjects": [subject],
        }
    )
    return token


class Secured(Running):
    """It speaks HTTPS."""

    def __init__(self, plain: Running, authority: Path) -> None:
        super().__init__(plain.process, 0)
        self.url = plain.url.replace("http://", "https://")
        self._http = urllib3.PoolManager(ca_certs=str(authority))


@contextmanager
def secured(real: Cluster, *words: str) -> Iterator[Secured]:
    pair = real.server.client_certificate("exporter")
    tls = ("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
    with running("serve", *tls, *words) as plain:
        exporter = Secured(plain, real.ca)
        yield exporter
        exporter.close()


def test_the_shipped_roles_are_enough_and_no_other_account_sees_anything(
    real: Cluster, namespace: str, tmp_path: Path
) -> None:
    real.load(WORLD)
    reading, asking, viewing = roles(real, *ROLES)
    bind(real, reading, namespace, "exporter")
    own = bind(real, asking, namespace, "exporter")
    viewer, nobody = bind(real, viewing, namespace, "prometheus"), real.token(namespace, "nobody")
    kubeconfig = real.kubeconfig(tmp_path / "kubeconfig", own)
    with secured(real, "--kubeconfig", str(kubeconfig), "--auth", "kubernetes") as exporter:
        exporter.ready()
        assert exporter.get("/healthz")[0] == 200
        for route in (route.path for route in ROUTES if route.guarded):
            # A page that needs a name says without one that there is nothing of that name.
            assert exporter.get(route, Authorization=f"Bearer {viewer}")[0] in {200, 404}
            assert exporter.get(route, Authorization=f"Bearer {nobody}")[0] == 403
            assert exporter.get(route)[0] == 401
        told = exporter.get("/metrics", Authorization=f"Bearer {viewer}")[1].decode()
        assert "bootsource_dataimportcron_up_to_date{" in told
        assert "bootsource_exporter_tls_last_reload_successful 1.0" in told
        exporter.process.terminate()
        _, logged = exporter.process.communicate(timeout=10)
    assert exporter.process.returncode == 0
    assert viewer not in logged
    assert nobody not in logged


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tls-cert", "/nowhere/tls.crt"), "--tls-cert needs --tls-key too"),
        (("--tls-key", "/nowhere/tls.key"), "--tls-key needs --tls-cert too"),
        (("--tls-client-ca", "/nowhere/ca.crt"), "--tls-client-ca needs TLS"),
        (("--tls-cert", "/nowhere/tls.crt", "--tls-key", "/nowhere/tls.key"), "/nowhere/tls.crt cannot be read"),
        (("--auth", "kubernets"), "did you mean 'kubernetes'?"),
        (("--auth-audience", "us"), "--auth-audience is about tokens"),
    ],
)
def test_what_makes_no_sense_is_one_clear_line(kubeconfig: Path, words: tuple[str, ...], said: str) -> None:
    command: list[Any] = [*PROGRAM, "serve", "--kubeconfig", kubeconfig, "--listen", "127.0.0.1:0", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ})
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
