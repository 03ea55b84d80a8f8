"""Builds the document of all boot sources from a cluster and the report on it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from exporter.base.logs import redact_secrets
from exporter.boot_sources import document as doc
from exporter.boot_sources.grouping import SourceGroup, group_sources
from exporter.boot_sources.image import IMAGE_READS, image_of, is_image_missing
from exporter.boot_sources.known_view import KnownView
from exporter.boot_sources.row import RowParts, build_row
from exporter.boot_sources.updates import Updates, updates_of
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, DATA_VOLUMES, STORAGE_CLASSES
from exporter.cluster.snapshot import ClusterSnapshot, Input, Joint, tables_of
from exporter.joins.crons import Polling, cron_source_kind, crons_by_data_source, managing, pollers, polling
from exporter.joins.data_sources import data_source_kind, manager_of
from exporter.joins.defaults import defaults
from exporter.joins.entries import ENTRY_KIND, ListedEntry, listed_entries
from exporter.joins.platform import platform_of
from exporter.joins.references import (
    Link,
    Relevance,
    by_target,
    machine_consumers,
    machine_counts,
    machine_template_links,
    template_links,
)
from exporter.joins.ssp_crons import expected_crons
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron, DataSource
from exporter.model.core import CronJob
from exporter.model.wire import ABSENT, Absent, Condition
from exporter.report import Finding, Report
from exporter.schedule.timetable import Timetable

_READS: tuple[Input, ...] = (
    *IMAGE_READS,
    *(DATA_IMPORT_CRONS, DATA_SOURCES, DATA_VOLUMES),
    *(listed_entries, expected_crons, pollers, defaults, template_links, machine_template_links, machine_consumers),
)


def build_boot_sources(
    cluster: ClusterSnapshot, report: Report | None, now: datetime, timetable: Timetable, only: Key | None = None
) -> doc.BootSources:
    """Everything about every boot source as of `now`, ordered by namespace and name.

    With `only` those of this namespace and name: one, or several where DataImportCrons claim the same DataSource.
    """
    unknown = cluster.unknown(tables_of(_READS), now)
    known, platform = KnownView(cluster, frozenset(unknown)), platform_of(cluster)
    builder = _DocumentBuilder(known, platform.cdi_minor, now, timetable, _by_object(report))
    groups = sorted(
        (group for group in group_sources(known, platform.image_namespace) if only in (None, group.key)),
        key=lambda group: (group.key, group.cron.metadata.name if group.cron else ""),
    )
    return doc.BootSources(at=now, unknown=tuple(map(str, unknown)), boot_sources=tuple(map(builder.document, groups)))


def _by_object(report: Report | None) -> Mapping[Ref, list[Finding]]:
    findings: dict[Ref, list[Finding]] = {}
    for finding in report.findings if report is not None else ():
        ref = finding.object
        findings.setdefault(Ref(ref.kind, ref.namespace, ref.name), []).append(finding)
    return findings


class _DocumentBuilder:
    """Builds the document of one boot source after the other."""

    def __init__(
        self,
        known: KnownView,
        cdi_minor: int | None,
        now: datetime,
        timetable: Timetable,
        findings: Mapping[Ref, list[Finding]],
    ) -> None:
        self._known = known
        self._minor = cdi_minor
        self._now = now
        self._timetable = timetable
        self._findings = findings
        self._entry_refs: dict[str, list[Ref]] = {}
        for ref in findings:
            if ref.kind == ENTRY_KIND:
                self._entry_refs.setdefault(ref.name, []).append(ref)
        self._templates = self._links(template_links)
        self._machine_templates = self._links(machine_template_links)
        self._machines = known.join(machine_consumers)
        self._machine_counts = known.join(machine_counts)
        self._crons = known.join(crons_by_data_source) or {}
        self._jobs = known.join(pollers)
        classes = known.table(STORAGE_CLASSES)
        # A class that cannot be read may be the default.
        rules = None if classes is None or classes.rejected else known.join(defaults)
        self._defaults = None if rules is None else rules.for_cdi(cdi_minor)

    def _links(self, joint: Joint[tuple[Link, ...]]) -> Mapping[Key, tuple[Link, ...]] | None:
        links = self._known.join(joint)
        return None if links is None else by_target(links)

    def document(self, group: SourceGroup) -> doc.BootSource:
        """One boot source."""
        cron, source = group.cron, group.source
        image = image_of(source, cron, self._known) if source is not None else None
        volume = self._import(cron) if cron is not None else None
        findings, consumers = tuple(self._about(group, image, volume)), self._consumers(group.key)
        target_class = self._target_class(cron) if cron is not None else None
        parts = RowParts(
            group=group,
            image=image,
            image_missing=image is None and source is not None and is_image_missing(source, self._known),
            updates=self._updates(cron or self._cron_behind(source), findings),
            target_class=target_class,
            consumers=consumers,
            findings=findings,
        )
        return doc.BootSource(
            namespace=group.key.namespace,
            name=group.key.name,
            row=build_row(parts, self._known, self._now),
            entry=_entry_document(group.entry) if group.entry else None,
            cron=self._cron(cron, target_class) if cron else None,
            data_volume=volume,
            data_source=_source_document(source, image) if source else None,
            consumers=consumers,
            findings=tuple(finding.fingerprint for finding in findings),
        )

    def _cron(self, cron: DataImportCron, target_class: str | None) -> doc.Cron:
        outlook = self._timetable.outlook(cron.spec.schedule, self._now)
        return doc.Cron(
            name=cron.metadata.name,
            source=cron_source_kind(cron),
            source_name=_source_name(cron),
            polling=polling(cron, self._minor),
            schedule=doc.ScheduleText(
                text=cron.spec.schedule,
                state=outlook.state,
                problem=outlook.problem,
                previous=outlook.fires.previous,
                next=outlook.fires.next,
            ),
            storage_class=target_class,
            last_execution=cron.last_poll,
            last_import=cron.status.last_import_timestamp,
            up_to_date=_condition_document(cron.condition("UpToDate")),
            progressing=_condition_document(cron.condition("Progressing")),
            poller=_poller_document(self._poller(cron)),
        )

    def _target_class(self, cron: DataImportCron) -> str | None:
        return None if self._defaults is None else self._defaults.resolve(cron.spec)

    def _cron_behind(self, source: DataSource | None) -> DataImportCron | None:
        """The cron that fills the DataSource at which a pointer points."""
        pointer = source.spec.source.data_source if source is not None else None
        sources = self._known.table(DATA_SOURCES)
        if source is None or pointer is None or sources is None:
            return None
        target = sources.rows.get(Key(pointer.namespace or source.metadata.namespace, pointer.name))
        return managing(target, self._crons) if target is not None else None

    def _updates(self, cron: DataImportCron | None, findings: tuple[Finding, ...]) -> Updates | None:
        if cron is None:
            return None
        kind, outlook = polling(cron, self._minor), self._timetable.outlook(cron.spec.schedule, self._now)
        # The poller's CronJob proves that the source is polled: unless it can be read, nothing does.
        proven = self._jobs is not None or kind is not Polling.CRON_JOB
        return updates_of(cron, kind, self._poller(cron), outlook, self._now, polls_known=proven, findings=findings)

    def _poller(self, cron: DataImportCron) -> CronJob | None:
        return (self._jobs or {}).get(Key(cron.metadata.namespace, cron.metadata.name))

    def _import(self, cron: DataImportCron) -> doc.Import | None:
        volumes, name = self._known.table(DATA_VOLUMES), cron.current_import
        volume = volumes.rows.get(Key(cron.metadata.namespace, name)) if volumes is not None and name else None
        return doc.Import(name=name, phase=volume.phase) if volume is not None else None

    def _consumers(self, key: Key) -> doc.Consumers:
        machines, live = self._machines, {Relevance.NOW, Relevance.LATER}
        waiting = None if machines is None else len({m.by for m in machines.get(key, ()) if m.matter in live})
        return doc.Consumers(
            templates=_names(self._templates, key),
            virtual_machine_templates=_names(self._machine_templates, key),
            waiting_virtual_machines=waiting,
            virtual_machines=None if self._machine_counts is None else self._machine_counts.get(key, 0),
        )

    def _about(self, group: SourceGroup, image: doc.Image | None, volume: doc.Import | None) -> Iterator[Finding]:
        namespace = group.key.namespace
        refs = [DATA_SOURCES.ref(*group.key)]
        if group.cron is not None:
            refs.append(DATA_IMPORT_CRONS.ref(namespace, group.cron.metadata.name))
        if group.entry is not None:
            refs += self._entry_refs.get(group.entry.name, ())
        if image is not None:
            refs.append(Ref(image.kind, image.namespace, image.name))
        if volume is not None:
            refs.append(DATA_VOLUMES.ref(namespace, volume.name))
        for ref in refs:
            yield from self._findings.get(ref, ())


def _entry_document(item: ListedEntry) -> doc.Entry:
    return doc.Entry(name=item.name, origin=item.origin, state=item.stage)


def _source_document(source: DataSource, image: doc.Image | None) -> doc.Source:
    return doc.Source(
        name=source.metadata.name,
        kind=data_source_kind(source),
        managed_by=manager_of(source),
        ready=_condition_document(source.ready),
        image=image,
    )


def _poller_document(job: CronJob | None) -> doc.Poller | None:
    if job is None:
        return None
    return doc.Poller(
        namespace=job.metadata.namespace,
        name=job.metadata.name,
        suspended=job.spec.suspend,
        last_schedule=job.status.last_schedule_time,
        last_success=job.status.last_successful_time,
    )


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
