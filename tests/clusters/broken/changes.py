"""What the broken samples share: how they are declared, and states in which controllers leave things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tests.clusters.controllers import settle
from tests.clusters.importing import data_source, marks
from tests.clusters.sample import CDI_API, CRON, IMPORT, RBAC_API, Sample, digest
from tests.worlds import Manifest, ago, condition, manifest

Break = Callable[[Sample], None]
BROKEN: Final[dict[str, tuple[str, Break]]] = {}
"""By name: the shape of the healthy cluster, and what breaks it."""


def broken(shape: str = "4.22") -> Callable[[Break], Break]:
    """Declare a sample: the function breaks a healthy cluster of this shape."""

    def declare(function: Break) -> Break:
        BROKEN[function.__name__.replace("_", "-")] = (shape, function)
        return function

    return declare


def mark_edited(obj: Manifest, **span: float) -> None:
    """Somebody changed its spec this long ago: a new generation."""
    fields = {"fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}}
    entry = {"manager": "kubectl-edit", "operation": "Update", "apiVersion": obj["apiVersion"], "time": ago(**span)}
    obj["metadata"]["managedFields"] = [{**entry, **fields}]
    obj["metadata"]["generation"] += 1


def ask(sample: Sample, *entries: Manifest) -> None:
    """The administrator adds entries, and the controllers take them up as far as they can."""
    sample.entries.extend(entries)
    mark_edited(sample.hco, hours=5)
    settle(sample)


def refuse_cron(sample: Sample, cron: str, why: str) -> None:
    """CDI refuses a cron: SSP says so, and HCO repeats it."""
    said = (
        f"Error: failed to reconcile *v1beta1.DataImportCron object {sample.shape.images}/{cron}: "
        f'failed creating object: admission webhook "dataimportcron-validate.cdi.kubevirt.io" denied the request: {why}'
    )
    fails(sample, said)


def fails(sample: Sample, said: str) -> None:
    """SSP cannot reconcile."""
    ssp = sample.ssp
    ssp["status"]["observedGeneration"] = ssp["metadata"]["generation"]
    ssp["status"]["conditions"] = [
        condition(t, "False" if t == "Available" else "True", t, said, hours=4)
        for t in ("Available", "Progressing", "Degraded")
    ]
    told = [c for c in sample.hco["status"]["conditions"] if c["type"] not in ("Available", "Degraded")]
    sample.hco["status"]["conditions"] = [
        *told,
        condition("Available", "False", "SSPNotAvailable", f"SSP is not available: {said}", hours=4),
        condition("Degraded", "True", "SSPDegraded", f"SSP is degraded: {said}", hours=4),
    ]


def without_images(sample: Sample, cron: Manifest) -> None:
    """All that it imported is gone, with the contents of its snapshots."""
    meta = cron["metadata"]
    for each in list(sample.images(meta["name"], meta["namespace"])):
        if each["kind"] == "VolumeSnapshot":
            sample.drop("VolumeSnapshotContent", each["status"]["boundVolumeSnapshotContentName"])
    sample.drop_all(list(sample.images(meta["name"], meta["namespace"])))


def unwritten(sample: Sample, cron: Manifest, **age: float) -> None:
    """CDI has never written anything to it."""
    without_images(sample, cron)
    cron["status"] = {}
    notes = cron["metadata"]["annotations"]
    cron["metadata"]["annotations"] = {k: v for k, v in notes.items() if not k.startswith(IMPORT)}
    cron["metadata"]["creationTimestamp"] = ago(**age)
    sample.drop_all(sample.all("CronJob", **{CRON: cron["metadata"]["name"]}))
    leave_unfilled(sample, cron, **age)


def leave_unfilled(sample: Sample, cron: Manifest, **age: float) -> None:
    """Its DataSource has no image: one that SSP made names itself, one that CDI made is empty."""
    name, space = cron["spec"]["managedDataSource"], cron["metadata"]["namespace"]
    if not sample.has("DataSource", name, space):
        sample.put(data_source(sample, name, {}, namespace=space))
    source = sample.get("DataSource", name, space)
    by_ssp = "operator-sdk/primary-resource" in source["metadata"].get("annotations", {})
    reason, message = ("NotFound", "PVC not found") if by_ssp else ("NoSource", "No source PVC set")
    source["spec"]["source"] = {"pvc": {"name": name, "namespace": space}} if by_ssp else {}
    source["status"] = {"conditions": [condition("Ready", "False", reason, message, **age)]}
    source["metadata"]["labels"] = marks(cron)


def no_digest(sample: Sample, cron: Manifest, **age: float) -> None:
    """It was never polled with success."""
    unwritten(sample, cron, **age)
    cron["status"]["conditions"] = [
        condition("Progressing", "False", "NoImport", "No current import", **age),
        condition("UpToDate", "False", "NoDigest", "No source digest", **age),
    ]


def frozen(cron: Manifest, **age: float) -> None:
    """Nothing was polled for this long; all else says what was true then."""
    cron["status"]["lastExecutionTimestamp"] = ago(**age)
    notes = cron["metadata"]["annotations"]
    notes[IMPORT + "lastCronTime"] = ago(**age)
    if IMPORT + "nextCronTime" in notes:
        notes[IMPORT + "nextCronTime"] = ago(**age)


def stuck(
    sample: Sample,
    cron: Manifest,
    phase: str,
    *,
    bound: tuple[str, str] = ("Pending", "PVC Pending"),
    running: tuple[str, str] = ("", ""),
    restarts: int = 0,
    seed: str = "/newer",
    **age: float,
) -> str:
    """A newer image is known, and its import does not get beyond this phase. Returns the DataVolume's name."""
    meta, managed = cron["metadata"], cron["spec"]["managedDataSource"]
    what = digest(managed + seed)
    name = f"{managed}-{what[7:19]}"
    meta["annotations"][IMPORT + "sourceDesiredDigest"] = what
    cron["status"]["currentImports"] = [{"DataVolumeName": name, "Digest": what}]
    cron["status"]["conditions"] = [
        condition("Progressing", "False", phase, f"Import DataVolume phase {phase}", **age),
        condition("UpToDate", "False", "ImportProgressing", "Import is progressing", **age),
    ]
    told = {"labels": marks(cron), "creationTimestamp": ago(**age)}
    pairs = (("Bound", bound), ("Running", running))
    said = [condition(type_, "False", reason, message, **age) for type_, (reason, message) in pairs]
    status = {"phase": phase, "restartCount": restarts, "conditions": said}
    notes = {"cdi.kubevirt.io/storage.bind.immediate.requested": "true"}
    sample.put(
        manifest(
            CDI_API,
            "DataVolume",
            name,
            meta["namespace"],
            metadata={**told, "annotations": notes},
            spec=cron["spec"]["template"]["spec"],
            status={k: v for k, v in status.items() if v},
        )
    )
    return name


def not_ready(source: Manifest, reason: str, message: str, **age: float) -> None:
    """What CDI says of a DataSource that cannot be used."""
    source["status"] = {"conditions": [condition("Ready", "False", reason, message, **age)]}


def waiting(sample: Sample, name: str, source: str, *, said: str = "", **ref: str) -> Iterator[Manifest]:
    """A machine without a disk: KubeVirt says why it cannot make one, or its DataVolume waits for its source."""
    target = {"kind": "DataSource", "name": source, "namespace": sample.shape.images, **ref}
    volume = {"metadata": {"name": f"{name}-root"}, "spec": {"sourceRef": {k: v for k, v in target.items() if v}}}
    words = f"Error encountered while creating DataVolumes: {said}"
    conditions = [condition("Failure", "True", "FailedCreate", words, hours=4)] if said else []
    yield manifest(
        "kubevirt.io/v1",
        "VirtualMachine",
        name,
        "shop",
        metadata={"creationTimestamp": ago(hours=4)},
        spec={"dataVolumeTemplates": [volume]},
        status={"printableStatus": "Stopped" if said else "Provisioning", "conditions": conditions},
    )
    if not said:
        bound = condition("Bound", "False", "CloneWithoutSource", "The source doesn't exist", hours=4)
        meta = {"creationTimestamp": ago(hours=4)}
        yield manifest(
            CDI_API, "DataVolume", f"{name}-root", "shop", metadata=meta, spec={}, status={"conditions": [bound]}
        )


def warning(kind: str, name: str, namespace: str, reason: str, message: str) -> Manifest:
    """An event about an object."""
    about = {"kind": kind, "name": name, "namespace": namespace}
    body = {"involvedObject": about, "reason": reason, "message": message, "type": "Warning"}
    meta = {"creationTimestamp": ago(hours=3)}
    return manifest("v1", "Event", f"{name}.{reason.lower()}", namespace, metadata=meta, **body)


def waiting_poller(sample: Sample, cron: Manifest, reason: str, message: str = "") -> str:
    """Its poller was started and its pod has not: the name of that pod."""
    (job,) = sample.all("CronJob", **{CRON: cron["metadata"]["name"]})
    name, space = f"initial-job-{job['metadata']['name']}", job["metadata"]["namespace"]
    job["status"] = {"lastScheduleTime": ago(hours=2)}
    owner = {"kind": "Job", "name": name, "apiVersion": "batch/v1", "uid": "1"}
    meta = {"labels": {"job-name": name}, "ownerReferences": [owner], "creationTimestamp": ago(hours=2)}
    box = {"name": "cdi-source-update-poller", "image": "quay.io/kubevirt/cdi-importer"}
    told = {"waiting": {"reason": reason, "message": message}}
    waits = {"name": box["name"], "image": "", "imageID": "", "ready": False, "restartCount": 0, "state": told}
    status = {"phase": "Pending", "containerStatuses": [waits]}
    pod = f"{name}-x7k2p"
    sample.put(manifest("v1", "Pod", pod, space, metadata=meta, spec={"containers": [box]}, status=status))
    return pod


def bind(name: str, namespace: str, role: str, *teams: str) -> Manifest:
    """A RoleBinding of the default service accounts of these namespaces to a ClusterRole."""
    subjects = [{"kind": "ServiceAccount", "name": "default", "namespace": team} for team in teams]
    body = {"roleRef": {"kind": "ClusterRole", "name": role}, "subjects": subjects}
    return manifest(RBAC_API, "RoleBinding", name, namespace, **body)


def missing(source: str) -> str:
    """KubeVirt's words about a DataSource that does not exist."""
    return f'unable to create DataVolume manifest: datasources.cdi.kubevirt.io "{source}" not found'
