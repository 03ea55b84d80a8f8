"""Small worlds: manifests with every field optional, decoded at the edge like any other, and judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from exporter.base.clock import Clock
from exporter.checks.check import Check
from exporter.checks.engine import Evaluation, Memory, evaluate
from exporter.checks.policy import DEFAULT, Policy
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot, Given
from exporter.cluster.store import Store
from exporter.joins.dependents import Dependents
from exporter.joins.platform import platform_of
from exporter.kube.contract import NOT_IN_DUMP, State
from exporter.report import Finding
from exporter.schedule.timetable import Timetable

NOW: Final = datetime(2026, 8, 21, 12, 0, tzinfo=UTC)
IMAGES: Final = "openshift-virtualization-os-images"
OPERATORS: Final = "openshift-cnv"
SSP_OWNED: Final = {
    "operator-sdk/primary-resource": f"{OPERATORS}/ssp-kubevirt-hyperconverged",
    "operator-sdk/primary-resource-type": "SSP.ssp.kubevirt.io",
}
Manifest = dict[str, Any]
_BY_KIND: Final = {r.kind: r for r in WATCHED}


def ago(**span: float) -> str:
    """RFC 3339, this long before NOW."""
    return (NOW - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


class WorldClock:
    """A clock that stands at NOW, or at another instant."""

    def __init__(self, at: datetime = NOW) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return 0.0

    def wait(self, stop: Any, seconds: float) -> bool:
        raise AssertionError("nothing waits in a world")


_CLOCK: Clock = WorldClock()


_codec_of = cache(Resource.codec)
"""Making one costs as much as decoding 100 objects."""


def cluster(
    *manifests: Manifest,
    states: Mapping[Resource[Any], State] | None = None,
    supplied: Mapping[Given[Any], Any] | None = None,
) -> ClusterSnapshot:
    """A cluster that holds just these objects; every resource is known unless `states` says otherwise."""
    store = Store(WATCHED, _CLOCK)
    for given, value in (supplied or {}).items():
        store.supply(given, value)
    for resource in WATCHED:
        store.sink(resource).state((states or {}).get(resource, State.LIVE), "as the test says")
    for manifest in manifests:
        resource = _BY_KIND[manifest["kind"]]
        if resource not in (states or {}):
            store.sink(resource).apply(_codec_of(resource).from_value(manifest))
    return store.freeze()


def dumped(*manifests: Manifest) -> ClusterSnapshot:
    """The same as a dump that is said to hold everything: whether the cluster serves what it lacks is open."""
    held = {manifest["kind"] for manifest in manifests}
    store = Store(WATCHED, _CLOCK)
    for resource in WATCHED:
        store.sink(resource).state(State.LIVE, "" if resource.kind in held else NOT_IN_DUMP)
    for manifest in manifests:
        resource = _BY_KIND[manifest["kind"]]
        store.sink(resource).apply(_codec_of(resource).from_value(manifest))
    return store.freeze()


def evaluate_manifests(
    checks: Check | Iterable[Check],
    *manifests: Manifest,
    now: datetime = NOW,
    memory: Memory | None = None,
    states: Mapping[Resource[Any], State] | None = None,
    policy: Policy = DEFAULT,
    supplied: Mapping[Given[Any], Any] | None = None,
) -> Evaluation:
    """What these checks say of a cluster that holds just these objects; a crash fails the test."""
    frozen = cluster(*manifests, states=states, supplied=supplied)
    result = evaluate(
        (checks,) if isinstance(checks, Check) else checks,
        frozen,
        now,
        timetable=Timetable(),
        platform=platform_of(frozen),
        dependents=Dependents(frozen),
        memory=memory,
        policy=policy,
    )
    assert not result.crashed, "\n".join(result.crashed.values())
    return result


def findings(check: Check, *manifests: Manifest, **options: Any) -> tuple[Finding, ...]:
    """The findings of one check."""
    return evaluate_manifests(check, *manifests, **options).report.findings


def status(check: Check, *manifests: Manifest, **options: Any) -> str:
    """pass, fail, unknown or blind."""
    return evaluate_manifests(check, *manifests, **options).report.checks[0].status


def merge(base: Manifest, changes: Manifest) -> Manifest:
    """`base` with `changes` laid over it, dicts merged, everything else replaced; None removes a key."""
    out = dict(base)
    for key, value in changes.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = merge(out[key], value)
        else:
            out[key] = value
    return out


def manifest(api_version: str, kind: str, name: str, namespace: str = "", **changes: Any) -> Manifest:
    """An object of any kind; 60 days old unless told otherwise."""
    meta: Manifest = {"name": name, "uid": f"uid-{name}", "resourceVersion": "1", "creationTimestamp": ago(days=60)}
    if namespace:
        meta["namespace"] = namespace
    return merge({"apiVersion": api_version, "kind": kind, "metadata": meta}, changes)


def condition(type_: str, status: str, reason: str = "", message: str = "", **span: float) -> Manifest:
    """A condition that has been so for this long (default: 3 days)."""
    at = ago(**(span or {"days": 3}))
    return {"type": type_, "status": status, "reason": reason, "message": message, "lastTransitionTime": at}


def a_storage_class(
    name: str = "fast", *, virt: str = "", default: str = "", beta: str = "", **changes: Any
) -> Manifest:
    """A StorageClass; virt, default and beta are the values of the three default annotations, if set."""
    keys = {
        "storageclass.kubevirt.io/is-default-virt-class": virt,
        "storageclass.kubernetes.io/is-default-class": default,
        "storageclass.beta.kubernetes.io/is-default-class": beta,
    }
    base = manifest(
        "storage.k8s.io/v1", "StorageClass", name, metadata={"annotations": {k: v for k, v in keys.items() if v}}
    )
    return merge(base, {"provisioner": "csi.example", "volumeBindingMode": "Immediate", **changes})


def a_storage_profile(name: str = "fast", **changes: Any) -> Manifest:
    """The complete StorageProfile of a class, format snapshot."""
    status = {
        "storageClass": name,
        "provisioner": "csi.example",
        "claimPropertySets": [{"accessModes": ["ReadWriteMany"], "volumeMode": "Block"}],
        "dataImportCronSourceFormat": "snapshot",
        "snapshotClass": "snapshots",
    }
    return merge(manifest("cdi.kubevirt.io/v1beta1", "StorageProfile", name, status=status), changes)


def a_snapshot_class(name: str = "snapshots", driver: str = "csi.example", **changes: Any) -> Manifest:
    """A VolumeSnapshotClass."""
    return merge(manifest("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", name, driver=driver), changes)


def a_cron(name: str = "fedora-image-cron", *, managed: str = "fedora", **changes: Any) -> Manifest:
    """A healthy node-pull cron of SSP's: polled 19 minutes ago, imported 9 days ago as a snapshot."""
    volume = f"{managed}-0123456789ab"
    base = manifest(
        "cdi.kubevirt.io/v1beta1",
        "DataImportCron",
        name,
        IMAGES,
        metadata={
            "annotations": {
                **SSP_OWNED,
                "cdi.kubevirt.io/storage.bind.immediate.requested": "true",
                "cdi.kubevirt.io/storage.import.lastCronTime": ago(minutes=19),
                "cdi.kubevirt.io/storage.import.nextCronTime": ago(minutes=-701),
                "cdi.kubevirt.io/storage.import.sourceDesiredDigest": "sha256:0123456789ab",
                "cdi.kubevirt.io/storage.import.storageClass": "fast",
            }
        },
        spec={
            "schedule": "41 11/12 * * *",
            "managedDataSource": managed,
            "garbageCollect": "Outdated",
            "importsToKeep": 1,
            "retentionPolicy": "None",
            "template": {
                "spec": {
                    "source": {
                        "registry": {"url": f"docker://quay.io/containerdisks/{managed}:latest", "pullMethod": "node"}
                    },
                    "storage": {"resources": {"requests": {"storage": "30Gi"}}},
                }
            },
        },
        status={
            "sourceFormat": "snapshot",
            "currentImports": [{"DataVolumeName": volume, "Digest": "sha256:0123456789ab"}],
            "lastImportedPVC": {"name": volume, "namespace": IMAGES},
            "lastExecutionTimestamp": ago(minutes=19),
            "lastImportTimestamp": ago(days=9),
            "conditions": [
                condition("Progressing", "False", "NoImport", "No current import", days=9),
                condition("UpToDate", "True", "UpToDate", "Latest import is up to date", days=9),
            ],
        },
    )
    return merge(base, changes)


def a_snapshot(name: str = "fedora-0123456789ab", *, cron: str = "fedora-image-cron", **changes: Any) -> Manifest:
    """A ready VolumeSnapshot that a cron made."""
    base = manifest(
        "snapshot.storage.k8s.io/v1",
        "VolumeSnapshot",
        name,
        IMAGES,
        metadata={"labels": {"cdi.kubevirt.io/dataImportCron": cron, "cdi.kubevirt.io/dataImportCron.cleanup": "true"}},
        spec={"source": {"persistentVolumeClaimName": name}, "volumeSnapshotClassName": "snapshots"},
        status={"readyToUse": True, "boundVolumeSnapshotContentName": f"content-{name}", "creationTime": ago(days=9)},
    )
    return merge(base, changes)


def a_data_source(
    name: str = "fedora", *, cron: str = "fedora-image-cron", ready: bool = True, **changes: Any
) -> Manifest:
    """A DataSource on the snapshot of its cron; not ready: its snapshot is not."""
    point = {"snapshot": {"name": f"{name}-0123456789ab", "namespace": IMAGES}}
    told = (
        ("True", "Ready", "DataSource is ready to be consumed")
        if ready
        else ("False", "SnapshotNotReady", "Snapshot phase is not ready")
    )
    labels = {"cdi.kubevirt.io/dataImportCron": cron, "cdi.kubevirt.io/dataImportCron.cleanup": "true"} if cron else {}
    base = manifest(
        "cdi.kubevirt.io/v1beta1",
        "DataSource",
        name,
        IMAGES,
        metadata={"labels": labels},
        spec={"source": point},
        status={**({"source": point} if ready else {}), "conditions": [condition("Ready", *told, hours=1)]},
    )
    return merge(base, changes)


def a_data_volume(
    name: str = "fedora-0123456789ab", *, cron: str = "fedora-image-cron", phase: str = "Succeeded", **changes: Any
) -> Manifest:
    """A DataVolume that a cron made."""
    base = manifest(
        "cdi.kubevirt.io/v1beta1",
        "DataVolume",
        name,
        IMAGES,
        metadata={"labels": {"cdi.kubevirt.io/dataImportCron": cron} if cron else {}},
        spec={"storage": {"storageClassName": "fast"}},
        status={"phase": phase},
    )
    return merge(base, changes)


def a_claim(name: str = "fedora-0123456789ab", *, cron: str = "fedora-image-cron", **changes: Any) -> Manifest:
    """A bound PersistentVolumeClaim that a cron made."""
    base = manifest(
        "v1",
        "PersistentVolumeClaim",
        name,
        IMAGES,
        metadata={"labels": {"cdi.kubevirt.io/dataImportCron": cron} if cron else {}},
        spec={"storageClassName": "fast", "volumeName": f"pv-{name}", "resources": {"requests": {"storage": "30Gi"}}},
        status={"phase": "Bound"},
    )
    return merge(base, changes)


def an_entry(name: str = "fedora-image-cron", *, managed: str = "fedora", **changes: Any) -> Manifest:
    """One item of a dataImportCronTemplates list, equal to the spec of `a_cron` of this name."""
    return merge(
        {"metadata": {"name": name, "annotations": {}}, "spec": a_cron(name, managed=managed)["spec"]}, changes
    )


def an_hco(
    *,
    version: str = "1.18.0",
    entries: Iterable[Manifest] = (),
    commons: Iterable[Manifest] = (),
    taken: Iterable[Manifest] | None = None,
    **changes: Any,
) -> Manifest:
    """A healthy HyperConverged (v1): the administrator's entries, and in its status these plus the common ones."""
    customs = list(entries)
    listed = [{**e, "status": {}} for e in customs] if taken is None else list(taken)
    base = manifest(
        "hco.kubevirt.io/v1",
        "HyperConverged",
        "kubevirt-hyperconverged",
        OPERATORS,
        metadata={"generation": 4},
        spec={"workloadSources": {"enableCommonBootImageImport": True, "dataImportCronTemplates": customs}},
        status={
            "observedGeneration": 4,
            "dataImportSchedule": "41 11/12 * * *",
            "systemHealthStatus": "healthy",
            "versions": [{"name": "operator", "version": version}],
            "nodeInfo": {"workloadsArchitectures": ["amd64"], "controlPlaneArchitectures": ["amd64"]},
            "dataImportCronTemplates": sorted(
                [*({**e, "status": {"commonTemplate": True}} for e in commons), *listed],
                key=lambda e: str(e["metadata"]["name"]),
            ),
            "conditions": [
                condition(
                    type_, "True" if type_ in ("ReconcileComplete", "Available", "Upgradeable") else "False", days=60
                )
                for type_ in ("ReconcileComplete", "Available", "Progressing", "Degraded", "Upgradeable")
            ],
        },
    )
    return merge(base, changes)


def an_ssp(*, entries: Iterable[Manifest] = (), **changes: Any) -> Manifest:
    """A healthy SSP with these entries."""
    base = manifest(
        "ssp.kubevirt.io/v1beta3",
        "SSP",
        "ssp-kubevirt-hyperconverged",
        OPERATORS,
        metadata={"generation": 3},
        spec={"commonTemplates": {"namespace": "openshift", "dataImportCronTemplates": list(entries)}},
        status={
            "phase": "Deployed",
            "observedGeneration": 3,
            "observedVersion": "v0.25.0",
            "conditions": [
                condition(type_, "True" if type_ == "Available" else "False", type_, days=60)
                for type_ in ("Available", "Progressing", "Degraded")
            ],
        },
    )
    return merge(base, changes)


def a_cdi(version: str = "v1.65.0", **changes: Any) -> Manifest:
    """A healthy CDI of this version."""
    conditions = [condition("Available", "True"), condition("Progressing", "False"), condition("Degraded", "False")]
    status = {"phase": "Deployed", "observedVersion": version, "conditions": conditions}
    return merge(manifest("cdi.kubevirt.io/v1beta1", "CDI", "cdi-kubevirt-hyperconverged", status=status), changes)


def a_template(
    name: str = "fedora-server-small", *, source: str = "fedora", namespace: str = IMAGES, **changes: Any
) -> Manifest:
    """A common Template that names its DataSource by parameters."""
    ref = {"kind": "DataSource", "name": "${DATA_SOURCE_NAME}", "namespace": "${DATA_SOURCE_NAMESPACE}"}
    machine = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "${NAME}"},
        "spec": {"dataVolumeTemplates": [{"metadata": {"name": "${NAME}"}, "spec": {"sourceRef": ref}}]},
    }
    base = manifest(
        "template.openshift.io/v1",
        "Template",
        name,
        "openshift",
        metadata={"labels": {"template.kubevirt.io/type": "base"}},
        objects=[machine],
        parameters=[
            {"name": "NAME", "generate": "expression", "from": "fedora-[a-z0-9]{16}"},
            {"name": "DATA_SOURCE_NAME", "value": source},
            {"name": "DATA_SOURCE_NAMESPACE", "value": namespace},
        ],
    )
    return merge(base, changes)


def a_machine(
    name: str = "web-1", *, source: str = "fedora", namespace: str = IMAGES, failure: str = "", **changes: Any
) -> Manifest:
    """A VirtualMachine of namespace shop that is cloned from a DataSource; `failure`: its DataVolume cannot be made."""
    ref = {"kind": "DataSource", "name": source, **({"namespace": namespace} if namespace else {})}
    conditions = [condition("Failure", "True", "FailedCreate", failure, hours=4)] if failure else []
    base = manifest(
        "kubevirt.io/v1",
        "VirtualMachine",
        name,
        "shop",
        spec={"dataVolumeTemplates": [{"metadata": {"name": f"{name}-root"}, "spec": {"sourceRef": ref}}]},
        status={"conditions": conditions},
    )
    return merge(base, changes)
