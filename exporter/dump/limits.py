"""How much of a dump is read: every input is bounded in size, number, depth, time and memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class DumpLimits:
    """The bounds. The defaults leave room for a dump of 20,000 VMs and for a must-gather of several GiB."""

    file: int = 256 * MIB
    """Bytes of one file, unpacked: the largest that is ever in memory."""
    document: int = 4 * MIB
    """Characters that are parsed in one piece. etcd refuses objects above 1.5 MiB; a List is parsed item by item."""
    unpacked: int = 16 << 30
    """Bytes that all of a dump unpacks to. Logs in archives have to be unpacked to be skipped."""
    ratio: int = 250
    """How many times its size a packed stream may unpack to. YAML of many like objects reaches about 100, gzip 1032."""
    entries: int = 200_000
    """Files in folders and members of archives together."""
    objects: int = 1_000_000
    """Documents and objects together."""
    seconds: float = 900.0
    """How long reading may take."""


LIMITS: Final = DumpLimits()
_FLOOR: Final = 16 * MIB
"""Below so many unpacked bytes the ratio says nothing."""


class ExceededError(Exception):
    """The dump as a whole is beyond a bound: what has not been read by then stays unknown."""


class BombError(Exception):
    """One packed file unpacks to far more than a dump does."""


class ReadBudget:
    """What is left of the bounds while a dump is read. Raises ExceededError when one is reached."""

    def __init__(self, limits: DumpLimits, monotonic: Callable[[], float]) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._deadline = monotonic() + limits.seconds
        self._bytes = self._entries = self._objects = 0

    def take_bytes(self, count: int) -> None:
        """Bytes were read or unpacked."""
        self._bytes += count
        if self._bytes > self.limits.unpacked:
            raise ExceededError(f"it holds more than {self.limits.unpacked // MIB} MiB")
        self.check_time()

    def take_entry(self) -> None:
        """A file or a member of an archive was found."""
        self._entries += 1
        if self._entries > self.limits.entries:
            raise ExceededError(f"it holds more than {self.limits.entries} files")
        self.check_time()

    def take_object(self) -> None:
        """A document or an object was read."""
        self._objects += 1
        if self._objects > self.limits.objects:
            raise ExceededError(f"it holds more than {self.limits.objects} documents and objects")
        self.check_time()

    def check_time(self) -> None:
        """Raise ExceededError when reading has taken too long."""
        if self._monotonic() > self._deadline:
            raise ExceededError(f"reading it takes more than {self.limits.seconds / 60:.0f} minutes")

    def check_ratio(self, packed: int, unpacked: int) -> None:
        """Raise BombError when a stream unpacks to far more than its size."""
        if unpacked > _FLOOR and unpacked > packed * self.limits.ratio:
            raise BombError(f"unpacks to more than {self.limits.ratio} times its size, which no dump does")
