"""The command: asks along the chain, prints what was found, and says by its exit code whether it holds."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from exporter.base.clock import Clock, SystemClock
from exporter.base.terminal import Progress, Style
from exporter.cluster.resources import WATCHED
from exporter.cluster.store import Store
from exporter.doctor import alertmanager, cluster, exporters, prometheus
from exporter.doctor.diagnosis import Diagnosis, Line, build_diagnosis, to_json
from exporter.doctor.labels import alert_labels
from exporter.doctor.render import render_text
from exporter.doctor.request_errors import QuestionError
from exporter.doctor.reviews import ask_rights, client_with_deadline
from exporter.doctor.routing import AlertLabels, Labels
from exporter.doctor.server import MonitoringServer, TokenFile
from exporter.settings.options import (
    ALERTMANAGER,
    CA_FILE,
    DISABLE,
    KUBECONFIG,
    NAMESPACES,
    OUTPUT,
    PROMETHEUS,
    TIMEOUT,
    TOKEN_FILE,
)
from exporter.settings.settings import Settings, SettingsError
from exporter.watch.connect import connect
from exporter.watch.once import read_once

_CODES: Final = {"ok": 0, "problem": 1, "unknown": 3}
_QUESTIONS: Final = 0.25
"""The part of the time that may go by with asking for permissions; what can be read is worth more."""


def run(settings: Settings) -> int:
    """Diagnose as the settings say; the exit code tells the verdict."""
    output = settings[OUTPUT]
    clock = SystemClock()
    progress = Progress(sys.stderr, clock.monotonic)
    try:
        diagnosis = diagnose(settings, clock, progress)
    finally:
        progress.clear()
    if output == "json":
        sys.stdout.write(to_json(diagnosis))
    else:
        sys.stdout.write(render_text(diagnosis, Style.for_stream(sys.stdout, os.environ)))
    return _CODES[diagnosis.verdict]


def diagnose(settings: Settings, clock: Clock, progress: Progress) -> Diagnosis:
    """What is known of every link. Raises SettingsError if what was asked for cannot be tried."""
    lines = list(_cluster(settings, clock, progress))
    token = TokenFile(file) if (file := settings[TOKEN_FILE]) else None
    fired: list[Labels] | None = None
    alerts: Mapping[str, AlertLabels] | None = None
    if url := settings[PROMETHEUS]:
        progress("asking Prometheus")
        server = MonitoringServer("Prometheus", url, token, settings[CA_FILE])
        told = list(prometheus.check_prometheus(server))
        if told[0].status == "ok":
            lines += exporters.check_exporters(server)
            with suppress(QuestionError):  # what is not known is told by the lines
                fired = prometheus.firing_alerts(server)
            with suppress(QuestionError):
                alerts = alert_labels(server)
        lines += told
    if url := settings[ALERTMANAGER]:
        progress("asking Alertmanager")
        lines += alertmanager.check_alertmanager(
            MonitoringServer("Alertmanager", url, token, settings[CA_FILE]), fired, alerts
        )
    return build_diagnosis(clock.now(), lines)


def _cluster(settings: Settings, clock: Clock, progress: Progress) -> Iterator[Line]:
    deadline = clock.monotonic() + settings[TIMEOUT].total_seconds()
    try:
        client = connect(settings, clock)
    except SettingsError as error:
        if settings.origin(KUBECONFIG) or not (settings[PROMETHEUS] or settings[ALERTMANAGER]):
            raise
        remedy = f"name one with {KUBECONFIG.flag}, if it is to be looked at"
        yield Line(link="cluster", subject="reachable", status="unknown", said=str(error), remedy=remedy)
        return
    disabled = settings[DISABLE]
    resources = [r for r in WATCHED if r not in disabled]
    store = Store(WATCHED, clock)
    store.switch_off(disabled, settings.origin(DISABLE))
    store.look_only_in(settings[NAMESPACES])
    try:
        progress("asking what may be read")
        rights = ask_rights(client, resources, settings[TIMEOUT].total_seconds() * _QUESTIONS, store.only)
        left = max(0.0, deadline - clock.monotonic())
        read_once(client.branch(), store, resources, timedelta(seconds=left), progress)
        snapshot = store.freeze()
        with client_with_deadline(client, deadline - clock.monotonic()) as (branch, _):
            versions = cluster.served_versions(branch, snapshot)
    finally:
        client.close()
    yield from cluster.check_access(snapshot, rights, versions)
