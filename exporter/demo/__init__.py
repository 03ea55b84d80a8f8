"""`demo`: the exporter at work on a sample cluster that ships with it, and that lives while one looks at it."""

from __future__ import annotations

from threading import Thread

from exporter.app import announce, configured, ended_by_signal
from exporter.clock import SystemClock
from exporter.configuration.sections import POLICY
from exporter.demo.api import Api, Objects
from exporter.demo.life import Life
from exporter.demo.sample import sample
from exporter.kube.auth import Connection
from exporter.kube.client import Client
from exporter.observed import Observed
from exporter.options import FRESHNESS_TARGET, LISTEN
from exporter.serving import Exporter
from exporter.settings import Settings
from exporter.watched import WATCHED


def run(settings: Settings) -> int:
    """Serve the sample cluster until a signal ends it."""
    clock = SystemClock()
    objects = Objects(WATCHED)
    now = clock.now()
    for manifest in sample(now):
        objects.put(manifest)
    life = Life(objects, now)
    with ended_by_signal() as stop, Api(objects) as api:
        living = Thread(target=life.run, args=(clock, stop), name="life", daemon=True)
        living.start()
        cluster, policy = Observed("", Client(Connection(api.url)), clock), settings.section(POLICY)
        running = Exporter(
            [cluster], clock, settings[LISTEN], policy=policy, freshness_target=settings[FRESHNESS_TARGET]
        )
        with cluster, running as exporter, configured(settings, clock, exporter):
            announce(f"A sample cluster is being watched. Open {exporter.address} (metrics: {exporter.address}metrics)")
            announce("It is polled, imports images, and loses its default StorageClasses from time to time.")
            announce("Ctrl-C ends it.")
            stop.wait()
        living.join()
    return 0
