"""Exporter: everything that is made of watched clusters while the program serves, from reports to the socket."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final, Self

from exporter.base.clock import Clock
from exporter.base.threads import HTTP, Threads
from exporter.base.version import installed_version
from exporter.metrics.exposition import Exposition
from exporter.metrics.families import FAMILIES
from exporter.metrics.telemetry import Telemetry
from exporter.serving.access import Listener
from exporter.serving.evaluation import ClusterEvaluation
from exporter.settings.options import CONSOLE_URL, FRESHNESS_TARGET
from exporter.settings.settings import Settings
from exporter.watch.cluster_watch import ClusterWatch
from exporter.web.guard import OUTCOMES
from exporter.web.routes import ROUTES, Router
from exporter.web.server.failures import PARTS, Failures
from exporter.web.server.server import HttpServer
from exporter.web.site import ClusterView, Site

_DRAIN: Final = 5.0
"""Seconds that requests under way may take after we were asked to end."""


class Exporter:
    """Everything that runs, from `with` to its end."""

    def __init__(self, clusters: Sequence[ClusterWatch], settings: Settings, clock: Clock, entrance: Listener) -> None:
        """The first cluster decides who may see it all."""
        self._clock = clock
        self._evaluations = [ClusterEvaluation(cluster, settings) for cluster in clusters]
        self._telemetry = telemetry = Telemetry(
            installed_version(),
            clusters=[each.counts for each in self._evaluations],
            families=[f.name for f in FAMILIES],
            routes=[r.path for r in ROUTES],
            outcomes=OUTCOMES,
            parts=PARTS,
        )
        telemetry.promises(settings[FRESHNESS_TARGET])
        self.threads = Threads()
        telemetry.supervise(self.threads.states)
        self._ending = False
        self._notices: tuple[str, ...] = ()
        site = Site(
            exposition=Exposition(FAMILIES, {p.name: p.current for p in self._evaluations}, telemetry, clock),
            clusters={
                p.name: ClusterView(p.name, p.url, p.current, p.pending_resources, p.facts, p.current_history)
                for p in self._evaluations
            },
            alive=self._alive,
            pending=self.pending_resources,
            version=installed_version(),
            clock=clock,
            console=settings[CONSOLE_URL].rstrip("/") if len(self._evaluations) == 1 else "",
            notices=lambda: self._notices,
        )
        guard = entrance.access.guard(clusters[0].client, clock, telemetry.count_decision)
        failures = Failures(telemetry.http_failed)
        self._certificates = certificates = entrance.certificates(clock, telemetry, failures)
        router = Router(site, telemetry.count_answer, guard)
        self._server = HttpServer(
            entrance.listener,
            router,
            urgent=router.is_probe,
            failures=failures,
            refused=lambda code: telemetry.count_answer("", code),
            tls=(lambda: certificates.context) if certificates else None,
        )
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        """Start to listen, and to judge."""
        if self._certificates:
            self._parts.enter_context(self._certificates)
            self.threads.add("certificates", self._certificates.alive)
        self._server.start()
        self.threads.add(HTTP, self._server.alive)
        self._parts.callback(self._server.stop, _DRAIN)
        for evaluation in self._evaluations:
            self._parts.enter_context(evaluation)
        return self

    def __exit__(self, *_: object) -> None:
        """Not ready any more; then stop to judge, and to listen."""
        self._ending = True
        self._parts.close()

    def adopt(self, settings: Settings) -> None:
        """Judge by what the configuration file of these settings says."""
        self._notices = ()
        for evaluation in self._evaluations:
            evaluation.adopt(settings)
        if settings.file is not None:
            self._telemetry.note_configuration(self._clock.now(), settings.file.digest)

    def refuse(self, mistake: str) -> None:
        """Show that the configuration file has a mistake and the last good one counts."""
        self._notices = (f"The configuration file was refused, the last good one counts: {mistake}",)
        self._telemetry.configuration_refused()

    def received_objects(self) -> int:
        """Objects that the first lists have brought so far."""
        return sum(each.received_objects() for each in self._evaluations)

    def pending_resources(self) -> list[str]:
        """Why we are not ready: what has not been listed yet, then the first report on all of it."""
        if self._ending:
            return ["stopping"]
        waiting = [
            f"{each.name}: {what}" if each.name else what
            for each in self._evaluations
            for what in each.pending_resources()
        ]
        return waiting + [f"thread {name} has ended" for name in self.ended_threads()]

    def ended_threads(self) -> list[str]:
        """Names of threads that have ended by themselves; their work stands still until the exporter restarts."""
        of_clusters = (
            f"{p.name}/{name}" if p.name else name for p in self._evaluations for name in p.threads.ended_names()
        )
        return [*self.threads.ended_names(), *of_clusters]

    def _alive(self) -> bool:
        return self._ending or (all(each.turns() for each in self._evaluations) and not self.ended_threads())
