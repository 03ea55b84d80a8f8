"""Reads the files of a dump one after the other, and remembers what there is to say about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.dump.collection import Collection
from exporter.dump.documents import BrokenPart, FoundObject, SkippedObject, decode_text, pieces
from exporter.dump.files import TIMESTAMP, File, SkippedFile, files
from exporter.dump.instants import newest_instant, parse_timestamp_file
from exporter.dump.layout import DumpLayout, Guess, namespace_of
from exporter.dump.limits import ExceededError, ReadBudget
from exporter.dump.record import KIND, CollectionRecord, record_of
from exporter.dump.skipped_files import SkippedFiles

_SKEW: Final = timedelta(minutes=5)
"""How far the clocks of a cluster may be ahead of ours."""
_PROBLEMS: Final = 200
"""How many are named; what is not known because of the others is unknown all the same."""


@dataclass(slots=True)
class DumpReader:
    """What was read so far."""

    collection: Collection
    layout: DumpLayout
    now: datetime
    budget: ReadBudget
    progress: Callable[[str], None]
    problems: list[str] = field(default_factory=list)
    unnamed_problems: int = 0
    files: int = 0
    skipped: int = 0
    """Objects of other kinds, and documents that are not Kubernetes objects."""
    skipped_files: SkippedFiles = field(default_factory=SkippedFiles)
    definitions: set[str] = field(default_factory=set)
    """Names of the CustomResourceDefinitions in the dump."""
    must_gather: bool = False
    listed_namespaces: set[str] = field(default_factory=set)
    """Namespaces of which a must-gather holds whole lists, even if they are empty."""
    unattributed: bool = False
    """Something could not be read, and it may have held anything."""
    gathered: datetime | None = None
    newest: datetime | None = None
    record: CollectionRecord | None = None

    def read_all(self, paths: Iterable[str]) -> None:
        """Everything, or as much of it as the bounds allow."""
        try:
            for file in files(paths, self.budget):
                if isinstance(file, SkippedFile):
                    self.skipped_files.add(file)
                else:
                    self.take(file)
        except ExceededError as error:
            where = f"the dump, read up to file {self.files},"
            self.note_loss(
                where, f"is more than is read: {error}; split it, or leave out what the audit does not read", ()
            )
            for resource in self.collection.resources:
                self.collection.broken(resource, None, f"the dump is more than is read: {error}")

    def take(self, file: File) -> None:
        """Everything in a file."""
        self.files += 1
        self.show(file.name)
        self.must_gather |= "cluster-scoped-resources" in file.parts or "namespaces" in file.parts[:-1]
        by_path = self.layout.guess_from_path(file.parts)
        guess = (by_path,) if by_path else ()
        if by_path is not None and by_path.key is None and file.parts:
            self.listed_namespaces.add(namespace_of((*file.parts[:-1], "", file.parts[-1])))
        if file.problem:
            self.note_loss(file.name, file.problem, guess)
            return
        try:
            text = decode_text(file.data)
        except UnicodeError:
            self.note_loss(file.name, "is not text in UTF-8", guess)
            return
        if "\0" in text:
            self.note_loss(file.name, "is not a text file", guess)
        elif file.parts and file.parts[-1].lower() == TIMESTAMP:
            self.gathered = max(filter(None, (self.gathered, parse_timestamp_file(text))), default=None)
        else:
            self.read(file.name, text, guess)

    def show(self, name: str) -> None:
        """Where the reading is."""
        self.progress(f"file {self.files}, {self.collection.objects} objects, reading {name}")

    def read(self, name: str, text: str, guess: tuple[Guess, ...]) -> None:
        """Every object in a text."""
        found: dict[Resource[Any], None] = {}
        listed = guess[0].resource if guess else None
        for piece in pieces(text, self.collection.kinds | {KIND}, self.budget.limits.document):
            self.budget.take_object()
            self.show(name)
            if isinstance(piece, FoundObject):
                resource = self.take_object(piece, name, listed)
                if resource is not None:
                    found[resource] = None
            elif isinstance(piece, BrokenPart):
                self.broken(piece, name, tuple(found), guess)
            else:
                self.skip(piece)

    def skip(self, piece: SkippedObject) -> None:
        """Nothing of it is looked at, but a CustomResourceDefinition tells what the cluster serves."""
        self.skipped += 1
        if piece.definition:
            self.definitions.add(piece.definition)

    def take_object(self, piece: FoundObject, name: str, listed: Resource[Any] | None) -> Resource[Any] | None:
        """Take an object in; returns what it is, None if it is of no kind that we look at."""
        record = record_of(piece.value)
        if record is not None:
            self.record = record
            return None
        resource = self.collection.add(piece.value, f"{name} line {piece.line}", listed)
        if resource is None:
            self.skipped += 1
            return None
        seen = newest_instant(piece.value, self.now + _SKEW)
        self.newest = max(filter(None, (self.newest, seen)), default=None)
        return resource

    def broken(self, piece: BrokenPart, name: str, before: tuple[Resource[Any], ...], guess: tuple[Guess, ...]) -> None:
        """Take note of a part that cannot be parsed."""
        about = self.layout.guess_from_text(piece.text)
        if piece.torn:
            # What a file held so far it probably went on with.
            about = tuple(map(Guess, dict.fromkeys([*before, *(g.resource for g in about)])))
        self.note_loss(f"{name} line {piece.line}", piece.what, about or guess)

    def note_loss(self, where: str, what: str, guesses: tuple[Guess, ...]) -> None:
        """Take note of a part that could not be read, and of what may be missing because of it."""
        for guess in guesses:
            self.collection.broken(guess.resource, guess.key, f"{where} {what}")
        self.unattributed |= not guesses
        if len(self.problems) >= _PROBLEMS:
            self.unnamed_problems += 1
            return
        concerns = ", ".join(f"{g.resource.kind} {g.key}" if g.key else g.resource.plural for g in guesses)
        self.problems.append(f"{where} {what}" + (f"; not known because of it: {concerns}" if concerns else ""))

    def all_problems(self) -> tuple[str, ...]:
        """Those that are named, and how many are not."""
        rest = (f"{self.unnamed_problems} more parts could not be read",) if self.unnamed_problems else ()
        return (*self.problems, *rest)
