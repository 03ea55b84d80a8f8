"""Process: a program under measurement: what it has used so far, as the kernel counts it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Process:
    """Runs a command and measures it; ended on exit."""

    def __init__(self, command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None) -> None:
        self._log = log
        with log.open("wb") as out:
            self.started = time.monotonic()
            self._popen = subprocess.Popen(
                list(command), stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(environ or {})}
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._popen.terminate()
        try:
            self._popen.wait(15)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def check(self) -> None:
        """Fail with the end of its log if it has ended."""
        if self._popen.poll() is not None:
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])
            raise RuntimeError(f"{self._popen.args!s:.120} ended early:\n{tail}")

    def cpu(self) -> float:
        """Seconds of CPU, user and system, of all its threads."""
        return cpu_of(self.pid)

    def memory(self) -> tuple[float, float]:
        """Peak and present resident memory in MiB."""
        return memory_of(self.pid)


def cpu_of(pid: int) -> float:
    """Seconds of CPU, user and system, that a process has used."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS


def memory_of(pid: int | str) -> tuple[float, float]:
    """Peak and present resident memory of a process in MiB; `self` is the own one."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return _mebibytes(values["VmHWM"]), _mebibytes(values["VmRSS"])


def _mebibytes(text: str) -> float:
    return int(text.split(maxsplit=1)[0]) / 1024
