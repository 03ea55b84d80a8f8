"""The command before an API server that does not answer, or never comes to an end: what it says, and that it does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from exporter.cluster.resources import WATCHED
from tests.e2e.test_serve import PROGRAM
from tests.kube.fake import Answer, FakeApi, Request, status


def kubeconfig(folder: Path, api: FakeApi, **user: object) -> Path:
    """A kubeconfig of this server."""
    path = folder / "kubeconfig"
    document = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": api.url}}],
        "users": [{"name": "a", "user": user or {"token": "t"}}],
    }
    path.write_text(json.dumps(document))
    return path


def doctor(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command; one that takes much longer than it was given fails the test."""
    command = [*PROGRAM, "doctor", "--kubeconfig", str(path), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def dripping(request: Request) -> None:
    """A byte now and then, without end: no silence is ever long."""
    request.begin()
    while not request.server.api.over.wait(0.05):
        request.chunk(b" ")


@pytest.mark.parametrize("never", [Request.hold, dripping], ids=["says nothing", "drips"])
def test_a_server_that_never_comes_to_an_end(tmp_path: Path, never: Answer) -> None:
    with FakeApi() as api:
        api.lists = api.watches = [never]
        api.discovery = [never] * 99
        run = doctor(kubeconfig(tmp_path, api), "--timeout", "2s", "--output", "json")
    assert (run.returncode, run.stderr) == (3, "")
    lines = {line["subject"]: line for line in json.loads(run.stdout)["lines"]}
    assert {line["status"] for line in lines.values()} <= {"unknown", "ok"}
    assert "does not tell what this account may do: not within 0.5 s" in lines["permissions"]["said"]
    assert lines["permissions"]["remedy"]
    assert "see --timeout" in lines["dataimportcrons"]["said"]
    assert api.paths.count("/apis/authentication.k8s.io/v1/selfsubjectreviews") == 1
    assert set(lines) >= {r.plural for r in WATCHED}


def test_credentials_are_asked_for_once(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    plugin = tmp_path / "plugin"
    given = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "t"}}
    plugin.write_text(f"#!/bin/sh\necho called >> {calls}\necho '{json.dumps(given)}'\n")
    plugin.chmod(0o700)
    user = {"apiVersion": given["apiVersion"], "command": str(plugin), "interactiveMode": "Never"}
    with FakeApi() as api:
        api.lists = api.watches = [status(404)]
        run = doctor(kubeconfig(tmp_path, api, exec=user), "--timeout", "5s")
    assert "Traceback" not in run.stderr
    assert calls.read_text() == "called\n"
