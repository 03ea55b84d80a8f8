"""The stand-in for the base image, which cannot be fetched everywhere: Debian's Python, and as little else as possible.

Bookworm, since its Python is the oldest that the exporter supports. It is made once and kept outside the tree.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from tests.container.buildah import run
from tests.rig.build import cache, lock_file

_SUITE: Final = "bookworm"
_MIRROR: Final = "http://deb.debian.org/debian"
_KEYS: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
_MAKE: Final = (
    "mmdebstrap",
    "--variant=essential",
    "--include=python3,python3-pip,ca-certificates",
    f"--keyring={_KEYS}",
)


def stand_in() -> Path:
    """An archive of its root file system."""
    fingerprint = hashlib.sha256(" ".join((*_MAKE, _SUITE, _MIRROR)).encode()).hexdigest()[:16]
    made = cache() / f"container-base-{fingerprint}.tar"
    with lock_file(made.with_suffix(".lock"), "the stand-in for the base image"):
        if not made.is_file():
            aside = made.with_name(f"{made.stem}-half.tar")
            run([*_MAKE, _SUITE, aside, _MIRROR])
            aside.replace(made)
    return made
