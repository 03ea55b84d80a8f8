"""`demo`: the exporter at work on a sample cluster that ships with it, and that lives while one looks at it."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Thread

from exporter.base.clock import SystemClock
from exporter.cluster.resources import WATCHED
from exporter.commands.serve import announce, configured, ended_by_signal
from exporter.demo.api import Api, Objects
from exporter.demo.life import Life
from exporter.demo.sample import sample
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.serving.access import OPEN
from exporter.serving.exporter import Exporter
from exporter.settings.options import LISTEN
from exporter.settings.settings import Settings
from exporter.watch.watched_cluster import WatchedCluster


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
        cluster = WatchedCluster("", Client(Connection(api.url)), clock)
        entrance = OPEN.opened(settings[LISTEN])
        running = Exporter([cluster], settings, clock, entrance)
        # Watched only when it has been said where to look: what the watches log would bury it.
        with ExitStack() as watched, running as exporter, configured(settings, clock, exporter):
            announce(f"A sample cluster is being watched. Open {entrance.address} (metrics: {entrance.address}metrics)")
            announce("It is polled, imports images, and loses its default StorageClasses from time to time.")
            announce("Ctrl-C ends it.")
            watched.enter_context(cluster)
            stop.wait()
        living.join()
    return 0
