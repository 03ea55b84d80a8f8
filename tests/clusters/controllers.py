"""HCO, SSP and CDI in small: what they would do next to the objects of a sample cluster.

The rules come from the model of the propagation that the checks judge by; here they act. What no object shows, such as
whether a registry answers, stays as it is: nothing that is broken for such a reason mends itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.admission import admit, cron_manifests, has_source
from exporter.joins.propagation import expected_ssp_entries, reconcile
from exporter.joins.ssp_crons import ExpectedCron, expected_crons
from exporter.model.hco import BootSourceEntry, HyperConverged
from tests.clusters.entries import common
from tests.clusters.importing import data_source, import_what_is_due, ssp_annotations
from tests.clusters.sample import CDI_API, CRON, Sample, digest
from tests.worlds import Manifest, ago, condition, manifest

_STUMBLES_SINCE = (1, 16)
"""The HCO that cannot bear an entry without a source."""


def settle(sample: Sample) -> None:
    """Let the controllers work until there is nothing left to do."""
    if "hco-operator" not in sample.down:
        hco_reconciles(sample)
    if "ssp-operator" not in sample.down:
        ssp_reconciles(sample)
    if "cdi-deployment" not in sample.down:
        import_what_is_due(sample)


# -- HCO ----------------------------------------------------------------------------------------------------


def hco_reconciles(sample: Sample) -> None:
    """HCO's spec to its status, and on to SSP; not past an entry that it stumbles over."""
    hco = sample.hco
    raw = {e["metadata"]["name"]: e for e in (*common(sample.shape), *sample.entries) if e.get("spec")}
    own = hco["spec"].get("workloadSources", hco["spec"]).get("commonBootImageNamespace")
    moved = {"namespace": own} if own else {}
    brought = [
        {**e, "metadata": {**e["metadata"], **moved}, "status": {"commonTemplate": True}} for e in common(sample.shape)
    ]
    seen = _decode({**hco, "status": {**hco["status"], "dataImportCronTemplates": brought}})
    names = [e.name for e in seen.entries]
    stumbles = (seen.release or (0, 0)) >= _STUMBLES_SINCE and any(
        e.enabled and not has_source(e.written) for e in seen.entries
    )
    if stumbles or len(set(names)) < len(names):
        return
    done = reconcile(seen)
    hco["status"] |= {
        "observedGeneration": hco["metadata"]["generation"],
        "dataImportCronTemplates": [
            {**_entry(raw[e.name], e), "status": _describe(e)} for e in done.status.data_import_cron_templates
        ],
        "conditions": _conditions("ReconcileComplete", "Available", "Upgradeable"),
    }
    _keep_image_streams(sample)
    patched = any(k.endswith("ssp.kubevirt.io/jsonpatch") for k in hco["metadata"].get("annotations", {}))
    wanted = [_entry(raw[e.name], e) for e in expected_ssp_entries(_decode(hco))]
    templates = sample.ssp["spec"]["commonTemplates"]
    if not patched and wanted != templates.get("dataImportCronTemplates"):
        templates["dataImportCronTemplates"] = wanted
        sample.ssp["metadata"]["generation"] += 1
    sample.ssp["spec"]["enableMultipleArchitectures"] = done.multi_arch


def _keep_image_streams(sample: Sample) -> None:
    """HCO makes the ImageStreams of the common boot sources that it lists, and deletes the others."""
    wanted = {}
    for e in sample.hco["status"]["dataImportCronTemplates"]:
        stream = e["spec"]["template"]["spec"].get("source", {}).get("registry", {}).get("imageStream", "")
        if e["status"].get("commonTemplate") and stream:
            wanted[stream] = e["metadata"].get("namespace", sample.shape.images)
    for each in sample.all("ImageStream"):
        meta = each["metadata"]
        if meta["name"].endswith("-guest") and wanted.get(meta["name"]) != meta["namespace"]:
            sample.drop("ImageStream", meta["name"], meta["namespace"])
    for name, namespace in wanted.items():
        if not sample.has("ImageStream", name, namespace):
            sample.put(image_stream(name, namespace, name.removesuffix("-guest")))


def image_stream(name: str, namespace: str, seed: str, tag: str = "latest") -> Manifest:
    """An ImageStream with one good tag."""
    ref = f"registry.redhat.io/{seed}/guest@{digest(seed)}"
    tags = [{"tag": tag, "items": [{"image": digest(seed), "dockerImageReference": ref, "created": ago(days=9)}]}]
    return manifest("image.openshift.io/v1", "ImageStream", name, namespace, spec={}, status={"tags": tags})


def _decode(hco: Manifest) -> HyperConverged:
    row = HYPERCONVERGEDS.codec().from_value(hco).row
    assert row is not None
    return row


def _entry(raw: Manifest, model: BootSourceEntry) -> Manifest:
    """The entry with the metadata and the schedule that the model gives it."""
    assert model.spec is not None
    meta = {"name": model.name, "annotations": dict(model.metadata.annotations)}
    space = {"namespace": model.metadata.namespace} if model.metadata.namespace else {}
    return {"metadata": {**meta, **space}, "spec": {**raw["spec"], "schedule": model.spec.schedule}}


def _describe(entry: Any) -> Manifest:
    said = entry.status
    told = {
        "commonTemplate": said.common_template,
        "modified": said.modified,
        "originalSupportedArchitectures": said.original_supported_architectures,
        "conditions": [{"type": c.type, "status": c.status, "reason": c.reason} for c in said.conditions],
    }
    return {key: value for key, value in told.items() if value}


def _conditions(*true: str) -> list[Manifest]:
    types = dict.fromkeys((*true, "Progressing", "Degraded"))
    return [condition(t, "True" if t in true else "False", t, days=60) for t in types]


# -- SSP ----------------------------------------------------------------------------------------------------


def ssp_reconciles(sample: Sample) -> None:
    """SSP's spec to DataImportCrons and DataSources, unless it is paused or CDI refuses one."""
    ssp = sample.ssp
    if ssp["metadata"].get("annotations", {}).get("kubevirt.io/operator.paused") == "true":
        return
    expected = sample.view().join(expected_crons)
    if any(_is_refused(sample, item) for item in expected.values() if item.deployed):
        return
    ssp["status"] |= {
        "phase": "Deployed",
        "observedGeneration": ssp["metadata"]["generation"],
        "observedVersion": "v0.25.0",
        "conditions": _conditions("Available"),
    }
    ssp["status"].pop("paused", None)
    wanted = {(key.namespace, key.name): item for key, item in expected.items() if item.deployed}
    for cron in sample.all("DataImportCron"):
        meta = cron["metadata"]
        mine = "operator-sdk/primary-resource-type" in meta.get("annotations", {})
        item = wanted.get((meta["namespace"], meta["name"]))
        if mine and (item is None or cron["spec"] != _cron_spec(sample, item)):
            delete_cron(sample, cron)
    for (namespace, name), item in wanted.items():
        if not sample.has("DataImportCron", name, namespace):
            sample.put(_new_cron(sample, namespace, name, item))
    _keep_data_sources(sample, expected.values())


def _is_refused(sample: Sample, item: ExpectedCron) -> bool:
    """CDI's webhook would not admit the cron, or there is no such namespace."""
    wrong = any(not admit(m, sample.shape.cdi_minor).admitted for m in cron_manifests([item]))
    return wrong or not sample.has("Namespace", item.key.namespace)


def _cron_spec(sample: Sample, item: ExpectedCron) -> Manifest:
    """The spec of a cron as SSP writes it: that of the entry, for one architecture if it is expanded."""
    listed = sample.ssp["spec"]["commonTemplates"]["dataImportCronTemplates"]
    (raw,) = [e for e in listed if e["metadata"]["name"] == item.entry.name]
    spec: Manifest = {**json.loads(json.dumps(raw["spec"])), "managedDataSource": item.managed}
    if item.architecture:
        spec["template"]["spec"]["source"]["registry"]["platform"] = {"architecture": item.architecture}
    return spec


def _new_cron(sample: Sample, namespace: str, name: str, item: ExpectedCron) -> Manifest:
    notes = {k: v for k, v in item.entry.metadata.annotations.items() if not k.startswith("ssp.")}
    labels = {"cdi.kubevirt.io/storage.import.datasource-name": item.managed} if item.architecture else {}
    meta = {"annotations": {**notes, **ssp_annotations(sample)}, "labels": labels}
    return manifest(CDI_API, "DataImportCron", name, namespace, metadata=meta, spec=_cron_spec(sample, item), status={})


def _keep_data_sources(sample: Sample, expected: Iterable[ExpectedCron]) -> None:
    """SSP's own DataSources: those that common templates name, and with multi-arch pointers to them."""
    images = sample.shape.images
    crons = {e.managed: e.key.name for e in expected if e.deployed and e.key.namespace == images}
    architectures = sample.ssp["spec"].get("enableMultipleArchitectures")
    for parameter in _parameters(sample) if architectures else ():
        parameter["value"] = parameter["value"].removesuffix("-amd64") + "-amd64"
    for name in _named_by_common_templates(sample):
        _keep(sample, name, crons.get(name, ""))
        if architectures:
            stem, target = name.removesuffix("-amd64"), {"name": name, "namespace": images}
            ready = _is_ready(sample.source(name))
            sample.put(data_source(sample, stem, {"dataSource": target}, ready=ready, by_ssp=True))
    for source in sample.all("DataSource", images):
        name, label = source["metadata"]["name"], source["metadata"].get("labels", {}).get(CRON, "")
        if label and name in _named_by_common_templates(sample) and label != crons.get(name, label):
            source["metadata"]["labels"][CRON] = crons[name]


def _keep(sample: Sample, name: str, cron: str) -> None:
    """Label it for its cron; without one it is a placeholder, or stands for a claim of its name."""
    images = sample.shape.images
    own = {"pvc": {"name": name, "namespace": images}}
    if not cron:
        claim = sample.has("PersistentVolumeClaim", name, images)
        sample.put(data_source(sample, name, own, ready=claim, by_ssp=True))
        return
    if not sample.has("DataSource", name, images):
        sample.put(data_source(sample, name, own, by_ssp=True))
    sample.source(name)["metadata"].setdefault("labels", {})[CRON] = cron


def _named_by_common_templates(sample: Sample) -> list[str]:
    return sorted({p["value"] for p in _parameters(sample)})


def _parameters(sample: Sample) -> list[Manifest]:
    base = sample.all("Template", **{"template.kubevirt.io/type": "base"})
    return [p for t in base for p in t["parameters"] if p["name"] == "DATA_SOURCE_NAME"]


def _is_ready(source: Manifest) -> bool:
    return any(c["status"] == "True" for c in source["status"]["conditions"])


def delete_cron(sample: Sample, cron: Manifest) -> None:
    """CDI's cleanup: with retention None all that carries both labels goes too."""
    meta = cron["metadata"]
    if cron["spec"].get("retentionPolicy") == "None":
        sample.drop_all(list(sample.images(meta["name"], meta["namespace"])))
        sample.drop_all(sample.all("DataSource", meta["namespace"], **{CRON: meta["name"]}))
    sample.drop_all(sample.all("CronJob", **{CRON: meta["name"]}))
    sample.drop("DataImportCron", meta["name"], meta["namespace"])
