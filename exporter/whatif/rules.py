"""RULES: why the operators do what a step says. Each is declared once, with the place where upstream has it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from exporter.whatif.document import UpstreamRule


class Rule(StrEnum):
    """Ids of the rules."""

    ASKED = "asked"
    CRON_IMMUTABLE = "cron-immutable"
    CRON_REFUSED = "cron-refused"
    HCO_ADMISSION = "hco-admission"
    HCO_DEFAULTS = "hco-defaults"
    HCO_LIST = "hco-list"
    HCO_GATE = "hco-gate"
    HCO_PASSES_ON = "hco-passes-on"
    JSON_PATCH = "json-patch"
    SSP_PAUSED = "ssp-paused"
    SSP_REPLACES = "ssp-replaces"
    SSP_LISTS = "ssp-lists"
    SSP_COLLAPSES = "ssp-collapses"
    SSP_OPT_OUT = "ssp-opt-out"
    SSP_RESETS = "ssp-resets"
    SSP_LABELS = "ssp-labels"
    SSP_STOPS = "ssp-stops"
    SSP_ARCHITECTURES = "ssp-architectures"
    RETENTION = "retention"
    DEFAULT_CLASS = "default-class"
    CLASS_MOVE = "class-move"
    CLASS_STAYS = "class-stays"
    NO_CLASS = "no-class"
    NO_SNAPSHOT_API = "no-snapshot-api"
    PROFILE = "profile"
    FORMAT_PVC = "format-pvc"
    FORMAT_SNAPSHOT = "format-snapshot"
    SNAPSHOT_CLASS = "snapshot-class"
    IMPORTS = "imports"
    ADOPTS = "adopts"
    COLLECTION = "collection"
    POLLS_AT_ONCE = "polls-at-once"
    SOURCE_FOLLOWS = "source-follows"
    SOURCE_READY = "source-ready"
    PUT_BACK = "put-back"
    OBSTACLE = "obstacle"
    CONSUMERS = "consumers"
    UPGRADE = "upgrade"
    IMAGE_STREAMS = "image-streams"


def _rule(text: str, source: str) -> tuple[str, str]:
    return text, source


_TEXTS: Final[dict[Rule, tuple[str, str]]] = {
    Rule.ASKED: _rule(
        "This is the change that was asked for.",
        "",
    ),
    Rule.CRON_IMMUTABLE: _rule(
        "CDI's webhook refuses every change of a DataImportCron's spec.",
        "CDI pkg/apiserver/webhooks, DataImportCron",
    ),
    Rule.CRON_REFUSED: _rule(
        "The API server's schema and CDI's webhook admit or refuse a DataImportCron when it is created.",
        "CDI pkg/apiserver/webhooks, DataImportCron",
    ),
    Rule.HCO_ADMISSION: _rule(
        "HCO's webhook refuses entries without spec that are enabled, values of the enable annotation other than "
        "true and false, and names that occur twice. From HCO 1.16 on it cannot handle an entry without source.",
        "HCO pkg/webhooks/validator",
    ),
    Rule.HCO_DEFAULTS: _rule(
        "From HCO 1.18 on, whenever the HyperConverged is written, the webhook sets retentionPolicy None, "
        "importsToKeep 1 and immediate binding in each entry that does not say otherwise.",
        "HCO pkg/webhooks/mutator",
    ),
    Rule.HCO_LIST: _rule(
        "HCO lists the common entries while enableCommonBootImageImport is on, and the enabled entries of its "
        "spec. An entry with a common name replaces the common spec as a whole; only an empty schedule is "
        "inherited.",
        "HCO controllers/handlers/golden-images",
    ),
    Rule.HCO_GATE: _rule(
        "While enableCommonBootImageImport is off HCO lists neither common entries nor those that modify one.",
        "HCO controllers/handlers/golden-images",
    ),
    Rule.HCO_PASSES_ON: _rule(
        "HCO writes the entries of its status to SSP's spec, without those whose condition Deployed is False.",
        "HCO controllers/handlers/golden-images, ssp.go",
    ),
    Rule.JSON_PATCH: _rule(
        "HCO applies the JSON patch in its annotation ssp.kubevirt.io/jsonpatch to the SSP that it writes.",
        "HCO controllers/common, JSONPatch annotations",
    ),
    Rule.SSP_PAUSED: _rule(
        "While SSP carries the annotation kubevirt.io/operator.paused it reconciles nothing.",
        "SSP internal/controllers",
    ),
    Rule.SSP_REPLACES: _rule(
        "The spec of a DataImportCron cannot change, so SSP deletes one that differs before it creates it again.",
        "SSP internal/operands/data-sources/reconcile.go",
    ),
    Rule.SSP_LISTS: _rule(
        "SSP makes a DataImportCron of each entry of its spec, and deletes its own DataImportCrons that no entry "
        "stands for.",
        "SSP internal/operands/data-sources/reconcile.go",
    ),
    Rule.SSP_COLLAPSES: _rule(
        "Of entries that manage the same DataSource in a namespace SSP takes the last one of the list.",
        "SSP internal/operands/data-sources/reconcile.go",
    ),
    Rule.SSP_OPT_OUT: _rule(
        "If a PersistentVolumeClaim has the name of a DataSource that is not labelled for a DataImportCron, SSP "
        "makes no DataImportCron for it. While the DataSource is labelled, such a claim changes nothing.",
        "SSP internal/operands/data-sources/reconcile.go",
    ),
    Rule.SSP_RESETS: _rule(
        "SSP takes the label dataImportCron from its DataSources without a DataImportCron and points them at a "
        "PersistentVolumeClaim of their own name.",
        "SSP internal/operands/data-sources/reconcile.go",
    ),
    Rule.SSP_LABELS: _rule(
        "SSP labels its DataSources with the name of their DataImportCron and leaves the rest of them to CDI.",
        "SSP internal/operands/data-sources/reconcile.go",
    ),
    Rule.SSP_STOPS: _rule(
        "One DataImportCron that is refused makes SSP's reconcile fail. Which of the others it applies before "
        "that is random, and changes from one attempt to the next.",
        "SSP internal/operands/data-sources/reconcile.go",
    ),
    Rule.SSP_ARCHITECTURES: _rule(
        "With multi-arch on, SSP makes a DataImportCron and a DataSource for each architecture of an entry, and points "
        "the DataSource without an architecture in its name at that of the default one.",
        "SSP internal/operands/data-sources",
    ),
    Rule.RETENTION: _rule(
        "When a DataImportCron with retentionPolicy None is deleted, CDI deletes all DataSources, DataVolumes, "
        "PersistentVolumeClaims and VolumeSnapshots that carry its label and the label dataImportCron.cleanup. "
        "With All they stay.",
        "CDI pkg/controller/dataimportcron-controller.go, cleanup",
    ),
    Rule.DEFAULT_CLASS: _rule(
        "Without a class of its own a DataImportCron imports to the newest StorageClass annotated as virt default"
        " (CDI 1.58 and later), else to the newest annotated as Kubernetes default.",
        "CDI pkg/controller/common/util.go",
    ),
    Rule.CLASS_MOVE: _rule(
        "CDI 1.61 and later deletes the VolumeSnapshot, DataVolume and PersistentVolumeClaim of the newest image "
        "when its StorageClass differs from the wanted one, and imports it again there.",
        "CDI pkg/controller/dataimportcron-controller.go (PR 3353)",
    ),
    Rule.CLASS_STAYS: _rule(
        "CDI before 1.61 leaves an image on its StorageClass. The next newer image goes to the wanted one.",
        "CDI pkg/controller/dataimportcron-controller.go (before PR 3353)",
    ),
    Rule.NO_CLASS: _rule(
        "Without any class CDI falls back to format pvc: it deletes an image that is a VolumeSnapshot, and the "
        "DataVolume that it creates waits until there is a class.",
        "CDI pkg/controller/dataimportcron-controller.go",
    ),
    Rule.NO_SNAPSHOT_API: _rule(
        "To move an image CDI first deletes a VolumeSnapshot. Where that kind is not installed this fails, and so"
        " does every later reconcile of the DataImportCron.",
        "CDI pkg/controller/dataimportcron-controller.go",
    ),
    Rule.PROFILE: _rule(
        "CDI keeps a StorageProfile for each StorageClass. What its spec sets wins over what CDI knows about the "
        "provisioner.",
        "CDI pkg/controller/storageprofile-controller.go, pkg/storagecapabilities",
    ),
    Rule.FORMAT_PVC: _rule(
        "When the StorageProfile's format changes to pvc, CDI 1.60 and later deletes the VolumeSnapshot and "
        "imports the image again as a PersistentVolumeClaim.",
        "CDI pkg/controller/dataimportcron-controller.go (PR 3366)",
    ),
    Rule.FORMAT_SNAPSHOT: _rule(
        "When the StorageProfile's format changes to snapshot, CDI takes a VolumeSnapshot of the image's "
        "PersistentVolumeClaim, and deletes the claim when the snapshot is ready.",
        "CDI pkg/controller/dataimportcron-controller.go",
    ),
    Rule.SNAPSHOT_CLASS: _rule(
        "CDI takes the profile's spec.snapshotClass, else the default VolumeSnapshotClass of the driver, else the"
        " first by name. It never clears the name of a class that is gone, and each reconcile that needs it then "
        "fails.",
        "CDI pkg/controller/storageprofile-controller.go",
    ),
    Rule.IMPORTS: _rule(
        "CDI imports an image when no DataVolume, PersistentVolumeClaim or VolumeSnapshot is named after its digest.",
        "CDI pkg/controller/dataimportcron-controller.go",
    ),
    Rule.COLLECTION: _rule(
        "After an import CDI keeps as many images as importsToKeep says, 3 by default, unless garbageCollect is Never. "
        "Claims and snapshots are counted by themselves; those that were used last stay.",
        "CDI pkg/controller/dataimportcron-controller.go, garbage collection",
    ),
    Rule.ADOPTS: _rule(
        "A PersistentVolumeClaim or VolumeSnapshot named after the digest is used as it is, whatever its StorageClass.",
        "CDI pkg/controller/dataimportcron-controller.go",
    ),
    Rule.POLLS_AT_ONCE: _rule(
        "CDI polls the source of a new DataImportCron at once: by an initial Job, or by its controller.",
        "CDI pkg/controller/dataimportcron-controller.go",
    ),
    Rule.SOURCE_FOLLOWS: _rule(
        "CDI points the DataSource that carries the DataImportCron's label at its newest image, and creates it if"
        " there is none.",
        "CDI pkg/controller/dataimportcron-controller.go",
    ),
    Rule.SOURCE_READY: _rule(
        "A DataSource is ready when what it points at exists and is complete.",
        "CDI pkg/controller/datasource-controller.go",
    ),
    Rule.PUT_BACK: _rule(
        "The operator that owns the object writes it again and reverts the edit.",
        "CDI pkg/controller/dataimportcron-controller.go, SSP internal/operands",
    ),
    Rule.OBSTACLE: _rule(
        "A reconcile of a DataImportCron that ends in an error discards what it has computed: the conditions keep"
        " saying what was true before.",
        "CDI pkg/controller/dataimportcron-controller.go",
    ),
    Rule.CONSUMERS: _rule(
        "A virtual machine's volume is cloned from what the DataSource stands for when the volume is made. "
        "Volumes that exist are not affected.",
        "KubeVirt pkg/storage, dataVolumeTemplates with sourceRef",
    ),
    Rule.UPGRADE: _rule(
        "The new version has other rules than the old one.",
        "release branches of HCO, SSP and CDI",
    ),
    Rule.IMAGE_STREAMS: _rule(
        "HCO creates the ImageStreams of the common entries that it lists, and deletes those of the others.",
        "HCO controllers/handlers/golden-images",
    ),
}
RULES: Final[dict[str, UpstreamRule]] = {
    rule.value: UpstreamRule(id=rule.value, text=text, source=source) for rule, (text, source) in _TEXTS.items()
}
"""All of them, by id."""
