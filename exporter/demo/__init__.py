"""`demo`: the exporter at work on a sample cluster that ships with it, and that lives while one looks at it."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Thread

from exporter.base.clock import SystemClock
from exporter.cluster.resources import WATCHED
from exporter.commands.serve import announce, apply_configuration, wait_for_signal
from exporter.demo.api import DemoApi, ObjectStore
from exporter.demo.life import Life
from exporter.demo.sample import sample_objects
from exporter.kube.client import Client
from exporter.kube.connection import Connection
from exporter.serving.access import OPEN
from exporter.serving.exporter import Exporter
from exporter.settings.options import LISTEN
from exporter.settings.settings import Settings
from exporter.watch.cluster_watch import ClusterWatch


def run(settings: Settings) -> int:
    """Serve the sample cluster until a signal ends it."""
    clock = SystemClock()
    objects = ObjectStore(WATCHED)
    now = clock.now()
    for manifest in sample_objects(now):
        objects.put(manifest)
    life = Life(objects, now)
    with wait_for_signal() as stop, DemoApi(objects) as api:
        living = Thread(target=life.run, args=(clock, stop), name="life", daemon=True)
        living.start()
        cluster = ClusterWatch("", Client(Connection(api.url)), clock)
        entrance = OPEN.open(settings[LISTEN])
        running = Exporter([cluster], settings, clock, entrance)
        # Watched only when it has been said where to look: what the watches log would bury it.
        with ExitStack() as watched, running as exporter, apply_configuration(settings, clock, exporter):
            announce(f"A sample cluster is being watched. Open {entrance.address} (metrics: {entrance.address}metrics)")
            announce("It is polled, imports images, and loses its default StorageClasses from time to time.")
            announce("Ctrl-C ends it.")
            watched.enter_context(cluster)
            stop.wait()
        living.join()
    return 0
