"""The life of the sample cluster: polls, imports, and an incident that comes and goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from threading import Event
from typing import Final

from exporter.base.clock import Clock
from exporter.demo.api import Object, ObjectStore
from exporter.demo.objects import CLASS, IMAGES, IMPORT, OPERATORS, VIRT, build_condition, digest_of, rfc3339
from exporter.demo.sources import (
    HEALTHY,
    POLL_EVERY,
    POLLED,
    data_source_object,
    import_object,
    mark_importing,
    poller_object,
    snapshot_objects,
)

TICK: Final = 5.0
"""Seconds between two looks at what is due."""
_DEFAULTS: Final = (VIRT, "storageclass.kubernetes.io/is-default-class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often things happen, and how long they take."""

    import_every: timedelta
    import_takes: timedelta
    first_incident: timedelta
    """After the start."""
    incident_every: timedelta
    incident_takes: timedelta


HURRIED: Final = Pace(
    import_every=timedelta(minutes=3),
    import_takes=timedelta(seconds=45),
    first_incident=timedelta(minutes=5),
    incident_every=timedelta(minutes=20),
    incident_takes=timedelta(minutes=6),
)
"""So that somebody who watches sees everything within minutes."""


class Life:
    """Changes the objects as CDI, the registries and an absent-minded administrator would."""

    def __init__(self, objects: ObjectStore, started: datetime, pace: Pace = HURRIED) -> None:
        self._objects = objects
        self._pace = pace
        self._next = cycle(HEALTHY)
        self._importing: tuple[str, str, datetime] | None = None
        self._import_at = started + timedelta(seconds=30)
        self._incident_at = started + pace.first_incident
        self._taken: dict[str, dict[str, str]] = {}

    def run(self, clock: Clock, stop: Event) -> None:
        """Live until `stop`."""
        while not clock.wait(stop, TICK):
            self.tick(clock.now())

    def tick(self, now: datetime) -> None:
        """Do what is due at this instant."""
        self._poll(now)
        self._import(now)
        self._have_incident(now)

    def _poll(self, now: datetime) -> None:
        """Every cron whose next poll is due has been polled at the last multiple of five minutes; fedora never is."""
        due = now.replace(minute=now.minute // POLL_EVERY * POLL_EVERY, second=0, microsecond=0)
        for name in POLLED:
            cron = self._cron(name)
            if cron["status"]["lastExecutionTimestamp"] < rfc3339(due):
                cron["status"]["lastExecutionTimestamp"] = rfc3339(due)
                marks = cron["metadata"]["annotations"]
                marks[IMPORT + "lastCronTime"] = rfc3339(due)
                marks[IMPORT + "nextCronTime"] = rfc3339(due + timedelta(minutes=POLL_EVERY))
                self._objects.put(cron)
        job = poller_object("corp-suse15", due)
        before = self._objects.get("CronJob", OPERATORS, job["metadata"]["name"])
        if before["status"] != job["status"]:
            self._objects.put(before | {"status": job["status"]})

    def _import(self, now: datetime) -> None:
        """One boot source after the other gets a newer image; nothing is imported while there is no default class."""
        if self._importing is not None:
            name, volume, began = self._importing
            if now - began >= self._pace.import_takes and not self._taken:
                self._finish(name, volume, now)
                self._importing = None
            return
        if now >= self._import_at:
            name = next(self._next)
            digest = digest_of(f"{name}/{rfc3339(now)}")
            volume = f"{name}-{digest[7:19]}"
            cron = self._cron(name)
            mark_importing(cron, volume, digest, now)
            self._objects.put(import_object(name, volume, now))
            self._objects.put(cron)
            self._importing, self._import_at = (name, volume, now), now + self._pace.import_every

    def _finish(self, name: str, volume: str, now: datetime) -> None:
        cron = self._cron(name)
        old = cron["status"]["lastImportedPVC"]["name"]
        for made in snapshot_objects(name, volume, now):
            self._objects.put(made)
        self._objects.put(data_source_object(name, volume, now))
        cron["status"] |= {
            "lastImportedPVC": {"name": volume, "namespace": IMAGES},
            "lastImportTimestamp": rfc3339(now),
            "conditions": [
                build_condition("Progressing", "False", "NoImport", "No current import", now),
                build_condition("UpToDate", "True", "UpToDate", "Latest import is up to date", now),
            ],
        }
        self._objects.put(cron)
        self._objects.delete("DataVolume", IMAGES, volume)
        self._objects.delete("VolumeSnapshot", IMAGES, old)
        self._objects.delete("VolumeSnapshotContent", "", f"snapcontent-{old}")

    def _have_incident(self, now: datetime) -> None:
        """Somebody removes every default StorageClass, and puts them back some minutes later."""
        if now < self._incident_at:
            return
        if not self._taken:
            for name in (CLASS, "ceph-rbd-fast", "gp3-csi"):
                found = self._objects.get("StorageClass", "", name)
                marks = found["metadata"]["annotations"]
                self._taken[name] = {k: marks.pop(k) for k in _DEFAULTS if k in marks}
                self._objects.put(found)
            self._incident_at = now + self._pace.incident_takes
            return
        for name, marks in self._taken.items():
            found = self._objects.get("StorageClass", "", name)
            found["metadata"]["annotations"] |= marks
            self._objects.put(found)
        self._taken = {}
        self._incident_at = now + self._pace.incident_every

    def _cron(self, name: str) -> Object:
        return self._objects.get("DataImportCron", IMAGES, f"{name}-image-cron")
