"""`python -m benchmarks.imports`: resident memory of `serve` before it does anything, by what has been loaded."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from benchmarks.figures import median

_STEPS: Final = (
    ("Python itself", ""),
    ("http.client, ssl", "http.client, ssl"),
    ("urllib3", "urllib3"),
    ("pydantic", "pydantic"),
    ("msgspec", "msgspec.json"),
    ("croniter", "croniter"),
    ("prometheus_client", "prometheus_client"),
    ("the exporter: kinds, reflectors, store", "exporter.cli, exporter.app"),
    ("the exporter: checks, metrics, web", "exporter.access, exporter.serving"),
)
_RUNS: Final = 5
_TELL: Final = "print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS')))"


def resident(modules: str) -> float:
    """MiB of a Python that has imported these and nothing else."""
    code = f"import gc; gc.disable()\n{f'import {modules}' if modules else ''}\n{_TELL}"
    command = [sys.executable, "-c", code]
    told = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(_RUNS)]
    return median([int(text) / 1024 for text in told])


def main() -> None:
    loaded: list[str] = []
    before = 0.0
    print("| loaded | MiB more | MiB |\n|---|---|---|")
    for name, modules in _STEPS:
        loaded += [modules] if modules else []
        now = resident(", ".join(loaded))
        print(f"| {name} | {now - before:.1f} | {now:.1f} |")
        before = now


if __name__ == "__main__":
    main()
