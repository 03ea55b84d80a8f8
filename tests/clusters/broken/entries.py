"""What HyperConverged lists is wrong, or does not arrive."""

from __future__ import annotations

from tests.clusters.broken.changes import (
    ask,
    broken,
    fails,
    mark_edited,
    missing,
    no_digest,
    refuse_cron,
    waiting,
    without_images,
)
from tests.clusters.controllers import delete_cron, settle
from tests.clusters.entries import common, corp, entry
from tests.clusters.importing import claim, data_source
from tests.clusters.sample import CRON, Sample, place
from tests.worlds import Manifest, ago, manifest, merge

ENABLE = "dataimportcrontemplate.kubevirt.io/enable"
ARCHITECTURES = "ssp.kubevirt.io/dict.architectures"


def fedora(s: Sample, **changes: object) -> Manifest:
    """The administrator's own version of the common fedora."""
    return merge(entry(s.shape, "fedora", {"url": "docker://quay.io/containerdisks/fedora:42"}), changes)


@broken("4.22-gate-off")
def common_boot_images_off(s: Sample) -> None:
    """The gate is closed on purpose, and somebody makes a machine from fedora all the same."""
    s.put(*waiting(s, "web-9", "fedora"))


@broken("4.20")
def gate_at_dead_path(s: Sample) -> None:
    """The gate was patched where documents of older versions say: nothing has changed."""
    place(s.hco["spec"], "featureGates.enableCommonBootImageImport", new=False)


@broken()
def enable_annotation_mistyped(s: Sample) -> None:
    """An entry was to be switched off by an annotation that nobody reads."""
    ask(s, corp(s.shape, "corp-alma9", metadata={"annotations": {ENABLE + "d": "false"}}))


@broken()
def entry_disabled(s: Sample) -> None:
    """fedora is switched off, and a machine is made from it."""
    ask(s, {"metadata": {"name": "fedora-image-cron", "annotations": {ENABLE: "false"}}})
    s.put(*waiting(s, "web-9", "fedora"))


@broken("4.22-gate-off")
def modified_entry_behind_closed_gate(s: Sample) -> None:
    """A source of one's own has the name of a common one, so that it obeys the gate."""
    ask(s, fedora(s))


@broken()
def duplicate_entry(s: Sample) -> None:
    """Two entries of one name have come past the webhook: HCO fails from then on."""
    s.entries.append(merge(s.entries[0], {"spec": {"schedule": "0 5 * * *", "managedDataSource": "corp-other"}}))
    mark_edited(s.hco, hours=5)


@broken()
def entry_without_source(s: Sample) -> None:
    """An entry that sets a storage class only, as an example of the documentation does: HCO stumbles over it."""
    only = {"storage": {"storageClassName": "ceph-rbd", "resources": {"requests": {"storage": "30Gi"}}}}
    bare = fedora(s)
    bare["spec"]["template"]["spec"] = only
    ask(s, bare)


@broken("4.18")
def entry_refused_by_cdi(s: Sample) -> None:
    """A URL without a scheme: CDI refuses the cron, and SSP and HCO are degraded."""
    ask(s, merge(corp(s.shape, "corp-alma9"), _url("registry.corp.example/os/alma9:latest")))
    refuse_cron(s, "corp-alma9-image-cron", "Illegal registry source URL scheme")


@broken()
def entry_will_fail(s: Sample) -> None:
    """An architecture that does not exist: CDI admits it, and no node can poll the image."""
    bad = corp(s.shape, "corp-alma9")
    bad["spec"]["template"]["spec"]["source"]["registry"]["platform"] = {"architecture": "x86_64"}
    ask(s, bad)
    no_digest(s, s.cron("corp-alma9"), hours=5)


@broken()
def entry_field_without_effect(s: Sample) -> None:
    """A policy that CDI does not know: images would stay when the DataImportCron goes."""
    ask(s, merge(corp(s.shape, "corp-alma9"), {"spec": {"retentionPolicy": "Delete"}}))


def _url(url: str) -> Manifest:
    return {"spec": {"template": {"spec": {"source": {"registry": {"url": url}}}}}}


@broken()
def boot_image_namespace_missing(s: Sample) -> None:
    """Boot sources are to be kept in a namespace that nobody has made."""
    s.hco["spec"]["workloadSources"]["commonBootImageNamespace"] = "golden"
    for e in s.hco["status"]["dataImportCronTemplates"]:
        if e["status"].get("commonTemplate"):
            e["metadata"]["namespace"] = "golden"
    for e in s.ssp["spec"]["commonTemplates"]["dataImportCronTemplates"]:
        if not e["metadata"]["name"].startswith("corp-"):
            e["metadata"]["namespace"] = "golden"
    for name in ("fedora", "rhel9"):
        own = {"pvc": {"name": name, "namespace": s.shape.images}}
        s.put(data_source(s, name, own, by_ssp=True))
    mark_edited(s.hco, hours=26)
    s.hco["status"]["observedGeneration"] = s.hco["metadata"]["generation"]
    fails(s, 'Error: failed to reconcile: namespaces "golden" not found')


@broken()
def templates_ignore_boot_image_namespace(s: Sample) -> None:
    """Boot sources have moved to a namespace of their own; common templates look in the old one."""
    s.put(manifest("v1", "Namespace", "golden", status={"phase": "Active"}))
    s.hco["spec"]["workloadSources"]["commonBootImageNamespace"] = "golden"
    mark_edited(s.hco, days=2)
    settle(s)


@broken()
def duplicate_managed_data_source(s: Sample) -> None:
    """A custom entry manages fedora too, and wins by its name."""
    mine = fedora(s)
    mine["metadata"]["name"] = "my-fedora-image-cron"
    ask(s, mine)


@broken("4.22-multi-arch")
def unsupported_architecture(s: Sample) -> None:
    """A space in the list of architectures hides one of them from HCO."""
    ask(s, corp(s.shape, "corp-alma9", metadata={"annotations": {ARCHITECTURES: "amd64, arm64"}}))


@broken()
def architectures_without_images(s: Sample) -> None:
    """arm64 workers have joined, and multi-arch is off."""
    s.put(manifest("v1", "Node", "worker-arm", status={"nodeInfo": {"architecture": "arm64"}}))
    s.hco["status"]["nodeInfo"]["workloadsArchitectures"] = ["amd64", "arm64"]
    s.ssp["spec"]["cluster"] = {"workloadArchitectures": ["amd64", "arm64"], "controlPlaneArchitectures": ["amd64"]}


@broken()
def entry_not_propagated(s: Sample) -> None:
    """HCO says that it is done, but its status still lists fedora, which was switched off five hours ago."""
    s.entries.append({"metadata": {"name": "fedora-image-cron", "annotations": {ENABLE: "false"}}})
    mark_edited(s.hco, hours=5)
    s.hco["status"]["observedGeneration"] = s.hco["metadata"]["generation"]
    s.down.add("hco-operator")


@broken()
def cron_not_created(s: Sample) -> None:
    """SSP says that all is well, and has not made one of its crons."""
    s.down.add("ssp-operator")
    ask(s, corp(s.shape, "corp-alma9"))
    mark_edited(s.ssp, hours=5)
    s.ssp["status"]["observedGeneration"] = s.ssp["metadata"]["generation"]


@broken()
def cron_drifted(s: Sample) -> None:
    """A cron is older than the entry's last change, and SSP has not replaced it."""
    s.cron("corp-debian12")["spec"]["template"]["spec"]["storage"]["resources"]["requests"]["storage"] = "20Gi"


@broken("4.20")
def disabled_entry_still_deployed(s: Sample) -> None:
    """The entry of a cron is gone, and SSP has left the cron."""
    s.entries.clear()
    mark_edited(s.hco, days=2)
    cron = s.cron("corp-debian12")
    settle(s)
    s.put(cron)


@broken()
def cron_opted_out(s: Sample) -> None:
    """Somebody uploaded a claim under the name of a DataSource: SSP leaves rhel9 to it."""
    meta = {"creationTimestamp": ago(days=20)}
    s.put(claim("rhel9", s.shape.images, metadata=meta))
    cron = s.cron("rhel9")
    without_images(s, cron)
    delete_cron(s, cron)
    s.drop("DataSource", "rhel9", s.shape.images)
    s.put(data_source(s, "rhel9", {"pvc": {"name": "rhel9", "namespace": s.shape.images}}, ready=True, by_ssp=True))
    s.source("rhel9")["metadata"]["labels"] = {"instancetype.kubevirt.io/default-preference": "rhel.9"}


@broken()
def standalone_cron(s: Sample) -> None:
    """The console has made a cron for a bootable volume."""
    mine = corp(s.shape, "office")
    s.put(
        manifest(
            "cdi.kubevirt.io/v1beta1",
            "DataImportCron",
            "office-image-cron",
            s.shape.images,
            metadata={"annotations": {}},
            spec=mine["spec"],
            status={},
        )
    )
    settle(s)
    s.source("office")["metadata"]["labels"][CRON] = "office-image-cron"


@broken()
def machine_of_a_missing_entry(s: Sample) -> None:
    """A machine was made from a boot source whose entry has been removed."""
    s.put(*waiting(s, "web-9", "corp-alma8", said=missing("corp-alma8")))


@broken()
def common_entries_copied(s: Sample) -> None:
    """The console has copied the common entries when somebody switched rhel9 off there."""
    copies = [{k: v for k, v in e.items() if k != "status"} for e in common(s.shape)]
    for each in copies:
        if each["metadata"]["name"].startswith("rhel9"):
            each["metadata"] = merge(each["metadata"], {"annotations": {ENABLE: "false"}})
    ask(s, *copies)


@broken()
def disabled_entry_matches_nothing(s: Sample) -> None:
    """Fedora was to be switched off, by a name that is that of its DataSource."""
    ask(s, {"metadata": {"name": "fedora", "annotations": {ENABLE: "false"}}})
