"""Builds images from Dockerfiles without a daemon: buildah with a store of its own."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

NEEDED: Final = ("buildah", "mmdebstrap", "unshare", "setpriv")
_TAIL: Final = 30


def run(command: Sequence[str | Path], cwd: Path | None = None) -> str:
    """The output of a command; fails the test with what it said if it ends with an error."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL:])
        pytest.fail(f"{shlex.join(map(str, command))} ended with {done.returncode}:\n{tail}", pytrace=False)
    return done.stdout.strip()


def require_tools() -> None:
    """Fail with what to do where images can be neither built nor run."""
    missing = [tool for tool in NEEDED if not shutil.which(tool)]
    if missing:
        pytest.fail(f"{', '.join(missing)} is missing: run tools/packages.sh", pytrace=False)
    if os.geteuid():
        pytest.fail("building and mounting images needs root: `sudo make test`, or a container as root", pytrace=False)


class Buildah:
    """Images and working containers below one directory. Plain directories do for them: no overlay is mounted."""

    def __init__(self, directory: Path) -> None:
        store = ("--root", str(directory / "store"), "--runroot", str(directory / "run"), "--storage-driver", "vfs")
        self._command = ("buildah", *store)

    def import_archive(self, archive: Path, name: str) -> str:
        """An image of one layer, a root file system's archive."""
        container = self("from", "scratch")
        self("add", "--quiet", container, archive, "/")
        self("commit", "--quiet", "--rm", container, name)
        return name

    def build(self, directory: Path, name: str, arguments: Sequence[str], volumes: Sequence[str]) -> str:
        """An image from a directory's Dockerfile; `volumes` are there while it is built."""
        given = [word for argument in arguments for word in ("--build-arg", argument)]
        mounted = [word for volume in volumes for word in ("--volume", volume)]
        # `--isolation chroot`: works within a container, too.
        self("bud", "--isolation", "chroot", "--pull-never", *given, *mounted, "--tag", name, ".", cwd=directory)
        return name

    def configuration(self, image: str) -> dict[str, Any]:
        """What the image says of how to run it, by the OCI's names."""
        told: dict[str, Any] = json.loads(self("inspect", "--type", "image", image))["OCIv1"]["config"]
        return told

    def unpack(self, image: str) -> Path:
        """The root file system of a new container of the image, to look at and to change."""
        return Path(self("mount", self("from", "--pull-never", image)))

    def __call__(self, *words: str | Path, cwd: Path | None = None) -> str:
        """Run buildah; its output."""
        return run([*self._command, *words], cwd)
