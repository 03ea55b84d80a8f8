"""`collect`: writes everything that an audit reads of a cluster into one file, for support cases and air gaps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from exporter.base.clock import Clock, SystemClock
from exporter.base.logs import redact_secrets
from exporter.base.terminal import Progress, clean_line
from exporter.base.version import installed_version
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.collect.collector import Collector, UnreadableClusterError
from exporter.collect.writer import STDOUT, CollectionWriter, open_output
from exporter.dump.record import CollectionRecord
from exporter.kube.client import Client
from exporter.kube.contract import State
from exporter.settings.options import DISABLE, FILE, TIMEOUT
from exporter.settings.settings import Settings, SettingsError
from exporter.watch.connect import connect

COLLECTED: Final = 0
INCOMPLETE: Final = 3
_READ: Final = (State.LIVE, State.NOT_SERVED)


def run(settings: Settings) -> int:
    """Collect what the settings name; the exit code tells whether everything could be read."""
    clock = SystemClock()
    path = settings[FILE] or f"bootsource-{clock.now():%Y%m%dT%H%M%SZ}.json.gz"
    if path != STDOUT and Path(path).exists():
        raise SettingsError(f"FILE: {path!r} exists already; remove it, or name another file")
    client = connect(settings, clock)
    progress = Progress(sys.stderr, clock.monotonic)
    resources = [r for r in WATCHED if r not in settings[DISABLE]]
    try:
        collector = collect(client, clock, path, resources, settings[TIMEOUT].total_seconds(), progress)
    except UnreadableClusterError as error:
        progress.clear()
        _print_result(f"nothing was collected: {error}")
        return INCOMPLETE
    finally:
        progress.clear()
        client.close()
    unread = {r: told for r, told in collector.states.items() if told[0] not in _READ}
    _report(path, collector, unread)
    return INCOMPLETE if unread else COLLECTED


def collect(
    client: Client,
    clock: Clock,
    path: str,
    resources: list[Resource[Any]],
    seconds: float,
    progress: Callable[[str], None],
) -> Collector:
    """Write the file. Raises UnreadableClusterError, and OSError if it cannot be written; no file is left then."""
    with open_output(path) as stream:
        writer = CollectionWriter(stream)
        collector = Collector(client, clock, seconds, writer.write_list, progress)
        collector.collect(resources)
        states = {str(resource): told for resource, told in collector.states.items()}
        writer.write_document(CollectionRecord(clock.now(), states).document(installed_version()))
    return collector


def _report(path: str, collector: Collector, unread: Mapping[Resource[Any], tuple[State, str]]) -> None:
    """Print what could not be read; print a success only on a terminal."""
    for resource, (_, why) in unread.items():
        _print_result(f"not read: {resource}: {why}")
    if path != STDOUT and sys.stderr.isatty():
        size = Path(path).stat().st_size / 1024
        _print_result(f"{path}: {collector.objects} objects, {size:.0f} KiB")
        _print_result(f"audit it with `bootsource-exporter audit --from {path}`")


def _print_result(text: str) -> None:
    sys.stderr.write(f"bootsource-exporter: {redact_secrets(clean_line(text))}\n")
