"""CDI in small: polls, imports, snapshots, and DataSources that follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exporter.checks.shared.import_failures import FailureKind, import_failure_of
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_VOLUMES
from exporter.joins.crons import Polling, polling
from exporter.joins.defaults import defaults
from exporter.model.cdi import DataImportCron
from exporter.schedule.grammar import InvalidSchedule
from exporter.schedule.schedule import Schedule
from exporter.schedule.timetable import Timetable
from tests.clusters.cloning import provision
from tests.clusters.sample import CDI_API, CRON, IMPORT, Sample, digest
from tests.worlds import Manifest, ago, cluster, condition, manifest, merge

_POLL_NOW = "2000"
_SNAPSHOT_API = "snapshot.storage.k8s.io/v1"


def ssp_annotations(sample: Sample) -> Manifest:
    """The annotations of what SSP makes."""
    return {
        "operator-sdk/primary-resource": f"{sample.shape.operators}/ssp-kubevirt-hyperconverged",
        "operator-sdk/primary-resource-type": "SSP.ssp.kubevirt.io",
    }


def import_what_is_due(sample: Sample) -> None:
    """One round over all crons: each that nothing stops and that has something to do does it."""
    for each in sample.all("StorageProfile"):
        each["status"] |= each["spec"]  # what the administrator says counts
    for cron in sample.all("DataImportCron"):
        row = _row(cron)
        if not _is_stopped(sample, cron, row):
            if _poll_is_requested(sample, cron):
                mark_polled(sample, cron)
            if _has_work(sample, cron, row):
                mark_imported(sample, cron)
            _follow(sample, cron)
    provision(sample)


def _row(cron: Manifest) -> DataImportCron:
    row = DATA_IMPORT_CRONS.codec().from_value(cron).row
    assert row is not None
    return row


def storage_class_of(sample: Sample, cron: Manifest) -> str:
    """Where CDI wants the image; "" if nowhere."""
    return cluster(*sample.all("StorageClass")).join(defaults).for_cdi(sample.shape.cdi_minor).resolve(_row(cron).spec)


def format_of(sample: Sample, cron: Manifest) -> str:
    """pvc or snapshot, by the profile of the class."""
    name = storage_class_of(sample, cron)
    profiles = [p for p in sample.all("StorageProfile") if p["metadata"]["name"] == name]
    wanted = [
        p["spec"].get("dataImportCronSourceFormat") or p["status"]["dataImportCronSourceFormat"] for p in profiles
    ]
    return wanted[0] if wanted else "pvc"


# -- what stops a cron --------------------------------------------------------------------------------------


def _is_stopped(sample: Sample, cron: Manifest, row: DataImportCron) -> bool:
    """Something that objects show keeps CDI from getting through its reconcile."""
    place = storage_class_of(sample, cron)
    profiles = [p for p in sample.all("StorageProfile") if p["metadata"]["name"] == place]
    incomplete = not profiles or not (
        profiles[0]["spec"].get("claimPropertySets") or profiles[0]["status"].get("claimPropertySets")
    )
    return (
        incomplete
        or (format_of(sample, cron) == "snapshot" and not _can_snapshot(sample, profiles[0]))
        or _has_no_schedule(row, sample.shape.cdi_minor)
        or _has_rival(sample, cron)
        or _without_source(sample, cron, row)
        or row.spec.imports_to_keep == 0
        or _is_held(sample, cron)
    )


def _has_no_schedule(row: DataImportCron, minor: int) -> bool:
    """CDI cannot parse the schedule, or Kubernetes does not take it in a CronJob."""
    read = Timetable().parse(row.spec.schedule) if row.spec.schedule else None
    by_job = polling(row, minor) is Polling.CRON_JOB
    return isinstance(read, InvalidSchedule) or (
        isinstance(read, Schedule) and by_job and read.cronjob_problem is not None
    )


def _can_snapshot(sample: Sample, profile: Manifest) -> bool:
    classes = {c["metadata"]["name"]: c["driver"] for c in sample.all("VolumeSnapshotClass")}
    named = profile["spec"].get("snapshotClass") or profile["status"].get("snapshotClass")
    return profile["status"]["provisioner"] in classes.values() and (not named or named in classes)


def _has_rival(sample: Sample, cron: Manifest) -> bool:
    meta, managed = cron["metadata"], cron["spec"]["managedDataSource"]
    if not sample.has("DataSource", managed, meta["namespace"]):
        return False
    label = sample.get("DataSource", managed, meta["namespace"])["metadata"].get("labels", {}).get(CRON)
    others = [c for c in sample.all("DataImportCron", meta["namespace"]) if c["spec"]["managedDataSource"] == managed]
    return label != meta["name"] and any(c["metadata"]["name"] == label for c in others)


def _without_source(sample: Sample, cron: Manifest, row: DataImportCron) -> bool:
    """No ImageStream, no tag with an image, or no claim to copy."""
    namespace, registry, claim = cron["metadata"]["namespace"], row.source.registry, row.source.pvc
    if claim is not None:
        space = claim.namespace or namespace
        refused = any(c.reason == "NotAuthorized" for c in row.status.conditions)
        there = sample.has("PersistentVolumeClaim", claim.name, space)
        return not there or (refused and not sample.all("RoleBinding", space))
    if registry is None or not registry.image_stream:
        return False
    name, _, tag = registry.image_stream.partition(":")
    streams = [s for s in sample.all("ImageStream", namespace) if s["metadata"]["name"] == name]
    tags = [t for s in streams for t in s["status"]["tags"] if not tag or t["tag"] == tag]
    return not any(t.get("items") and not t.get("conditions") for t in tags)


def _is_held(sample: Sample, cron: Manifest) -> bool:
    """A deletion that hangs."""
    meta = cron["metadata"]
    return any("deletionTimestamp" in o["metadata"] for o in sample.images(meta["name"], meta["namespace"]))


# -- polling and importing ----------------------------------------------------------------------------------


def _poll_is_requested(sample: Sample, cron: Manifest) -> bool:
    """Somebody has asked for a poll: by the annotation, or by a Job of the poller."""
    meta = cron["metadata"]
    asked = meta.get("annotations", {}).get(IMPORT + "nextCronTime", "").startswith(_POLL_NOW)
    return asked or sample.has("Job", f"poll-{meta['name']}"[:63], sample.shape.operators)


def mark_polled(sample: Sample, cron: Manifest) -> None:
    """The source was polled a few minutes ago, and there is nothing newer."""
    meta, at = cron["metadata"], ago(minutes=19)
    notes = meta.setdefault("annotations", {})
    by = polling(_row(cron), sample.shape.cdi_minor)
    cron.setdefault("status", {})["lastExecutionTimestamp"] = notes[IMPORT + "lastCronTime"] = at
    notes.setdefault(IMPORT + "sourceDesiredDigest", digest(cron["spec"]["managedDataSource"]))
    if by in (Polling.NODE, Polling.IMAGE_STREAM, Polling.CLAIM):
        notes[IMPORT + "nextCronTime"] = ago(minutes=-101)
    if by is Polling.CRON_JOB:
        sample.put(_poller(sample, cron, at))


def _poller(sample: Sample, cron: Manifest, at: str) -> Manifest:
    meta = cron["metadata"]
    name, labels = f"{meta['name']}-{digest(meta['name'])[7:15]}", {CRON: meta["name"], CRON + "Ns": meta["namespace"]}
    status = {"lastScheduleTime": at, "lastSuccessfulTime": at}
    box = {"name": "poller", "image": "quay.io/kubevirt/cdi-importer"}
    pod = {"spec": {"restartPolicy": "Never", "containers": [box]}}
    spec = {"schedule": cron["spec"]["schedule"], "jobTemplate": {"spec": {"template": pod}}}
    space = sample.shape.operators
    return manifest("batch/v1", "CronJob", name, space, metadata={"labels": labels}, spec=spec, status=status)


def _has_work(sample: Sample, cron: Manifest, row: DataImportCron) -> bool:
    """Nothing is imported, or not what and where it should be; an import that fails for a reason unseen stays so."""
    meta, place = cron["metadata"], storage_class_of(sample, cron)
    given = bool(meta.get("annotations", {}).get(IMPORT + "sourceDesiredDigest"))
    if not row.spec.schedule and not given:
        return False
    if not row.status.conditions or not row.status.current_imports:
        return not row.status.conditions or row.last_poll is not None or given
    form, minor = format_of(sample, cron), sample.shape.cdi_minor
    kind = "VolumeSnapshot" if form == "snapshot" else "PersistentVolumeClaim"
    images = {(o["kind"], o["metadata"]["name"]): o for o in sample.images(meta["name"], meta["namespace"])}
    volume = images.get(("DataVolume", row.current_import))
    if volume is not None and _fails_unseen(volume):
        return False
    moves = minor >= 61 and meta["annotations"].get(IMPORT + "storageClass", place) != place
    changes = minor >= 60 and row.status.source_format not in ("", form)
    adopted = ("VolumeSnapshot", row.current_import) in images and minor < 60
    return moves or changes or ((kind, row.current_import) not in images and not adopted)


def _fails_unseen(volume: Manifest) -> bool:
    """The importer fails for a reason that only its own words show."""
    row = DATA_VOLUMES.codec().from_value(volume).row
    trouble = import_failure_of(row) if row else None
    return trouble is not None and trouble.kind not in (FailureKind.CLAIM, FailureKind.LOST)


def mark_imported(sample: Sample, cron: Manifest) -> None:
    """The newest image is there, on its class and in its format, and the DataSource stands for it."""
    meta, managed = cron["metadata"], cron["spec"]["managedDataSource"]
    form, place, space = format_of(sample, cron), storage_class_of(sample, cron), meta["namespace"]
    mark_polled(sample, cron)
    meta["annotations"][IMPORT + "storageClass"] = place
    what = meta["annotations"][IMPORT + "sourceDesiredDigest"]
    name = f"{managed}-{what.partition(':')[2][:12]}"
    sample.drop_all([o for o in sample.images(meta["name"], space) if o["metadata"]["name"] == name])
    sample.put(*image(sample, cron, name, form, place))
    _collect(sample, cron, name)
    cron["status"] |= {
        "sourceFormat": form,
        "currentImports": [{"DataVolumeName": name, "Digest": what}],
        "lastImportedPVC": {"name": name, "namespace": space},
        "lastImportTimestamp": ago(days=9),
        "conditions": [
            condition("Progressing", "False", "NoImport", "No current import", days=9),
            condition("UpToDate", "True", "UpToDate", "Latest import is up to date", days=9),
        ],
    }
    if not sample.has("DataSource", managed, space):
        source = data_source(sample, managed, {}, namespace=space)
        source["metadata"]["labels"] = marks(cron)
        sample.put(source)


def _collect(sample: Sample, cron: Manifest, newest: str) -> None:
    """Old images go beyond the number to keep."""
    meta, keep = cron["metadata"], cron["spec"]["importsToKeep"]
    every = list(sample.images(meta["name"], meta["namespace"]))
    old = sorted({o["metadata"]["name"] for o in every} - {newest})
    gone = [o for o in every if o["metadata"]["name"] in old[: max(0, len(old) + 1 - keep)]]
    for each in gone:
        sample.drop("VolumeSnapshotContent", f"content-{each['metadata']['name']}")
    sample.drop_all(gone)


def marks(cron: Manifest) -> dict[str, str]:
    """The labels of all that a cron makes."""
    cleanup = {CRON + ".cleanup": "true"} if cron["spec"].get("retentionPolicy") == "None" else {}
    return {CRON: cron["metadata"]["name"], **cleanup}


def image(sample: Sample, cron: Manifest, name: str, form: str, place: str, **age: float) -> Iterator[Manifest]:
    """An image as a cron keeps it: a ready snapshot with its content, or a claim with its DataVolume."""
    space, at = cron["metadata"]["namespace"], ago(**(age or {"days": 9}))
    preference = {"instancetype.kubevirt.io/default-preference": "linux"}
    meta = {
        "labels": {**marks(cron), **preference},
        "annotations": {IMPORT + "lastUseTime": at},
        "creationTimestamp": at,
    }
    if form == "snapshot":
        content = f"content-{name}"
        status = {"readyToUse": True, "restoreSize": "30Gi", "boundVolumeSnapshotContentName": content}
        spec = {"source": {"persistentVolumeClaimName": name}, "volumeSnapshotClassName": "ceph-snapshots"}
        yield manifest(_SNAPSHOT_API, "VolumeSnapshot", name, space, metadata=meta, spec=spec, status=status)
        body = {
            "deletionPolicy": "Delete",
            "driver": "rbd.csi.ceph.com",
            "source": {"volumeHandle": name},
            "volumeSnapshotRef": {"kind": "VolumeSnapshot", "name": name, "namespace": space},
        }
        yield manifest(_SNAPSHOT_API, "VolumeSnapshotContent", content, spec=body)
        return
    size = {"resources": {"requests": {"storage": "30Gi"}}}
    yield claim(name, space, place, metadata=meta)
    spec = {"storage": {"storageClassName": place, **size}}
    yield manifest(CDI_API, "DataVolume", name, space, metadata=meta, spec=spec, status={"phase": "Succeeded"})


def claim(name: str, namespace: str, place: str = "ceph-rbd", **changes: Any) -> Manifest:
    """A bound claim."""
    size = {"resources": {"requests": {"storage": "30Gi"}}}
    spec = {"accessModes": ["ReadWriteMany"], "storageClassName": place, "volumeName": f"pv-{name}", **size}
    base = manifest("v1", "PersistentVolumeClaim", name, namespace, spec=spec, status={"phase": "Bound"})
    return merge(base, changes)


# -- DataSources and what is cloned from them ---------------------------------------------------------------


def data_source(
    sample: Sample, name: str, source: Manifest, *, ready: bool = False, by_ssp: bool = False, namespace: str = ""
) -> Manifest:
    """A DataSource, by default of the golden image namespace, ready or with its target missing."""
    told = ("True", "Ready", "DataSource is ready to be consumed") if ready else ("False", "NotFound", "PVC not found")
    meta = {"annotations": ssp_annotations(sample)} if by_ssp else {}
    status = {"conditions": [condition("Ready", *told, hours=1)]}
    space = namespace or sample.shape.images
    return manifest(CDI_API, "DataSource", name, space, metadata=meta, spec={"source": source}, status=status)


def _follow(sample: Sample, cron: Manifest) -> None:
    """CDI points the DataSource that carries the cron's label at the newest image, and copies the image's labels."""
    space, managed = cron["metadata"]["namespace"], cron["spec"]["managedDataSource"]
    done = [
        c for c in cron.get("status", {}).get("conditions", []) if c["type"] == "UpToDate" and c["status"] == "True"
    ]
    if not done or not sample.has("DataSource", managed, space):
        return
    source = sample.get("DataSource", managed, space)
    labels = source["metadata"].setdefault("labels", {})
    if labels.get(CRON) != cron["metadata"]["name"]:
        return
    name = cron["status"]["lastImportedPVC"]["name"]
    kind = "snapshot" if cron["status"]["sourceFormat"] == "snapshot" else "pvc"
    full = {"snapshot": "VolumeSnapshot", "pvc": "PersistentVolumeClaim"}[kind]
    if sample.has(full, name, space):
        labels |= sample.get(full, name, space)["metadata"]["labels"]
        source["spec"] = {"source": {kind: {"name": name, "namespace": space}}}
        source["status"] = {
            "source": source["spec"]["source"],
            "conditions": [condition("Ready", "True", "Ready", "DataSource is ready to be consumed", hours=1)],
        }
