"""Puts the world into an API server with a bounded number of connections."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from benchmarks.http_client import Connection
from benchmarks.world import boot_source, collection_of, machine, machine_path, machine_status, platform
from tests.rig.cluster import Cluster
from tests.rig.servers import ADMIN_TOKEN

_CONNECTIONS = 12


def load_boot_sources(cluster: Cluster, url: str, crons: int) -> None:
    """The platform and so many boot sources."""
    for thing in platform():
        cluster.apply(thing)
    now = datetime.now(UTC)

    def create(connection: Connection, number: int) -> None:
        for thing in boot_source(number, now):
            _create(connection, collection_of(thing), thing)
            if thing["kind"] == "PersistentVolumeClaim":
                connection.merge(
                    f"{collection_of(thing)}/{thing['metadata']['name']}/status", {"status": thing["status"]}
                )

    _in_parallel(url, range(crons), create, "boot sources")


def load_machines(url: str, numbers: range, crons: int) -> None:
    """These virtual machines, with the status of a running one."""

    def create(connection: Connection, number: int) -> None:
        path = machine_path(number)
        _create(connection, path.rpartition("/")[0], machine(number, crons))
        connection.merge(f"{path}/status", machine_status())

    _in_parallel(url, numbers, create, "virtual machines")


def _create(connection: Connection, path: str, thing: object) -> None:
    status = connection.send("POST", path, thing)
    if status not in (201, 409):
        raise RuntimeError(f"POST {path}: {status}")


def _in_parallel(url: str, numbers: range, create: Callable[[Connection, int], None], what: str) -> None:
    started = time.monotonic()
    failures: list[Exception] = []

    def work(mine: Iterable[int]) -> None:
        connection = Connection(url, ADMIN_TOKEN)
        try:
            for number in mine:
                create(connection, number)
                if failures:
                    return
        except Exception as error:  # noqa: BLE001  (it is raised again below)
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(numbers[first::_CONNECTIONS],)) for first in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    tell(f"{len(numbers)} {what} created in {time.monotonic() - started:.0f} s")


def tell(text: str) -> None:
    """Progress for whoever waits."""
    sys.stderr.write(f"[bench] {text}\n")
    sys.stderr.flush()
