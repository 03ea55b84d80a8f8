"""The Python package: the sources that are released make the wheel that is released."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Final

import pytest

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
