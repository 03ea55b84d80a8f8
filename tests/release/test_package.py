"""The Python package: the sources that are released make the wheel that is released."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Final

import pytest

from exporter.base.project import IMAGE

ROOT: Final = Path(__file__).parent.parent.parent
_BUILD: Final = "import sys; from setuptools import build_meta as b; print(getattr(b, 'build_' + sys.argv[1])('made'))"


def built(kind: str, sources: Path) -> Path:
    """A wheel or an sdist, as `make dist` builds it."""
    run = subprocess.run([sys.executable, "-c", _BUILD, kind], cwd=sources, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return sources / "made" / run.stdout.splitlines()[-1]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """What of a checkout a package is made of."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT / "exporter", copy / "exporter", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


def test_the_wheel_of_the_sources_is_the_wheel_of_the_checkout(sources: Path, tmp_path: Path) -> None:
    with tarfile.open(built("sdist", sources)) as archive:
        archive.extractall(tmp_path, filter="data")
    [unpacked] = [path.parent for path in tmp_path.glob("*/PKG-INFO")]
    wheels = [zipfile.ZipFile(built("wheel", each)) for each in (sources, unpacked)]
    whole, again = ({name: wheel.read(name) for name in wheel.namelist()} for wheel in wheels)
    assert again == whole
    package = {path.relative_to(sources).as_posix() for path in (sources / "exporter").rglob("*") if path.is_file()}
    assert {name for name in whole if ".dist-info/" not in name} == package
    assert any(name.endswith("licenses/LICENSE") for name in whole)
    for wheel in wheels:
        wheel.close()


PROGRAMS: Final = ("bootsource-exporter", "kubectl-bootsource", "kubectl_complete-bootsource", "oc-bootsource")


@pytest.fixture
def installed(sources: Path, tmp_path: Path) -> Path:
    """The programs of the built wheel, installed into a directory of their own beside the packages that tests have."""
    place = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    # Without --ignore-installed pip would take the checkout out of the environment that runs the tests.
    pip += ["--ignore-installed", "--prefix", str(place)]
    run = subprocess.run([*pip, str(built("wheel", sources))], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return place


def test_the_wheel_brings_the_command_and_the_plugins(installed: Path) -> None:
    (packages,) = installed.glob("lib/python3*/site-packages")
    environ = {"PATH": f"{installed / 'bin'}:/usr/bin:/bin", "PYTHONPATH": str(packages)}
    for program in PROGRAMS[:2]:
        run = subprocess.run(
            [installed / "bin" / program, "--version"], capture_output=True, text=True, check=False, env=environ
        )
        assert (run.returncode, run.stdout.split()[0]) == (0, "bootsource-exporter"), run.stderr
    where = "import exporter, pathlib; print(pathlib.Path(exporter.__file__).parent.parent)"
    command = [str(installed / "bin" / "bootsource-exporter"), "explain", "polling-frozen"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, cwd=installed)
    assert told.stdout.startswith("polling-frozen (")
    used = subprocess.run(
        [sys.executable, "-c", where], capture_output=True, text=True, check=True, env=environ, cwd=installed
    )
    assert Path(used.stdout.strip()) == packages
    assert {path.name for path in (installed / "bin").iterdir()} == set(PROGRAMS)


def test_the_readme_installs_what_is_published() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "\npipx install bootsource-exporter " in readme
    assert "\nuvx bootsource-exporter audit " in readme
    assert f" {IMAGE} audit --kubeconfig /kubeconfig\n" in readme
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    # uvx and pipx run the program that is called like the package.
    assert project["name"] == "bootsource-exporter"
    assert set(project["scripts"]) == set(PROGRAMS)
