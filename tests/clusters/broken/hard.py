"""Clusters that are hard to judge: what people really have, beside what is broken."""

from __future__ import annotations

from copy import deepcopy

from tests.clusters.broken.changes import ask, bind, broken, mark_edited, missing, stuck, waiting
from tests.clusters.controllers import settle
from tests.clusters.entries import corp
from tests.clusters.healthy import machine
from tests.clusters.importing import claim
from tests.clusters.sample import Sample
from tests.worlds import Manifest, a_machine, a_template, condition, manifest, merge

_SSP_MARKS = ("operator-sdk/primary-resource", "operator-sdk/primary-resource-type")


def _quota(name: str, namespace: str, hard: Manifest, used: Manifest) -> Manifest:
    return manifest("v1", "ResourceQuota", name, namespace, spec={"hard": hard}, status={"hard": hard, "used": used})


@broken("kubernetes")
def hard_cdi_alone(s: Sample) -> None:
    """CDI without HCO, in a namespace of its own name, where a quota leaves no pod for the pollers."""
    s.objects = [o for o in s.objects if o["kind"] not in ("HyperConverged", "SSP")]
    crons = {c["metadata"]["name"]: c for c in s.all("DataImportCron")}
    for each in s.objects:
        for mark in _SSP_MARKS:
            each["metadata"].get("annotations", {}).pop(mark, None)
    for job in s.all("CronJob"):
        job["metadata"]["namespace"] = "storage-system"
        cron, _, uid = job["metadata"]["name"].rpartition("-")
        crons[cron]["metadata"]["uid"] = f"{uid}-4f8a"
    s.put(_quota("few", "storage-system", {"pods": "10"}, {"pods": "10"}))


@broken()
def hard_numbers(s: Sample) -> None:
    """Quantities are numbers wherever the API allows it; a quota that is a number leaves no room for CPU."""
    size = 30 * 2**30
    for each in s.all("PersistentVolumeClaim"):
        each["spec"] = merge(each["spec"], {"resources": {"requests": {"storage": size}}})
    for each in s.all("VolumeSnapshot"):
        each["status"]["restoreSize"] = size
    storage = {"template": {"spec": {"storage": {"resources": {"requests": {"storage": size}}}}}}
    ask(s, corp(s.shape, "corp-alma9", spec=storage))
    s.put(_quota("cpu", s.shape.images, {"limits.cpu": 2, "pods": 50}, {"limits.cpu": 1.5, "pods": 3}))


@broken()
def hard_second_hyperconverged(s: Sample) -> None:
    """A chart has put a second HyperConverged into the namespace of a team, with the gate closed: nobody acts on it."""
    second = deepcopy(s.hco)
    second["metadata"]["namespace"] = "team-a"
    second["status"] = {}
    second["spec"]["workloadSources"]["enableCommonBootImageImport"] = False
    s.objects.insert(0, second)


@broken()
def hard_snapshot_by_hand(s: Sample) -> None:
    """An administrator gave win11 a snapshot, and a machine was made from it; SSP will take the snapshot away."""
    source = s.get("DataSource", "win11")
    source["spec"]["source"] = {"snapshot": {"name": "win11-gold", "namespace": s.shape.images}}
    source["status"] = {"conditions": [condition("Ready", "True", "Ready", "DataSource is ready", minutes=3)]}
    api, status = "snapshot.storage.k8s.io/v1", {"readyToUse": True, "boundVolumeSnapshotContentName": "gold"}
    s.put(manifest(api, "VolumeSnapshot", "win11-gold", s.shape.images, status=status))
    s.put(manifest(api, "VolumeSnapshotContent", "gold"), *machine("desk-1", "win11", s.shape.images))


@broken("4.18")
def hard_disabled_nowhere(s: Sample) -> None:
    """Two entries that are off stand for nothing: one is misspelt, and its boot source is still imported."""
    off = {"dataimportcrontemplate.kubevirt.io/enable": "false"}
    s.entries.append({"metadata": {"name": "fedora-image-crom", "annotations": off}})
    s.entries.append({"metadata": {"name": "centos-7-image-cron", "annotations": off}})
    mark_edited(s.hco, days=3)
    settle(s)


@broken("4.22-volumes")
def hard_quota_by_class(s: Sample) -> None:
    """Only the class of the images has no room left; the quota as a whole has plenty. One import has failed of it."""
    by_class, name = "ceph-rbd.storageclass.storage.k8s.io/requests.storage", "per-class"
    s.put(
        _quota(
            name,
            s.shape.images,
            {by_class: "100Gi", "requests.storage": "10Ti"},
            {by_class: "90Gi", "requests.storage": "90Gi"},
        )
    )
    said = (
        f'persistentvolumeclaims "fedora" is forbidden: exceeded quota: {name}, requested: {by_class}=30Gi, '
        f"used: {by_class}=90Gi, limited: {by_class}=100Gi"
    )
    stuck(s, s.get("DataImportCron", "fedora-image-cron"), "", bound=("ErrExceededQuota", said), hours=3)


@broken()
def hard_account_of_a_cron(s: Sample) -> None:
    """A DataImportCron copies a claim of a team by a service account of its own, whose role the upgrade has emptied."""
    s.get("CDI", "cdi-kubevirt-hyperconverged")["status"]["observedVersion"] = "v1.66.0"
    source = {"registry": None, "pvc": {"name": "gold", "namespace": "team-a"}}
    spec = {"serviceAccountName": "cloner", "template": {"spec": {"source": source}}}
    s.put(claim("gold", "team-a"))
    ask(s, corp(s.shape, "corp-alma9", spec=spec))
    cron = s.get("DataImportCron", "corp-alma9-image-cron")
    cron["status"]["conditions"] = [
        condition("Progressing", "False", "NotAuthorized", "Not authorized to create DataVolume", hours=5),
        condition("UpToDate", "False", "Outdated", "Source digest updated since last import", hours=5),
    ]
    binding = bind("clone", "team-a", "cdi.kubevirt.io:view", s.shape.images)
    binding["subjects"][0]["name"] = "cloner"
    s.put(binding)


@broken()
def hard_many_machines(s: Sample) -> None:
    """A template and thirty machines name a DataSource that does not exist."""
    own = {"namespace": "team-a", "labels": {"template.kubevirt.io/type": "vm"}}
    s.put(a_template("rhel7-corp", source="rhel7-corp", metadata=own))
    for number in range(30):
        s.put(*waiting(s, f"desk-{number:02}", "rhel7-corp", said=missing("rhel7-corp")))


@broken("4.18")
def hard_gate_off_with_leftovers(s: Sample) -> None:
    """The gate is closed, images are left, and machines wait for what they were imported for."""
    s.hco["spec"]["featureGates"]["enableCommonBootImageImport"] = False
    mark_edited(s.hco, days=3)
    settle(s)
    for number in range(5):
        s.put(*waiting(s, f"desk-{number}", "fedora"))


@broken()
def hard_operator_down(s: Sample) -> None:
    """HCO's operator hangs, and three new boot sources get nowhere."""
    s.down.add("hco-operator")
    s.entries.extend(corp(s.shape, f"corp-alma{version}") for version in (7, 8, 9))
    mark_edited(s.hco, hours=5)


@broken()
def hard_first_start(s: Sample) -> None:
    """Stopped machines whose volumes are made at the first start: of nothing, of a placeholder, of a good image."""
    note = {"annotations": {"kubevirt.io/immediate-data-volume-creation": "false"}}
    for name, source in (("desk-1", "nowhere"), ("desk-2", "win11"), ("desk-3", "fedora")):
        status = {"printableStatus": "Stopped"}
        s.put(a_machine(name, source=source, namespace=s.shape.images, metadata=note, status=status))
