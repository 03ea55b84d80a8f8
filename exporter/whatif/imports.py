"""The second half of CDI's round: imports are done, DataSources follow, and other DataSources are settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import (
    CRON_JOBS,
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    DATA_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    VOLUME_SNAPSHOTS,
)
from exporter.joins.crons import Polling, polling
from exporter.joins.data_sources import targets
from exporter.joins.platform import platform_of
from exporter.kube.contract import Key
from exporter.model.cdi import (
    CRON_LABEL,
    CRON_NAMESPACE_LABEL,
    DESIRED_DIGEST,
    LAST_CRON_TIME,
    NEXT_CRON_TIME,
    STORAGE_CLASS,
    DataImportCron,
    DataSource,
    DataSourceSource,
    ImportStatus,
    Pointer,
)
from exporter.model.core import CronJob, CronJobSpec, CronJobStatus
from exporter.model.data_volumes import DetailedVolume
from exporter.model.wire import ABSENT, Condition, Metadata, copy_with, find_condition
from exporter.schedule.grammar import parse_schedule
from exporter.schedule.schedule import Schedule
from exporter.whatif.cdi import Work, is_new
from exporter.whatif.collection import collect_old_images
from exporter.whatif.document import Action, Actor, FieldValue, Step
from exporter.whatif.draft import Draft, changed_fields
from exporter.whatif.images import cron_labels, newest_name, origin_of, size_of, store_image, with_annotation
from exporter.whatif.obstacles import minor_of
from exporter.whatif.rules import Rule
from exporter.whatif.sources import settle_source, target_name

_TARGETS: Final[tuple[Resource[Any], ...]] = (PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS, DATA_SOURCES, DATA_VOLUMES)
_NAMELESS: Final = "0" * 12
"""Stands for a digest that is not known, in the name of an image that no step names."""
_UNDONE: Final = "whether {} serves the image, and whether there is room for it"


def finish_round(draft: Draft, works: Iterable[Work]) -> None:
    """Finish what CDI has begun, and let DataSources follow."""
    pending = {work.key: work for work in works}
    for key, work in pending.items():
        cron = draft.get(DATA_IMPORT_CRONS, key)
        if cron is not None:
            _finish(draft, work, cron)
    for key, cron in sorted(draft.rows(DATA_IMPORT_CRONS).items()):
        _follow(draft, key, cron, pending.get(key))
    settle_sources(draft)


def settle_sources(draft: Draft) -> None:
    """CDI writes the condition of each DataSource whose target has come or gone."""
    for key, row in sorted(draft.rows(DATA_SOURCES).items()):
        if _target_changed(draft, row):
            draft.put(DATA_SOURCES, key, settle_source(draft, row, row.spec.source))


def _target_changed(draft: Draft, row: DataSource) -> bool:
    for ref in targets(row):
        for resource in _TARGETS:
            key = Key(ref.namespace, ref.name)
            same_kind = resource.kind == ref.kind or resource is DATA_VOLUMES
            if same_kind and draft.get(resource, key) is not draft.cluster[resource].rows.get(key):
                return True
    return False


def _finish(draft: Draft, work: Work, cron: DataImportCron) -> None:
    image = Key(work.key.namespace, work.image or f"{cron.spec.managed_data_source}-{_NAMELESS}")
    if work.waits_for:
        _log(draft, work, cron, _waiting(draft, image, work, cron))
        return
    done = _done(draft, image, work, cron)
    step = _log(draft, work, cron, done)
    if work.action is not Action.ADOPT:
        store_image(draft, image, cron, work.form, work.storage_class)
    if work.action is not Action.ADOPT and work.image:
        _log_image(draft, image, work, step.depends_on)
    if work.action is Action.IMPORT:
        collect_old_images(draft, image, cron, step.depends_on)
    _poller(draft, done)


def _log_image(draft: Draft, image: Key, work: Work, depends: str) -> None:
    resource: Resource[Any] = VOLUME_SNAPSHOTS if work.form == "snapshot" else PERSISTENT_VOLUME_CLAIMS
    ref = resource.ref(*image)
    fields = [] if work.form == "snapshot" else [_field("spec.storageClassName", "", work.storage_class)]
    draft.log(Actor.CDI, Action.CREATE, ref, f"CDI creates {ref}", work.rule, depends=depends, fields=fields)


def _field(path: str, before: str, after: str) -> FieldValue:
    return FieldValue(path=path, before=before, after=after)


def _log(draft: Draft, work: Work, old: DataImportCron, new: DataImportCron) -> Step:
    ref, origin = DATA_IMPORT_CRONS.ref(*work.key), origin_of(old)
    fields = list(changed_fields(_describe(old), _describe(new)))
    if not work.image:
        fields = [f for f in fields if _NAMELESS not in f.after]
    draft.put(DATA_IMPORT_CRONS, work.key, new)
    if work.action is Action.ADOPT:
        summary = f"CDI uses the image {work.image} that {work.key.name} finds, without a download"
        return draft.log(Actor.CDI, work.action, ref, summary, work.rule, depends=work.depends, fields=fields)
    if work.action is Action.CONVERT:
        summary = f"CDI takes a VolumeSnapshot of the image {work.image}, without a download"
        return draft.log(Actor.CDI, work.action, ref, summary, work.rule, depends=work.depends, fields=fields)
    where = f" on StorageClass {work.storage_class}" if work.storage_class else ""
    summary = f"CDI imports the image of {work.key.name} from {origin or 'its source'}{where} as {_form(work.form)}"
    more: dict[str, Any] = {"size_bytes": size_of(old), "registry": origin}
    if work.waits_for:
        summary = f"CDI starts to import the image of {work.key.name} and waits: {work.waits_for}"
        return draft.log(Actor.CDI, work.action, ref, summary, work.rule, fields=fields, loss=True, **more)
    depends = "; ".join(filter(None, (work.depends, _UNDONE.format(origin or "the source"))))
    return draft.log(Actor.CDI, work.action, ref, summary, work.rule, depends=depends, fields=fields, **more)


def _form(form: str) -> str:
    return "a VolumeSnapshot" if form == "snapshot" else "a PersistentVolumeClaim"


def _describe(cron: DataImportCron) -> dict[str, str]:
    """The fields of a DataImportCron that the model claims."""
    status, last = cron.status, cron.status.last_imported_p_v_c
    said = {c.type: c for c in status.conditions}
    found = {
        f"metadata.annotations[{STORAGE_CLASS}]": cron.metadata.annotations.get(STORAGE_CLASS, ""),
        "status.currentImports[0].DataVolumeName": cron.current_import,
        "status.lastImportedPVC.name": last.name if last else "",
        "status.sourceFormat": status.source_format,
    }
    for name in ("UpToDate", "Progressing"):
        condition = said.get(name)
        found[f"status.conditions[{name}].status"] = condition.status if condition else ""
        found[f"status.conditions[{name}].reason"] = condition.reason if condition else ""
    return found


def _conditions(draft: Draft, old: tuple[Condition, ...], *new: tuple[str, str, str]) -> tuple[Condition, ...]:
    return tuple(_condition(draft, old, *told) for told in new)


def _condition(draft: Draft, old: tuple[Condition, ...], name: str, status: str, reason: str) -> Condition:
    was = find_condition(old, name)
    since = was.last_transition_time if was is not ABSENT and was.status == status else draft.at
    return Condition(type=name, status=status, reason=reason, last_transition_time=since)


def _waiting(draft: Draft, image: Key, work: Work, cron: DataImportCron) -> DataImportCron:
    """The DataVolume is there, and no PersistentVolumeClaim can be made for it."""
    said = Condition(type="Bound", status="False", reason="ErrClaimNotValid", message=work.waits_for)
    volume = DetailedVolume(cron=work.key.name, created=draft.at, labels=cron_labels(cron), conditions=(said,))
    draft.put(DATA_VOLUMES, image, volume)
    told = (("Progressing", "False", ""), ("UpToDate", "False", "ImportProgressing"))
    status = copy_with(cron.status, conditions=_conditions(draft, cron.status.conditions, *told))
    if not cron.status.current_imports:
        status = copy_with(status, current_imports=(ImportStatus(DataVolumeName=image.name, Digest=work.digest),))
    if is_new(cron):
        status = copy_with(status, last_execution_timestamp=draft.at)
    return copy_with(_polled(draft, cron), status=status)


def _done(draft: Draft, image: Key, work: Work, cron: DataImportCron) -> DataImportCron:
    desired = cron.metadata.annotations.get(DESIRED_DIGEST, "")
    digest = work.digest or desired or f"sha256:{_NAMELESS}"
    told = (("Progressing", "False", "NoImport"), ("UpToDate", "True", "UpToDate"))
    pointer = Pointer(namespace=image.namespace, name=image.name)
    last = cron.status.last_imported_p_v_c
    status = copy_with(
        cron.status,
        current_imports=(ImportStatus(DataVolumeName=image.name, Digest=digest),),
        last_imported_p_v_c=pointer,
        last_import_timestamp=cron.status.last_import_timestamp if last == pointer else draft.at,
        last_execution_timestamp=draft.at if is_new(cron) else cron.status.last_execution_timestamp,
        source_format=work.form,
        conditions=_conditions(draft, cron.status.conditions, *told),
    )
    if is_new(cron):
        cron = with_annotation(_polled(draft, cron), DESIRED_DIGEST, digest)
    return copy_with(with_annotation(cron, STORAGE_CLASS, work.storage_class), status=status)


def _polled(draft: Draft, cron: DataImportCron) -> DataImportCron:
    """It was polled just now, and will be by its schedule."""
    if not is_new(cron):
        return cron
    cron = with_annotation(cron, LAST_CRON_TIME, draft.at.isoformat())
    read = parse_schedule(cron.spec.schedule)
    by_controller = polling(cron, minor_of(draft)) in (Polling.NODE, Polling.IMAGE_STREAM, Polling.CLAIM)
    next_time = read.next_after(draft.at) if by_controller and isinstance(read, Schedule) else None
    return with_annotation(cron, NEXT_CRON_TIME, next_time.isoformat()) if next_time else cron


def _poller(draft: Draft, cron: DataImportCron) -> None:
    """The CronJob of a new DataImportCron that a pod polls for."""
    meta = cron.metadata
    if not meta.uid.startswith("new-") or polling(cron, minor_of(draft)) is not Polling.CRON_JOB:
        return
    name, where = f"{meta.name}-{meta.uid[:8]}", platform_of(draft.view()).cdi_namespace
    if draft.is_known(CRON_JOBS) and where:
        labels = {CRON_LABEL: meta.name, CRON_NAMESPACE_LABEL: meta.namespace}
        row = CronJob(
            metadata=Metadata(name=name, namespace=where, labels=labels, creation_timestamp=draft.at),
            spec=CronJobSpec(schedule=cron.spec.schedule),
            status=CronJobStatus(last_schedule_time=draft.at, last_successful_time=draft.at),
        )
        draft.put(CRON_JOBS, Key(where, name), row)


# -- DataSources --------------------------------------------------------------------------------------------


def _follow(draft: Draft, key: Key, cron: DataImportCron, work: Work | None) -> None:
    """The DataSource that carries the label points at the newest image that is complete."""
    last = cron.status.last_imported_p_v_c
    up_to_date = cron.condition("UpToDate")
    if work is not None and work.waits_for and draft.get(DATA_SOURCES, Key(key.namespace, _managed(cron))) is None:
        _create_source(draft, key, cron, DataSourceSource(), work)
    if last is None or up_to_date is ABSENT or not up_to_date.true:
        return
    pointer = Pointer(namespace=last.namespace or key.namespace, name=last.name)
    as_snapshot = cron.status.source_format == "snapshot"
    wanted = DataSourceSource(snapshot=pointer) if as_snapshot else DataSourceSource(pvc=pointer)
    place = Key(key.namespace, _managed(cron))
    row = draft.get(DATA_SOURCES, place)
    if row is None:
        _create_source(draft, key, cron, wanted, work)
        return
    if row.cron != key.name:
        return
    labels = {**row.metadata.labels, **cron_labels(cron)}
    row = copy_with(row, metadata=copy_with(row.metadata, labels=labels))
    new = settle_source(draft, row, wanted)
    if _described(new) != _described(row):
        _log_source(draft, place, row, new, work)
    draft.put(DATA_SOURCES, place, new)


def _managed(cron: DataImportCron) -> str:
    return cron.spec.managed_data_source


def _create_source(draft: Draft, key: Key, cron: DataImportCron, wanted: DataSourceSource, work: Work | None) -> None:
    place = Key(key.namespace, _managed(cron))
    if not draft.is_known(DATA_SOURCES) or newest_name(cron) == "":
        return
    old = draft.cluster[DATA_SOURCES].rows.get(place)
    typed = {k: v for k, v in (old.metadata.labels if old else {}).items() if k.startswith("instancetype.")}
    labels = {**typed, **cron_labels(cron)}
    meta = Metadata(name=place.name, namespace=place.namespace, creation_timestamp=draft.at, labels=labels)
    new = settle_source(draft, DataSource(metadata=meta), wanted)
    draft.put(DATA_SOURCES, place, new)
    _log_source(draft, place, None, new, work)


def _described(row: DataSource) -> dict[str, str]:
    source, ready = row.spec.source, row.ready
    kind = "snapshot" if source.snapshot else "pvc" if source.pvc else "dataSource"
    return {
        f"spec.source.{kind}.name": target_name(row),
        "status.conditions[Ready].status": "" if ready is ABSENT else ready.status,
    }


def _log_source(draft: Draft, place: Key, old: DataSource | None, new: DataSource, work: Work | None) -> None:
    ref, name = DATA_SOURCES.ref(*place), target_name(new)
    fields: Iterator[FieldValue] = iter(changed_fields(_described(old) if old else {}, _described(new)))
    known = [f for f in fields if _NAMELESS not in f.after]
    at = "nothing yet" if not name else "the new image" if _NAMELESS in name else f"image {name}"
    action = Action.CHANGE if old else Action.CREATE
    rule = Rule.SOURCE_FOLLOWS if work is not None else Rule.PUT_BACK
    summary = f"CDI {'points' if old else 'creates'} {ref}{' at ' if old else ', pointing at '}{at}"
    depends = ""
    if work is not None and work.action is Action.IMPORT and not work.waits_for:
        depends = "whether the import succeeds"
    elif work is not None:
        depends = work.depends
    draft.log(Actor.CDI, action, ref, summary, rule, depends=depends, fields=known)
