"""The yardstick: receives all virtual machines by one WatchList and does nothing with them.

Run as a process of its own: `python -m benchmarks.drain URL TOKEN`. Prints wall and CPU seconds from the request to
the mark that ends the list, start of the process not included, and the bytes received.
"""

from __future__ import annotations

import json
import sys
import time

from benchmarks.http_client import Connection
from benchmarks.world import MACHINES

_END = b"k8s.io/initial-events-end"


def drain(url: str, token: str) -> dict[str, float]:
    connection = Connection(url, token)
    query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    wall, cpu, size = time.perf_counter(), time.process_time(), 0
    for piece in connection.pieces(f"{MACHINES}?{query}"):
        size += len(piece)
        if len(piece) < 4096 and _END in piece:
            break
    measured = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "bytes": size}
    connection.close()
    return measured


if __name__ == "__main__":
    print(json.dumps(drain(*sys.argv[1:])))
