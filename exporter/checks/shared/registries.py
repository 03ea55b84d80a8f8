"""Registries, by the host that DataImportCrons name: they are no objects of the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from exporter.checks.check import Cause
from exporter.checks.shared.image_streams import followed, followed_tag
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, IMAGE_STREAMS
from exporter.cluster.snapshot import View, joint
from exporter.model.cdi import DataImportCron
from exporter.model.wire import ABSENT

CLUSTER: Final = Ref("Cluster", "", "")
"""All registries together."""
_DEFAULT_HOST: Final = "docker.io"
"""Where an image is pulled from that names no host."""


def registry_of(host: str) -> Ref:
    """Names a registry."""
    return Ref("Registry", "", host)


def host_of(image: str) -> str:
    """The host, with its port, of `docker://quay.io/x/y:latest` or `quay.io/x/y`; "" of an archive that has none."""
    scheme, separator, rest = image.rpartition("://")
    if (separator and scheme != "docker") or not rest:
        return ""
    host, slash, _ = rest.partition("/")
    named = slash and ("." in host or ":" in host or host == "localhost")
    return host if named else _DEFAULT_HOST


def registry_causes(cron: DataImportCron) -> tuple[Cause, ...]:
    """That the registry of this cron, or every registry, gives nothing to anyone."""
    registry = cron.source.registry
    host = host_of(registry.url) if registry and registry.url else ""
    return causes_at(host) if host else ()


def causes_at(host: str) -> tuple[Cause, ...]:
    """The same for the host of an image."""
    return Cause("registry-without-contact", registry_of(host)), Cause("registry-without-contact", CLUSTER)


@joint(DATA_IMPORT_CRONS, IMAGE_STREAMS)
def crons_by_registry(view: View) -> Mapping[Ref, tuple[DataImportCron, ...]]:
    """The DataImportCrons whose images come from a registry, directly or by way of an ImageStream."""
    found: dict[Ref, tuple[DataImportCron, ...]] = {}
    for _, cron in view[DATA_IMPORT_CRONS]:
        registry = cron.source.registry
        host = host_of(registry.url if registry and registry.url else imported_from(cron, view))
        if host:
            found[registry_of(host)] = (*found.get(registry_of(host), ()), cron)
    return found


def imported_from(cron: DataImportCron, view: View) -> str:
    """The image that the ImageStream of this cron imports; "" if there is none or it does not tell."""
    name, tag = followed(cron)
    stream = view[IMAGE_STREAMS].get(cron.metadata.namespace, name) if name else ABSENT
    if stream is ABSENT:
        return ""
    status = followed_tag(stream, tag)
    return stream.origin(tag or ("" if status is ABSENT else status.tag))
