"""Packed streams: gzip and tar, unpacked while they are read and never as a whole."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from exporter.dump.limits import MIB, BombError, ReadBudget

if TYPE_CHECKING:
    from typing_extensions import Buffer

GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 65536
_HEADERS: Final = 4 * MIB
"""Bytes of headers before one member. tarfile keeps long names and PAX records in memory, whatever size they claim."""
BROKEN: Final = (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, OverflowError, RecursionError)
"""What tarfile raises for archives that are none."""


class Readable(Protocol):
    """All that is asked of a stream."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""


class Replayed(io.RawIOBase):
    """A stream whose first bytes have been looked at: pipes cannot seek. Counts what it hands on."""

    def __init__(self, start: bytes, stream: Readable, budget: ReadBudget) -> None:
        self._start = start
        self._stream = stream
        self._budget = budget
        self.allowance: int | None = None
        """Bytes that may still be read; None means any number."""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """The bytes looked at, then the others."""
        view = memoryview(buffer)
        data = self._start[: len(view)] or self._stream.read(len(view))
        self._start = self._start[len(view) :]
        view[: len(data)] = data
        self._budget.take_bytes(len(data))
        if self.allowance is not None:
            self.allowance -= len(data)
            if self.allowance < 0:
                raise BombError(f"is a broken archive: a header in it is larger than {_HEADERS // MIB} MiB")
        return len(data)


class Unpacked(io.RawIOBase):
    """A gzip stream, unpacked; several in a row count as one.

    Python's own GzipFile reads headers byte by byte, so that one without end takes minutes.
    """

    def __init__(self, stream: Readable, budget: ReadBudget) -> None:
        self._stream = stream
        self._budget = budget
        self._inflater = zlib.decompressobj(wbits=31)
        self._pending = b""
        self._packed = self._given = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Raises EOFError if the stream breaks off, zlib.error if it is broken, BombError if it unpacks to too much."""
        view = memoryview(buffer)
        while True:
            packed = self._pending or self._read()
            self._pending = b""
            if self._inflater.eof:
                if not packed:
                    return 0
                # Zeros between and after streams are padding.
                packed = packed.lstrip(b"\0")
                if not packed:
                    continue
                self._inflater = zlib.decompressobj(wbits=31)
            # Also without input: what is left inside of the inflater comes out.
            data = self._inflater.decompress(packed, len(view))
            self._pending = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            if not packed and not data and not self._inflater.eof:
                raise EOFError("it breaks off")
            self._given += len(data)
            self._budget.check_ratio(self._packed, self._given)
            if data:
                view[: len(data)] = data
                return len(data)
            self._budget.check_time()

    def _read(self) -> bytes:
        packed = self._stream.read(_CHUNK)
        self._packed += len(packed)
        return packed


def gunzip(stream: Readable, budget: ReadBudget) -> IO[bytes]:
    """A gzip stream as a stream of what is in it."""
    return io.BufferedReader(Unpacked(stream, budget), _CHUNK)


def peek(stream: Readable, budget: ReadBudget) -> tuple[bytes, Replayed]:
    """The first 512 bytes of a stream, and the stream with them."""
    start = stream.read(512)
    return start, Replayed(start, stream, budget)


def members(stream: Replayed, budget: ReadBudget) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """The files in a tar archive, each with its content; None for one whose size is only claimed (sparse).

    Raises BombError, and any of BROKEN where the archive cannot be read on.
    """
    stream.allowance = _HEADERS
    with tarfile.open(fileobj=io.BufferedReader(stream, _CHUNK), mode="r|") as archive:
        while (member := archive.next()) is not None:
            budget.take_entry()
            # tarfile remembers every member; only the current one is wanted.
            archive.members = []  # type: ignore[attr-defined]
            # What comes next is the rest of this member, and the headers of the one after it.
            stream.allowance = max(0, member.size) + _HEADERS
            if member.isfile():
                yield member, None if member.issparse() else archive.extractfile(member)
            _skip_rest(archive)


def _skip_rest(archive: Any) -> None:  # noqa: ANN401  (typeshed does not know the stream inside)
    """Go to the next header. tarfile by itself counts on to where a header claims that it is, also past the end."""
    while (left := archive.offset - archive.fileobj.tell()) > 0:
        if not archive.fileobj.read(min(left, MIB)):
            raise tarfile.ReadError("unexpected end of data")
