"""What must not happen to a cluster: images that are lost, and entries that are refused."""

from __future__ import annotations

from typing import Final

from exporter.joins.admission import admit as admission
from exporter.joins.admission import has_source, list_refusals
from exporter.model.hco import ENABLE
from tests.clusters.sample import Sample
from tests.worlds import Manifest

_DECISIONS: Final = {
    "gate-at-dead-path": "common boot sources are to be off",
    "enable-annotation-mistyped": "is to be off",
    "disabled-entry-still-deployed": "",
    "boot-image-namespace-missing": "If they are to be in",
    "disabled-entry-matches-nothing": "is to be off",
    "ssp-paused": "",
    "templates-ignore-boot-image-namespace": "",
}
"""Checks whose fix carries out what was asked for: a boot source goes, or moves. And the words in its note, if any."""


def _is_good(sample: Sample, kind: str, name: str, namespace: str) -> bool:
    """An image that can be cloned: a claim with its volume, or a ready snapshot with its content."""
    if not sample.has(kind, name, namespace):
        return False
    image = sample.get(kind, name, namespace)
    if kind == "PersistentVolumeClaim":
        return bool(image.get("status", {}).get("phase") == "Bound")
    status = image.get("status", {})
    content = status.get("boundVolumeSnapshotContentName", "")
    return bool(status.get("readyToUse")) and "error" not in status and sample.has("VolumeSnapshotContent", content)


def _image_of(source: Manifest) -> tuple[str, str, str] | None:
    """Kind, name and namespace of what a DataSource stands for."""
    space = source["metadata"]["namespace"]
    for key, kind in (("pvc", "PersistentVolumeClaim"), ("snapshot", "VolumeSnapshot")):
        pointer = source["spec"]["source"].get(key)
        if pointer:
            return kind, pointer["name"], pointer.get("namespace") or space
    return None


def usable_sources(sample: Sample) -> set[tuple[str, str]]:
    """The DataSources that stand for an image which can be cloned, or point at one that does."""
    direct = {
        (source["metadata"]["namespace"], source["metadata"]["name"])
        for source in sample.all("DataSource")
        if (image := _image_of(source)) and _is_good(sample, *image)
    }
    pointing = {
        (source["metadata"]["namespace"], source["metadata"]["name"])
        for source in sample.all("DataSource")
        if (at := source["spec"]["source"].get("dataSource"))
        and (at.get("namespace") or source["metadata"]["namespace"], at["name"]) in direct
    }
    return direct | pointing


def _images(sample: Sample) -> set[tuple[str, str, str]]:
    """Good images that a DataSource stands for, or that are the last import of a DataImportCron."""
    found = {image for source in sample.all("DataSource") if (image := _image_of(source))}
    for cron in sample.all("DataImportCron"):
        last = cron.get("status", {}).get("lastImportedPVC") or {}
        for kind in ("PersistentVolumeClaim", "VolumeSnapshot"):
            found.add((kind, last.get("name", ""), last.get("namespace") or cron["metadata"]["namespace"]))
    return {image for image in found if _is_good(sample, *image)}


def lost_images(before: Sample, now: Sample) -> list[tuple[str, str, str]]:
    """Images in use that were good before and are not any more."""
    return sorted(image for image in _images(before) if not _is_good(now, *image))


def is_allowed_to_lose(check: str, fix: Manifest) -> bool:
    """It says what it costs, and the administrator asked for it, or the loss is what the fix is for."""
    return fix["kind"] == "costs" and check in _DECISIONS and _DECISIONS[check] in fix.get("note", "")


def refused_entries(sample: Sample) -> set[str]:
    """The administrator's entries that are on and that HCO or CDI would refuse."""
    refused = set()
    for entry, found in zip(sample.entries, list_refusals(sample.entries), strict=True):
        on = entry["metadata"].get("annotations", {}).get(ENABLE, "true").lower() == "true"
        admitted = has_source(entry) and admission(entry, sample.shape.cdi_minor).admitted
        if found or (on and not admitted):
            refused.add(entry["metadata"]["name"])
    return refused
