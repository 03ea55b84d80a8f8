"""Reads must-gathers and dumps of manifests as a source of objects, in place of an API server.

What belongs here: files, archives, YAML, JSON, Lists, and what a dump as a whole tells. What does not: judgements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.store import Store
from exporter.dump.collection import Collection
from exporter.dump.documents import Broken, Found, decoded, pieces
from exporter.dump.files import LARGEST, TIMESTAMP, File, files, missing
from exporter.dump.instants import newest, of_timestamp_file
from exporter.dump.layout import Guess, Layout
from exporter.settings.settings import SettingsError

_SKEW: Final = timedelta(minutes=5)
"""How far the clocks of a cluster may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class DumpFacts:
    """What there is to say about a dump besides its objects."""

    at: datetime
    """When it was taken, as far as it tells; else now."""
    at_source: str
    problems: tuple[str, ...]
    """One line for each file or part that could not be read: where, and why."""
    files: int
    objects: int
    """How many were of a kind that we look at."""
    skipped: int
    """Objects of other kinds, and documents that are no Kubernetes objects."""


@dataclass(slots=True)
class _Reading:
    collection: Collection
    layout: Layout
    now: datetime
    progress: Callable[[str], None]
    problems: list[str] = field(default_factory=list)
    files: int = 0
    skipped: int = 0
    gathered: datetime | None = None
    newest: datetime | None = None

    def take(self, file: File) -> None:
        """Everything in a file."""
        self.files += 1
        self.show(file.name)
        by_path = self.layout.of_path(file.parts)
        guess = (by_path,) if by_path else ()
        if file.problem:
            self.lost(file.name, file.problem, guess)
            return
        try:
            text = decoded(file.data)
        except UnicodeError:
            self.lost(file.name, "is not text in UTF-8", guess)
            return
        if "\0" in text:
            self.lost(file.name, "is not a text file", guess)
        elif file.parts and file.parts[-1].lower() == TIMESTAMP:
            self.gathered = max(filter(None, (self.gathered, of_timestamp_file(text))), default=None)
        else:
            self.read(file.name, text, guess)

    def show(self, name: str) -> None:
        """Where the reading is."""
        self.progress(f"file {self.files}, {self.collection.objects} objects, reading {name}")

    def read(self, name: str, text: str, guess: tuple[Guess, ...]) -> None:
        """Every object in a text."""
        found: dict[Resource[Any], None] = {}
        listed = guess[0].resource if guess else None
        for piece in pieces(text, self.collection.kinds):
            self.show(name)
            if isinstance(piece, Found):
                resource = self.collection.add(piece.value, f"{name} line {piece.line}", listed)
                if resource is None:
                    self.skipped += 1
                    continue
                found[resource] = None
                seen = newest(piece.value, self.now + _SKEW)
                self.newest = max(filter(None, (self.newest, seen)), default=None)
            elif isinstance(piece, Broken):
                about = self.layout.of_text(piece.text)
                if piece.torn:
                    # What a file held so far it probably went on with.
                    about = tuple(map(Guess, dict.fromkeys([*found, *(g.resource for g in about)])))
                about = about or guess
                self.lost(f"{name} line {piece.line}", piece.what, about)
            else:
                self.skipped += 1

    def lost(self, where: str, what: str, guesses: tuple[Guess, ...]) -> None:
        """Take note of a part that could not be read, and of what may be missing because of it."""
        for guess in guesses:
            self.collection.broken(guess.resource, guess.key, f"{where} {what}")
        concerns = ", ".join(f"{g.resource.kind} {g.key}" if g.key else g.resource.plural for g in guesses)
        self.problems.append(f"{where} {what}" + (f"; not known because of it: {concerns}" if concerns else ""))


def load(
    paths: Iterable[str],
    store: Store,
    resources: Iterable[Resource[Any]],
    *,
    complete: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    largest: int = LARGEST,
) -> DumpFacts:
    """Read a dump into the tables of these resources. `complete`: a kind that it does not hold is known to be empty.

    Raises SettingsError for a path that does not exist, and for a dump without a single object that we look at.
    """
    paths, resources = tuple(paths), tuple(resources)
    missing(paths)
    now = store.clock.now()
    reading = _Reading(Collection(resources), Layout(resources), now, progress)
    for file in files(paths, largest):
        reading.take(file)
    if reading.collection.empty and not reading.problems:
        raise SettingsError(_nothing(paths, reading))
    reading.collection.pour(store, complete=complete)
    at, source = _taken(reading)
    return DumpFacts(at, source, tuple(reading.problems), reading.files, reading.collection.objects, reading.skipped)


def _taken(reading: _Reading) -> tuple[datetime, str]:
    if reading.gathered is not None:
        return reading.gathered, "must-gather timestamp"
    if reading.newest is not None:
        return reading.newest, "newest instant in the dump"
    return reading.now, "now"


def _nothing(paths: tuple[str, ...], reading: _Reading) -> str:
    named = ", ".join("standard input" if p == "-" else repr(p) for p in paths)
    read = f"{reading.files} files" if reading.files else "no .yaml, .yml or .json file"
    remedy = "give a must-gather, or what `oc get -A -o yaml KIND,...` prints"
    return f"--from: {named} holds no object to judge ({read}, {reading.skipped} other documents); {remedy}"
