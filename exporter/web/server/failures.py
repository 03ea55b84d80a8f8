"""Failures: what went wrong in the HTTP server that nothing a client sends should be able to cause.

Each failure is counted and logged, and ends no more than the part in which it happened: the thread goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from typing import Final, TypeVar

from exporter.base.isolate import Crash, run_isolated

log = logging.getLogger(__name__)
T = TypeVar("T")


class Part(Enum):
    """Where it happened, and so what is lost by it."""

    LOOP = "loop"
    """One turn of the thread that waits for all clients."""
    CONNECTION = "connection"
    """One connection, which is closed."""
    REQUEST = "request"
    """One request, which is answered with 500."""
    CERTIFICATES = "certificates"
    """One attempt to read the certificate files again; those before stay in use."""


PARTS: Final = tuple(part.value for part in Part)
"""For the metric."""


class Failures:
    """Counts and logs. Safe to use from many threads; the log itself leaves repeated lines out."""

    def __init__(self, count: Callable[[str], None] = lambda _: None) -> None:
        """`count` is called with the part, for the metric."""
        self._count = count

    def isolate(self, part: Part, work: Callable[[], T], **fields: str) -> T | Crash:
        """The result of the work, or the crash, which has been counted and logged; `fields` are for the log line."""
        result = run_isolated(work)
        if isinstance(result, Crash):
            self._count(part.value)
            log.error(
                "a part of the HTTP server failed: a bug of the exporter",
                extra={"part": part.value, **fields, "trace": result.trace},
            )
        return result
