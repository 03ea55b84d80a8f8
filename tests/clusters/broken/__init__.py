"""BROKEN: one thing wrong in a healthy cluster, as the controllers leave it. Each function is a sample of its name."""

from __future__ import annotations

from tests.clusters.broken import entries, hard, imports, messy, operators, polling, references, sources, storage
from tests.clusters.broken.changes import BROKEN

__all__ = ["BROKEN", "entries", "hard", "imports", "messy", "operators", "polling", "references", "sources", "storage"]
