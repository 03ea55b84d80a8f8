"""Notices changes of the configuration file, including a mounted ConfigMap, where the kubelet swaps a symbolic link.

The file is read every few seconds and compared: it is small, and inotify does not work on all file systems.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Final, Self

from exporter.base.clock import Clock
from exporter.base.isolate import Crash, run_isolated
from exporter.base.threads import is_running
from exporter.settings.commands import needs_restart, options_of
from exporter.settings.file import file_digest, read_content
from exporter.settings.settings import FileValues, Settings, SettingsError

log = logging.getLogger(__name__)

_EVERY: Final = 2.0
"""Seconds between two reads. Short, because the kubelet has taken up to a minute to write the file before."""


class ConfigReloader:
    """Context manager that compares the file in its own thread; does nothing without a file."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        adopt: Callable[[Settings], None],
        refused: Callable[[str], None],
    ) -> None:
        """`adopt` gets the settings of every valid version, `refused` the first mistake of an invalid one."""
        self._running = settings
        self._clock, self._adopt, self._refused = clock, adopt, refused
        self._seen = settings.file.digest if settings.file else ""
        self._stop = Event()
        self._thread = Thread(target=self._run, name="configuration", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        if self._running.file is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        assert self._running.file is not None
        while not self._clock.wait(self._stop, _EVERY):
            crash = run_isolated(partial(self.look, self._running.file))
            if isinstance(crash, Crash):
                log.error("reading the configuration file crashed", extra={"traceback": crash.trace})
                self._refused(f"reading it crashed: {crash.summary}")

    def alive(self) -> bool:
        """Whether the thread has not ended by itself."""
        return is_running(self._thread)

    def look(self, file: FileValues) -> None:
        """Read the settings again if the content of the file has changed since the last call."""
        try:
            found = file_digest(read_content(file.path))
        except SettingsError:
            found = ""
        if found == self._seen:
            return
        self._seen = found
        try:
            settings = self._running.again()
        except SettingsError as error:
            log.error(  # noqa: TRY400  (a mistake in a file has no traceback)
                "the configuration file is refused, the last good one counts",
                extra={"mistake": error.lines[0], "mistakes": len(error.lines)},
            )
            self._refused(error.lines[0])
            return
        self._take(settings)

    def _take(self, settings: Settings) -> None:
        waiting = [
            o.name for o in options_of(self._running.command) if needs_restart(o) and settings[o] != self._running[o]
        ]
        if waiting:
            log.warning("a changed option needs a restart", extra={"options": ", ".join(waiting)})
        log.info("the configuration file is taken over", extra={"file": settings.file.path if settings.file else ""})
        self._adopt(settings)
