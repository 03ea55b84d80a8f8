"""Paths to bytes: directories, files, standard input, tar archives, also gzipped. One file in memory at a time."""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from exporter.dump.archives import BROKEN, GZIP, Readable, Replayed, gunzip, members, peek
from exporter.dump.limits import MIB, BombError, ReadBudget
from exporter.settings.settings import SettingsError

_WANTED: Final = (".yaml", ".yml", ".json")
_ARCHIVES: Final = (".tar", ".tgz", ".gz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".rar")
_STDIN: Final = "-"
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


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file in a folder or an archive that was not looked into."""

    name: str
    archive: bool
    """It is an archive by its name: it may hold what is missing."""


def files(paths: Iterable[str], budget: ReadBudget) -> Iterator[File | SkippedFile]:
    """All files worth reading, in a stable order, and those that were skipped.

    Raises SettingsError for a path that does not exist, ExceededError when all of it is too much.
    """
    for path in paths:
        if path == _STDIN:
            yield from _open_stream(sys.stdin.buffer, "standard input", (), budget)
        elif Path(path).is_dir():
            yield from _directory(path, budget)
        else:
            yield from _open_path(path, budget)


def require_paths(paths: Iterable[str]) -> None:
    """Raise SettingsError for the first path that does not exist, before anything is read."""
    for path in paths:
        if path != _STDIN and not os.path.exists(path):  # noqa: PTH110  (never raises, unlike Path.exists)
            raise SettingsError(f"--from: {path!r} does not exist; name a directory, a file, or - for standard input")


def _is_wanted(name: str) -> bool:
    lower = name.lower()
    return lower == TIMESTAMP or lower.removesuffix(".gz").endswith(_WANTED)


def _skip(name: str) -> SkippedFile:
    return SkippedFile(name, name.lower().endswith(_ARCHIVES))


def _directory(top: str, budget: ReadBudget) -> Iterator[File | SkippedFile]:
    problems: list[OSError] = []
    seen: set[tuple[int, int]] = set()
    for folder, folders, names in os.walk(top, onerror=problems.append, followlinks=True):
        while problems:
            yield _unreadable_file(problems.pop(0))
        where = os.stat(folder)  # noqa: PTH116  (os.walk gives strings)
        if (where.st_dev, where.st_ino) in seen:
            # A link leads back to where we have been.
            folders.clear()
            continue
        seen.add((where.st_dev, where.st_ino))
        folders.sort()
        for name in sorted(names):
            budget.take_entry()
            path = os.path.join(folder, name)  # noqa: PTH118
            if _is_wanted(name):
                yield from _open_path(path, budget, inside=top)
            else:
                yield _skip(os.path.relpath(path, top))
    for problem in problems:
        yield _unreadable_file(problem)


def _unreadable_file(error: OSError) -> File:
    name = str(error.filename)
    return File(name, Path(name).parts, problem=f"cannot be read: {error.strerror}")


def _open_path(path: str, budget: ReadBudget, inside: str = "") -> Iterator[File | SkippedFile]:
    name = os.path.relpath(path, inside) if inside else path
    parts = Path(path).parts
    try:
        if inside and not stat.S_ISREG(Path(path).stat().st_mode):
            # A pipe or a device would block; a pipe that is named is meant.
            yield SkippedFile(name, archive=False)
            return
        with Path(path).open("rb") as raw:
            yield from _open_stream(raw, name, parts, budget, archives=not inside)
    except OSError as error:
        yield File(name, parts, problem=f"cannot be read: {error.strerror or error}")


def _open_stream(
    raw: Readable, name: str, parts: tuple[str, ...], budget: ReadBudget, *, archives: bool = True
) -> Iterator[File | SkippedFile]:
    """What is in a stream: itself, unpacked, or the members of the archive that it is."""
    try:
        start, stream = peek(raw, budget)
        if start.startswith(GZIP):
            start, stream = peek(gunzip(stream, budget), budget)
        if archives and start[257:262] == b"ustar":
            yield from _members(stream, name, budget)
            return
        foreign = next((form for magic, form in _FOREIGN.items() if start.startswith(magic)), "")
        if foreign:
            yield File(name, parts, problem=f"is a {foreign} file; unpack it first")
        else:
            yield _read_file(stream, name, parts, budget)
    except (EOFError, zlib.error) as error:
        yield File(name, parts, problem=f"cannot be unpacked: {error}")
    except BombError as error:
        yield File(name, parts, problem=str(error))


def _read_file(stream: Readable, name: str, parts: tuple[str, ...], budget: ReadBudget) -> File:
    largest = budget.limits.file
    chunks, size = [], 0
    while size <= largest and (chunk := stream.read(MIB)):
        chunks.append(chunk)
        size += len(chunk)
    if size > largest:
        return File(name, parts, problem=_too_large(largest))
    return File(name, parts, b"".join(chunks))


def _too_large(largest: int) -> str:
    return f"is larger than {largest >> 20} MiB; split it into one file per kind"


def _members(stream: Replayed, name: str, budget: ReadBudget) -> Iterator[File | SkippedFile]:
    try:
        for member, content in members(stream, budget):
            inner = PurePosixPath(member.name)
            called = f"{name}:{inner}"
            if not _is_wanted(inner.name):
                yield _skip(called)
            elif content is None:
                yield File(called, inner.parts, problem="is a sparse file, which no tool puts into a dump")
            elif member.size > budget.limits.file:
                # What a header claims need not be there; nothing of it is kept.
                yield File(called, inner.parts, problem=_too_large(budget.limits.file))
            else:
                yield _member(content, called, inner.parts, budget)
    except BROKEN as error:
        yield File(name, (), problem=f"is a broken archive: {error}")


def _member(content: Readable, name: str, parts: tuple[str, ...], budget: ReadBudget) -> File:
    if not name.lower().endswith(".gz"):
        return _read_file(content, name, parts, budget)
    try:
        return _read_file(gunzip(content, budget), name, parts, budget)
    except (EOFError, zlib.error) as error:
        return File(name, parts, problem=f"cannot be unpacked: {error}")
    except BombError as error:
        return File(name, parts, problem=str(error))
