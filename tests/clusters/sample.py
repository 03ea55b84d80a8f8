"""Sample: a cluster as a list of manifests, and what it takes to change it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot
from tests.clusters.shapes import Shape
from tests.worlds import Manifest, dumped

_WATCHED = {resource.kind for resource in WATCHED}
CDI_API = "cdi.kubevirt.io/v1beta1"
RBAC_API = "rbac.authorization.k8s.io/v1"
CRON = "cdi.kubevirt.io/dataImportCron"
IMPORT = "cdi.kubevirt.io/storage.import."


def digest(seed: str) -> str:
    """Always the same for the same seed."""
    return "sha256:" + hashlib.sha256(seed.encode()).hexdigest()


@dataclass
class Sample:
    """A cluster that a test changes."""

    shape: Shape
    objects: list[Manifest] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    """Deployments of operators that hang until somebody restarts them."""

    def copy(self) -> Sample:
        """A cluster of its own; an object that is listed twice becomes two."""
        return Sample(self.shape, json.loads(json.dumps(self.objects)), set(self.down))

    def view(self) -> ClusterSnapshot:
        """What the exporter sees of it."""
        return dumped(*(o for o in self.objects if o["kind"] in _WATCHED))

    def all(self, kind: str, namespace: str | None = None, **labels: str) -> list[Manifest]:
        """The objects of a kind, in a namespace if one is given; those with these labels if any are."""
        return [o for o in self.objects if o["kind"] == kind and self._fits(o, namespace, labels)]

    def get(self, kind: str, name: str, namespace: str | None = None) -> Manifest:
        """The one object of this kind and name."""
        (found,) = [o for o in self.all(kind, namespace) if o["metadata"]["name"] == name]
        return found

    def has(self, kind: str, name: str, namespace: str | None = None) -> bool:
        """Whether there is such an object."""
        return any(o["metadata"]["name"] == name for o in self.all(kind, namespace))

    def put(self, *manifests: Manifest) -> None:
        """Add objects, or replace those of the same name."""
        for manifest in manifests:
            meta = manifest["metadata"]
            self.drop(manifest["kind"], meta["name"], meta.get("namespace", ""))
            self.objects.append(manifest)

    def drop(self, kind: str, name: str, namespace: str = "") -> None:
        """Delete an object, if it is there."""

        def same(o: Manifest) -> bool:
            meta = o["metadata"]
            return (o["kind"], meta["name"], meta.get("namespace", "")) == (kind, name, namespace)

        self.objects = [o for o in self.objects if not same(o)]

    def drop_all(self, found: list[Manifest]) -> None:
        """Delete these objects."""
        self.objects = [o for o in self.objects if not any(o is gone for gone in found)]

    @staticmethod
    def _fits(manifest: Manifest, namespace: str | None, labels: dict[str, str]) -> bool:
        meta = manifest["metadata"]
        have = meta.get("labels", {})
        return namespace in (None, meta.get("namespace", "")) and all(have.get(k) == v for k, v in labels.items())

    # What is there once

    @property
    def hco(self) -> Manifest:
        """HyperConverged."""
        return self.get("HyperConverged", "kubevirt-hyperconverged")

    @property
    def ssp(self) -> Manifest:
        """SSP."""
        return self.get("SSP", "ssp-kubevirt-hyperconverged")

    @property
    def entries(self) -> list[Manifest]:
        """The administrator's entries, where this version has them."""
        found: list[Manifest] = at(self.hco["spec"], self.shape.entries)
        return found

    def cron(self, name: str) -> Manifest:
        """A DataImportCron by the name of its boot source."""
        return self.get("DataImportCron", f"{name}-image-cron")

    def source(self, name: str) -> Manifest:
        """A DataSource of the golden image namespace."""
        return self.get("DataSource", name, self.shape.images)

    def volume(self, name: str) -> str:
        """The name of a boot source's current image."""
        found: str = self.cron(name)["status"]["currentImports"][0]["DataVolumeName"]
        return found

    def images(self, cron: str, namespace: str) -> Iterator[Manifest]:
        """All that a cron has imported."""
        for kind in ("DataVolume", "PersistentVolumeClaim", "VolumeSnapshot"):
            yield from self.all(kind, namespace, **{CRON: cron})


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path."""
    for step in path.split("."):
        value = value[step]
    return value


def place(value: Manifest, path: str, new: object) -> None:
    """Set what stands at a dotted path, with all that leads there."""
    *way, last = path.split(".")
    for step in way:
        value = value.setdefault(step, {})
    value[last] = new
