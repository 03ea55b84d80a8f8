"""Registries, by the host that DataImportCrons name: they are no objects of the cluster."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Cause, Context
from exporter.checks.shared.image_streams import followed_tags
from exporter.checks.shared.refs import cron_ref
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.model.cdi import DataImportCron

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


def crons_by_registry(ctx: Context) -> dict[Ref, list[DataImportCron]]:
    """The DataImportCrons whose images come from a registry, directly or, as far as is known, by an ImageStream."""
    found: dict[Ref, list[DataImportCron]] = {}
    streams = ctx.consult(followed_tags, {})
    for _, cron in ctx[DATA_IMPORT_CRONS]:
        registry, stream = cron.source.registry, streams.get(cron_ref(cron))
        host = host_of(registry.url if registry and registry.url else stream.origin if stream else "")
        if host:
            found.setdefault(registry_of(host), []).append(cron)
    return found
