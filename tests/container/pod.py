"""Runs an image's command as a strict cluster would: first process of its own, any user, nothing writable."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.rig.cluster import Cluster

SECRETS: Final = "/run/secrets/kubernetes.io/serviceaccount"
"""Where the service account is mounted; /var/run is a link to /run."""
_DEVICES: Final = (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9))
# What the container's runtime does, in namespaces of its own; everything is read-only before the command starts.
_RUNTIME: Final = f"""
set -eu
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 devices "$root/dev"
{"".join(f'mknod -m 666 "$root/dev/{name}" c 1 {number}{chr(10)}' for name, number in _DEVICES)}
mount -o remount,ro "$root/dev"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root/$2"
  mount -o remount,bind,ro "$root/$2"
  shift 2
done
shift
mount -o remount,bind,ro "$root"
exec unshare --root="$root" --setuid="$user" --setgid=0 "$@"
"""
_NAMESPACES: Final = ("setpriv", "--no-new-privs", "unshare", "--mount", "--pid", "--fork")


def account(cluster: Cluster, token: str, namespace: str, directory: Path) -> Path:
    """What the kubelet mounts of a service account."""
    directory.mkdir()
    (directory / "token").write_text(token)
    (directory / "ca.crt").write_bytes(cluster.ca.read_bytes())
    (directory / "namespace").write_text(namespace)
    return directory


def cluster_environment(cluster: Cluster) -> dict[str, str]:
    """What the kubelet tells of the API server."""
    host, _, port = cluster.url.removeprefix("https://").partition(":")
    return {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}


def anybody() -> int:
    """A user. OpenShift gives a namespace a range of ten thousand somewhere above a thousand million."""
    return random.SystemRandom().randrange(1_000_000_000, 1_100_000_000)


@dataclass(frozen=True)
class Pod:
    """A started container."""

    outer: subprocess.Popen[str]
    """Ends with the exit code of the command."""

    @property
    def first(self) -> int:
        """The command's process id, as seen from here; within it is 1."""
        return int(Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text())

    def status(self) -> dict[str, str]:
        """What the kernel says of the command's process: user, group, capabilities."""
        lines = Path(f"/proc/{self.first}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def terminate(self) -> None:
        """Ask it to end, as the kubelet does."""
        os.kill(self.first, signal.SIGTERM)


@contextmanager
def start_pod(
    configuration: dict[str, Any],
    root: Path,
    volumes: Mapping[str, Path],
    user: int,
    environment: Mapping[str, str],
    arguments: Sequence[str] | None = None,
) -> Iterator[Pod]:
    """The image's own command, or its entry point with other arguments, with the image's environment and this.

    Volumes are directories here, by where they are mounted.
    """
    mounts = [word for place, directory in volumes.items() for word in (str(directory), place.removeprefix("/"))]
    for place in volumes:
        (root / place.removeprefix("/")).mkdir(parents=True, exist_ok=True)
    given = configuration["Cmd"] if arguments is None else arguments
    command = [*configuration["Entrypoint"], *given]
    variables = dict(each.split("=", 1) for each in configuration["Env"]) | dict(environment)
    runtime = [*_NAMESPACES, "sh", "-c", _RUNTIME, "runtime", str(root), str(user), *mounts, "--"]
    with subprocess.Popen(
        [*runtime, *command], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as outer:
        pod = Pod(outer)
        try:
            yield pod
        finally:
            with suppress(OSError, ValueError):  # it may have ended, and has no process then
                os.kill(pod.first, signal.SIGKILL)
