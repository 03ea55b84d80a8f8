"""What in a folder or an archive was not looked into, in a few lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from exporter.dump.files import SkippedFile

_NAMED: Final = 10
"""How many of each sort are named; a must-gather holds thousands of logs."""


@dataclass(slots=True)
class SkippedFiles:
    """Counts them, and remembers the first names."""

    archives: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    counts: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def add(self, file: SkippedFile) -> None:
        """Take note of one."""
        self.counts[file.archive] += 1
        named = self.archives if file.archive else self.others
        if len(named) < _NAMED:
            named.append(file.name)

    def lines(self) -> tuple[str, ...]:
        """One line for archives, which may hold what is missing, and one for all other files."""
        archives = self._line(self.archives, self.counts[True], "archive", "name an archive with --from to read it")
        others = self._line(self.others, self.counts[False], "file", "only .yaml, .yml and .json are read from folders")
        return tuple(filter(None, (archives, others)))

    def _line(self, named: list[str], count: int, noun: str, remedy: str) -> str:
        if not count:
            return ""
        left = f" and {count - len(named)} more" if count > len(named) else ""
        return f"{count} {noun}{'s' if count > 1 else ''} not read: {', '.join(named)}{left}; {remedy}"
