"""Changes the status of virtual machines at a steady rate, as KubeVirt does all day.

Run as a process of its own: `python -m benchmarks.churn URL TOKEN MACHINES RATE SECONDS`. Nothing of what it changes
shows in a metric: each event has to be received and judged irrelevant. Prints the number of changes.
"""

from __future__ import annotations

import sys
import threading
import time

from benchmarks.http_client import Connection
from benchmarks.world import machine_path

_THREADS = 4


def churn(url: str, token: str, machines: int, rate: float, seconds: float) -> int:
    total = int(rate * seconds)
    started = time.monotonic()

    def work(first: int) -> None:
        connection = Connection(url, token)
        for number in range(first, total, _THREADS):
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
            # Never the same twice: what changes nothing is no event.
            beat = {"status": {"memory": {"guestCurrent": f"{time.time_ns()}"}}}
            connection.merge(f"{machine_path(number * 7 % machines)}/status", beat)
        connection.close()

    threads = [threading.Thread(target=work, args=(first,)) for first in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total


if __name__ == "__main__":
    print(churn(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])))
