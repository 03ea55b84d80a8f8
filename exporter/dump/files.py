"""Paths to bytes: directories, files, standard input, tar archives, also gzipped. One file in memory at a time."""

from __future__ import annotations

import io
import os
import stat
import sys
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from exporter.settings.settings import SettingsError

if TYPE_CHECKING:
    from typing_extensions import Buffer

LARGEST: Final = 1 << 30
"""Bytes of one file, unpacked, that are still read."""
_WANTED: Final = (".yaml", ".yml", ".json")
_STDIN: Final = "-"
_GZIP: Final = b"\x1f\x8b"
_FOREIGN: Final = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
TIMESTAMP: Final = "timestamp"
"""Where a must-gather notes when it started and ended."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that could be read, or why it could not."""

    name: str
    """What to call it in messages."""
    parts: tuple[str, ...]
    """Its path, for those that know the layout of a must-gather."""
    data: bytes = b""
    problem: str = ""


def files(paths: Iterable[str], largest: int = LARGEST) -> Iterator[File]:
    """All files worth reading, in a stable order.

    Raises SettingsError for a path that does not exist.
    """
    for path in paths:
        if path == _STDIN:
            yield from _opened(sys.stdin.buffer, "standard input", (), largest)
        elif Path(path).is_dir():
            yield from _directory(path, largest)
        else:
            yield from _named(path, largest)


def missing(paths: Iterable[str]) -> None:
    """Raise SettingsError for the first path that does not exist, before anything is read."""
    for path in paths:
        if path != _STDIN and not os.path.exists(path):  # noqa: PTH110  (never raises, unlike Path.exists)
            raise SettingsError(f"--from: {path!r} does not exist; name a directory, a file, or - for standard input")


def _wanted(name: str) -> bool:
    lower = name.lower()
    return lower == TIMESTAMP or lower.removesuffix(".gz").endswith(_WANTED)


def _directory(top: str, largest: int) -> Iterator[File]:
    problems: list[OSError] = []
    seen: set[tuple[int, int]] = set()
    for folder, folders, names in os.walk(top, onerror=problems.append, followlinks=True):
        while problems:
            yield _unreadable(problems.pop(0))
        where = os.stat(folder)  # noqa: PTH116  (os.walk gives strings)
        if (where.st_dev, where.st_ino) in seen:
            # A link leads back to where we have been.
            folders.clear()
            continue
        seen.add((where.st_dev, where.st_ino))
        folders.sort()
        for name in sorted(names):
            if _wanted(name):
                yield from _named(os.path.join(folder, name), largest, inside=top)  # noqa: PTH118
    for problem in problems:
        yield _unreadable(problem)


def _unreadable(error: OSError) -> File:
    name = str(error.filename)
    return File(name, Path(name).parts, problem=f"cannot be read: {error.strerror}")


def _named(path: str, largest: int, inside: str = "") -> Iterator[File]:
    name = os.path.relpath(path, inside) if inside else path
    parts = Path(path).parts
    try:
        if inside and not stat.S_ISREG(Path(path).stat().st_mode):
            # A pipe or a device would block; a pipe that is named is meant.
            return
        with Path(path).open("rb") as raw:
            yield from _opened(raw, name, parts, largest, archives=not inside)
    except OSError as error:
        yield File(name, parts, problem=f"cannot be read: {error.strerror or error}")


def _opened(
    raw: IO[bytes], name: str, parts: tuple[str, ...], largest: int, *, archives: bool = True
) -> Iterator[File]:
    """What is in a stream: itself, unpacked, or the members of the archive that it is."""
    try:
        start, stream = _started(raw)
        if start.startswith(_GZIP):
            start, stream = _started(GzipFile(fileobj=stream))
        if archives and start[257:262] == b"ustar":
            yield from _members(stream, name, largest)
        else:
            foreign = next((form for magic, form in _FOREIGN.items() if start.startswith(magic)), "")
            if foreign:
                yield File(name, parts, problem=f"is a {foreign} file; unpack it first")
            else:
                yield _read(stream, name, parts, largest)
    except (BadGzipFile, EOFError, zlib.error) as error:
        yield File(name, parts, problem=f"cannot be unpacked: {error}")


class _Replayed(io.RawIOBase):
    """A stream whose first bytes have been looked at: pipes cannot seek."""

    def __init__(self, start: bytes, stream: IO[bytes]) -> None:
        self._start = start
        self._stream = stream

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """The bytes looked at, then the others."""
        view = memoryview(buffer)
        data = self._start[: len(view)] or self._stream.read(len(view))
        self._start = self._start[len(view) :]
        view[: len(data)] = data
        return len(data)


def _started(stream: IO[bytes] | GzipFile) -> tuple[bytes, IO[bytes]]:
    start = stream.read(512)
    return start, io.BufferedReader(_Replayed(start, stream), 65536)  # type: ignore[arg-type]


def _read(stream: IO[bytes], name: str, parts: tuple[str, ...], largest: int) -> File:
    data = stream.read(largest + 1)
    if len(data) > largest:
        return File(name, parts, problem=f"is larger than {largest >> 20} MiB; split it into one file per kind")
    return File(name, parts, data)


def _members(stream: IO[bytes], name: str, largest: int) -> Iterator[File]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                inner = PurePosixPath(member.name)
                if not member.isfile() or not _wanted(inner.name):
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    yield from _member(content, f"{name}:{inner}", inner.parts, largest)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        yield File(name, (), problem=f"is a broken archive: {error}")


def _member(content: IO[bytes], name: str, parts: tuple[str, ...], largest: int) -> Iterator[File]:
    if not name.lower().endswith(".gz"):
        yield _read(content, name, parts, largest)
        return
    try:
        yield _read(io.BufferedReader(GzipFile(fileobj=content)), name, parts, largest)
    except (BadGzipFile, EOFError, zlib.error) as error:
        yield File(name, parts, problem=f"cannot be unpacked: {error}")
