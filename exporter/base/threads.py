"""Threads: which threads must run for the program to do its work, and which of them have ended.

A thread that dies takes nothing else with it, so that without this the part that it did would stand still unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Final

HTTP: Final = "http"
"""Name of the threads that answer clients, probes included: without them nothing can be told any more."""


class Threads:
    """Threads by name, each with a way to tell whether it runs. Safe to use from any thread."""

    def __init__(self) -> None:
        self._alive: dict[str, Callable[[], bool]] = {}

    def add(self, name: str, alive: Callable[[], bool]) -> None:
        """From now on this thread, or this group of threads, must be alive."""
        self._alive[name] = alive

    def states(self) -> dict[str, bool]:
        """Whether each is alive."""
        return {name: alive() for name, alive in list(self._alive.items())}

    def ended_names(self) -> list[str]:
        """Names of those that are not."""
        return [name for name, alive in self.states().items() if not alive]


def is_running(thread: Thread) -> bool:
    """The thread has not ended; one that has not been started yet has not."""
    return thread.ident is None or thread.is_alive()
