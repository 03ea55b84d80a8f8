"""What is in the image, and what it says of itself."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from exporter.base.project import HOME
from exporter.settings.commands import OPTIONS
from tests.container.conftest import BASE, CREATED, REVISION, ROOT, Image

pytestmark = pytest.mark.timeout(900)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = "opt/bootsource-exporter"
OCI = "org.opencontainers.image."
UNCHECKED = 1
"""Bytecode that is believed without a look at its source, PEP 552."""
MOST = 160
"""MiB that may be added to the base; three quarters is the official client of Kubernetes."""


@pytest.fixture
def packages(image: Image) -> Path:
    [found] = (image.root / OURS / "lib").glob("python3*/site-packages")
    return found


def own(image: Image) -> Iterator[Path]:
    """What the image has beyond its base."""
    base = {path.relative_to(image.base) for path in image.base.rglob("*")}
    return (path for path in image.root.rglob("*") if path.relative_to(image.root) not in base)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_it_says_what_it_is(image: Image) -> None:
    labels = image.configuration["Labels"]
    told = {name.removeprefix(OCI): value for name, value in labels.items() if name.startswith(OCI)}
    assert told == {
        "title": PROJECT["name"],
        "description": PROJECT["description"],
        "url": HOME,
        "source": HOME,
        "documentation": f"{HOME}/blob/main/README.md",
        "licenses": PROJECT["license"],
        "version": PROJECT["version"],
        "revision": REVISION,
        "created": CREATED,
        "base.name": BASE,
    }
    assert {labels["description"], labels["io.k8s.description"]} == {PROJECT["description"]}
    assert (labels["name"], labels["version"]) == (PROJECT["name"], PROJECT["version"])


def test_it_says_how_to_run_it(image: Image) -> None:
    told = image.configuration
    assert (told["Entrypoint"], told["Cmd"], told["WorkingDir"]) == (["bootsource-exporter"], ["serve"], "/")
    assert int(told["User"]) > 0, "a number, or Kubernetes cannot tell that it is not root"
    [listen] = [option for option in OPTIONS if option.name == "listen"]
    assert [*told["ExposedPorts"]] == [f"{str(listen.default).rpartition(':')[2]}/tcp"]
    assert "Volumes" not in told
    assert {"PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"} <= {*told["Env"]}


def test_it_holds_what_is_locked_and_nothing_else(packages: Path) -> None:
    locked = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)
    installed = {(canonical(each.name), each.version) for each in distributions(path=[str(packages)])}
    ours = (PROJECT["name"], PROJECT["version"])
    assert installed == {*((canonical(name), version) for name, version in locked), ours}


def test_it_adds_nothing_but_the_program(image: Image, packages: Path) -> None:
    added = {path.relative_to(image.root).as_posix() for path in own(image)}
    assert not {path for path in added if not path.startswith(OURS)}
    assert not {path for path in added if re.search(r"/(pip|setuptools|wheel|_distutils_hack)(-|/|$)", path)}
    assert not {"tests", "benchmarks", "tools", "docs"} & {path.name for path in packages.iterdir()}
    assert not [*image.root.glob("usr/bin/*gcc*"), *image.root.glob("usr/bin/cc"), *image.root.glob("**/.cache")]


def test_nothing_is_compiled_when_it_starts(packages: Path) -> None:
    sources = set((packages / "exporter").rglob("*.py"))
    compiled = set((packages / "exporter").rglob("*.pyc"))
    assert len(sources) > 100
    assert {(path.parent.parent / f"{path.name.partition('.')[0]}.py") for path in compiled} == sources
    assert {path.read_bytes()[4] for path in compiled} == {UNCHECKED}


def test_anybody_may_read_it_and_nobody_change_it(image: Image) -> None:
    for path in own(image):
        if not path.is_symlink():
            mode = path.stat().st_mode
            needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
            assert mode & needed == needed, path
            assert not mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_ISUID | stat.S_ISGID), path


def test_it_stays_small(image: Image) -> None:
    added = sum(path.lstat().st_size for path in own(image) if not path.is_dir()) / 2**20
    base = sum(path.lstat().st_size for path in image.base.rglob("*") if not path.is_dir()) / 2**20
    print(f"the program and what it needs: {added:.0f} MiB, its base here: {base:.0f} MiB")
    assert added < MOST
