"""The image, built once for all tests of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from exporter.base.version import installed_version
from tests.container import index
from tests.container.base import stand_in
from tests.container.buildah import Buildah, require_tools

ROOT: Final = Path(__file__).parent.parent.parent
REVISION: Final = "0123456789abcdef0123456789abcdef01234567"
CREATED: Final = "2026-01-02T03:04:05Z"
BASE: Final = "localhost/base"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder that look at the image mount it."""
    for item in items:
        if item.path.parent == Path(__file__).parent and "image" in getattr(item, "fixturenames", ()):
            item.add_marker("root")


@dataclass(frozen=True)
class Image:
    """The built image."""

    configuration: dict[str, Any]
    root: Path
    """Of a container of it, as it would be started."""
    bare: Path
    """Of another one that has lost every program but Python."""
    base: Path
    """Of its base."""


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """What the Dockerfile makes of the checkout, on the stand-in."""
    require_tools()
    directory = tmp_path_factory.mktemp("container")
    buildah = Buildah(directory)
    try:
        buildah.import_archive(stand_in(), BASE)
        arguments = [f"BASE={BASE}", f"VERSION={installed_version()}", f"REVISION={REVISION}", f"CREATED={CREATED}"]
        built = buildah.build(ROOT, "localhost/exporter", arguments, index.volumes(directory))
        root, bare, base = (buildah.unpack(each) for each in (built, built, BASE))
        _strip(bare)
        yield Image(buildah.configuration(built), root, bare, base)
    finally:
        # Nothing is mounted, and a gigabyte is too much to leave behind.
        shutil.rmtree(directory)


def _strip(root: Path) -> None:
    """No shell, no tool, no place to write to, no home."""
    for folder in ("bin", "sbin", "local/bin", "local/sbin"):
        for program in (root / "usr" / folder).iterdir():
            if not program.name.startswith("python3"):
                program.unlink()
    for folder in ("tmp", "var/tmp", "home", "root"):
        shutil.rmtree(root / folder)
