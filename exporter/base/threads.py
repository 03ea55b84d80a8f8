"""Threads: which threads must run for the program to do its work, and which of them have ended.

A thread that dies does not end the program. Without this register its work would stop and nothing would report it.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Final

HTTP: Final = "http"
"""Name of the threads that answer clients, probes included: without them the program can only end."""


class Threads:
    """Threads by name, each with a callable that returns whether it runs. Safe to use from any thread."""

    def __init__(self) -> None:
        self._alive: dict[str, Callable[[], bool]] = {}

    def add(self, name: str, alive: Callable[[], bool]) -> None:
        """Register a thread, or a group of threads, that has to stay alive."""
        self._alive[name] = alive

    def states(self) -> dict[str, bool]:
        """By name: whether the thread is alive."""
        return {name: alive() for name, alive in list(self._alive.items())}

    def ended_names(self) -> list[str]:
        """Names of the threads that have ended."""
        return [name for name, alive in self.states().items() if not alive]


def is_running(thread: Thread) -> bool:
    """Whether the thread has not ended; True also before it was started."""
    return thread.ident is None or thread.is_alive()
