"""Puts each boot source into the words of the document that is served. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from exporter.base.logs import redact_secrets
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import ClusterSnapshot, Input, Joint, tables_of
from exporter.joins.crons import cron_source_kind, pollers, polling
from exporter.joins.data_sources import data_source_kind, manager_of
from exporter.joins.defaults import defaults
from exporter.joins.entries import ENTRY_KIND, ListedEntry, listed_entries
from exporter.joins.platform import platform_of
from exporter.joins.references import (
    Link,
    Relevance,
    by_target,
    machine_consumers,
    machine_template_links,
    template_links,
)
from exporter.joins.ssp_crons import expected_crons
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, DataSource, Pointer
from exporter.model.core import PersistentVolumeClaim
from exporter.model.wire import ABSENT, Absent, Condition
from exporter.report import Report
from exporter.schedule.grammar import DisabledSchedule, InvalidSchedule
from exporter.schedule.timetable import Timetable
from exporter.web.api import boot_sources as doc
from exporter.web.api.grouping import SourceGroup, group_sources
from exporter.web.api.known_view import KnownView

T = TypeVar("T")
_READS: tuple[Input, ...] = (
    *(DATA_IMPORT_CRONS, DATA_SOURCES, DATA_VOLUMES, PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS),
    *(listed_entries, expected_crons, pollers, defaults, template_links, machine_template_links, machine_consumers),
)


def build_boot_sources(
    cluster: ClusterSnapshot, report: Report | None, now: datetime, timetable: Timetable
) -> doc.BootSources:
    """Everything about every boot source as of `now`."""
    unknown = cluster.unknown(tables_of(_READS), now)
    known, platform = KnownView(cluster, frozenset(unknown)), platform_of(cluster)
    wording = _DocumentBuilder(known, platform.cdi_minor, now, timetable, _by_object(report))
    found = sorted(
        group_sources(known, platform.image_namespace),
        key=lambda each: (each.key, each.cron.metadata.name if each.cron else ""),
    )
    return doc.BootSources(at=now, unknown=tuple(map(str, unknown)), boot_sources=tuple(map(wording.document, found)))


def _by_object(report: Report | None) -> Mapping[Ref, list[str]]:
    findings: dict[Ref, list[str]] = {}
    for finding in report.findings if report is not None else ():
        ref = finding.object
        findings.setdefault(Ref(ref.kind, ref.namespace, ref.name), []).append(finding.fingerprint)
    return findings


class _DocumentBuilder:
    """Puts boot sources into words."""

    def __init__(
        self,
        known: KnownView,
        cdi_minor: int | None,
        now: datetime,
        timetable: Timetable,
        findings: Mapping[Ref, list[str]],
    ) -> None:
        self._known = known
        self._minor = cdi_minor
        self._now = now
        self._timetable = timetable
        self._findings = findings
        self._templates = self._links(template_links)
        self._machine_templates = self._links(machine_template_links)

    def _links(self, joint: Joint[tuple[Link, ...]]) -> Mapping[Key, tuple[Link, ...]] | None:
        links = self._known.join(joint)
        return None if links is None else by_target(links)

    def document(self, found: SourceGroup) -> doc.BootSource:
        """One boot source in words."""
        source = found.source
        image = self._image(source) if source is not None else None
        volume = self._import(found.cron) if found.cron is not None else None
        return doc.BootSource(
            namespace=found.key.namespace,
            name=found.key.name,
            entry=_entry_document(found.entry) if found.entry else None,
            cron=self._cron(found.cron) if found.cron else None,
            data_volume=volume,
            data_source=self._source(source, image) if source else None,
            consumers=self._consumers(found.key),
            findings=tuple(self._about(found, image, volume)),
        )

    def _cron(self, cron: DataImportCron) -> doc.Cron:
        classes = self._known.table(STORAGE_CLASSES)
        # A class that cannot be read may be the default.
        rules = None if classes is None or classes.rejected else self._known.join(defaults)
        return doc.Cron(
            name=cron.metadata.name,
            source=cron_source_kind(cron),
            source_name=_source_name(cron),
            polling=polling(cron, self._minor),
            schedule=self._schedule(cron.spec.schedule),
            storage_class=None if rules is None else rules.for_cdi(self._minor).resolve(cron.spec),
            last_execution=cron.last_poll,
            last_import=cron.status.last_import_timestamp,
            up_to_date=_condition_document(cron.condition("UpToDate")),
            progressing=_condition_document(cron.condition("Progressing")),
            poller=self._poller(cron),
        )

    def _schedule(self, text: str) -> doc.ScheduleText:
        match self._timetable.parse(text):
            case DisabledSchedule():
                return doc.ScheduleText(text=text, state="disabled", problem="", previous=None, next=None)
            case InvalidSchedule(reason=reason):
                return doc.ScheduleText(text=text, state="invalid", problem=reason, previous=None, next=None)
            case schedule:
                fires = self._timetable.around(schedule, self._now)
                state = "valid" if fires.next else "never_fires"
                return doc.ScheduleText(text=text, state=state, problem="", previous=fires.previous, next=fires.next)

    def _poller(self, cron: DataImportCron) -> doc.Poller | None:
        jobs = self._known.join(pollers) or {}
        job = jobs.get(Key(cron.metadata.namespace, cron.metadata.name))
        if job is None:
            return None
        return doc.Poller(
            namespace=job.metadata.namespace,
            name=job.metadata.name,
            suspended=job.spec.suspend,
            last_schedule=job.status.last_schedule_time,
            last_success=job.status.last_successful_time,
        )

    def _import(self, cron: DataImportCron) -> doc.Import | None:
        volumes, name = self._known.table(DATA_VOLUMES), cron.current_import
        volume = volumes.rows.get(Key(cron.metadata.namespace, name)) if volumes is not None and name else None
        return doc.Import(name=name, phase=volume.phase) if volume is not None else None

    def _source(self, source: DataSource, image: doc.Image | None) -> doc.Source:
        return doc.Source(
            name=source.metadata.name,
            kind=data_source_kind(source),
            managed_by=manager_of(source),
            ready=_condition_document(source.ready),
            image=image,
        )

    def _image(self, source: DataSource) -> doc.Image | None:
        # A pointer stands for what the DataSource it points at stands for; CDI writes that into the status.
        for stands_for in (source.spec.source, source.status.source):
            if stands_for is not None and (stands_for.pvc or stands_for.snapshot):
                claim = self._found_at(source, stands_for.pvc, PERSISTENT_VOLUME_CLAIMS, _limit_items)
                return claim or self._found_at(source, stands_for.snapshot, VOLUME_SNAPSHOTS, lambda row: row.ready)
        return None

    def _found_at(
        self, source: DataSource, pointer: Pointer | None, resource: Resource[T], ready: Callable[[T], bool]
    ) -> doc.Image | None:
        table = self._known.table(resource)
        if pointer is None or table is None:
            return None
        key = Key(pointer.namespace or source.metadata.namespace, pointer.name)
        row = table.rows.get(key)
        return doc.Image(kind=resource.kind, namespace=key[0], name=key[1], ready=ready(row)) if row else None

    def _consumers(self, key: Key) -> doc.Consumers:
        machines = self._known.join(machine_consumers)
        live = {Relevance.NOW, Relevance.LATER}
        waiting = None if machines is None else len({m.by for m in machines.get(key, ()) if m.matter in live})
        return doc.Consumers(
            templates=_names(self._templates, key),
            virtual_machine_templates=_names(self._machine_templates, key),
            waiting_virtual_machines=waiting,
        )

    def _about(self, found: SourceGroup, image: doc.Image | None, volume: doc.Import | None) -> Iterator[str]:
        namespace = found.key.namespace
        refs = [DATA_SOURCES.ref(*found.key)]
        if found.cron is not None:
            refs.append(DATA_IMPORT_CRONS.ref(namespace, found.cron.metadata.name))
        if found.entry is not None:
            refs += (ref for ref in self._findings if ref[::2] == (ENTRY_KIND, found.entry.name))
        if image is not None:
            refs.append(Ref(image.kind, image.namespace, image.name))
        if volume is not None:
            refs.append(DATA_VOLUMES.ref(namespace, volume.name))
        for ref in refs:
            yield from self._findings.get(ref, ())


def _entry_document(item: ListedEntry) -> doc.Entry:
    return doc.Entry(name=item.name, origin=item.origin, state=item.stage)


def _limit_items(claim: PersistentVolumeClaim) -> bool:
    return claim.status.phase == "Bound"


def _condition_document(condition: Condition | Absent) -> doc.Told | None:
    if condition is ABSENT:
        return None
    return doc.Told(
        status=condition.true if condition.true or condition.false else None,
        reason=condition.reason,
        message=condition.message,
        since=condition.last_transition_time,
    )


def _source_name(cron: DataImportCron) -> str:
    registry, claim = cron.source.registry, cron.source.pvc
    if registry is not None:
        return registry.image_stream or redact_secrets(registry.url)
    return str(Key(claim.namespace or cron.metadata.namespace, claim.name)) if claim is not None else ""


def _names(links: Mapping[Key, tuple[Link, ...]] | None, key: Key) -> tuple[str, ...] | None:
    if links is None:
        return None
    return tuple(sorted({str(Key(link.by.namespace, link.by.name)) for link in links.get(key, ())}))
