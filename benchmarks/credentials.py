"""Runs the exporter as in a pod, which costs less memory than a kubeconfig: for that it needs a service account."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.load import tell

_DIRECTORY: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@contextmanager
def in_cluster(url: str, ca: Path, token: str) -> Iterator[Mapping[str, str]]:
    """Environment of a process that takes this server for its own cluster; empty if that cannot be arranged.

    The directory of service accounts is made for the time of the run, and only where there is none.
    """
    made: Path | None = None
    if _DIRECTORY.exists():
        tell(f"{_DIRECTORY} exists already: a kubeconfig is used instead, which costs memory")
        yield {}
        return
    try:
        made = next(p for p in (_DIRECTORY, *_DIRECTORY.parents) if p.parent.exists())
        _DIRECTORY.mkdir(parents=True)
        shutil.copy(ca, _DIRECTORY / "ca.crt")
        (_DIRECTORY / "token").write_text(token)
        (_DIRECTORY / "namespace").write_text("default")
        parts = urlsplit(url)
        yield {"KUBERNETES_SERVICE_HOST": str(parts.hostname), "KUBERNETES_SERVICE_PORT": str(parts.port)}
    except PermissionError:
        tell(f"{_DIRECTORY} cannot be made: a kubeconfig is used instead, which costs memory")
        yield {}
    finally:
        if made is not None and made.exists() and os.access(made.parent, os.W_OK):
            shutil.rmtree(made)
