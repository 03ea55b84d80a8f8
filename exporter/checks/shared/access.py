"""ConfigMaps and Secrets that boot sources name, which must exist where pollers and where importers run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from exporter.checks.check import Cause
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_VOLUMES, PODS
from exporter.cluster.snapshot import View, joint
from exporter.joins.images import imports
from exporter.joins.pods import importers, job_pollers
from exporter.joins.warnings import said_of, warnings
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.model.core import Pod

_NOT_FOUND: Final = re.compile(r"\b(configmap|secret)s? \\?\"([a-z0-9.-]{1,253})\\?\" not found", re.IGNORECASE)
_KINDS: Final = {"configmap": "ConfigMap", "secret": "Secret"}


@dataclass(frozen=True, slots=True)
class Missing:
    """A ConfigMap or Secret that a pod waits for, and the boot sources that it is for."""

    crons: tuple[Ref, ...]
    said: str
    """What Kubernetes says of it."""
    since: datetime | None
    """When the first of these pods was made."""
    poller: bool
    """A poller waits for it; else an importer."""


def access_of(cron: DataImportCron) -> tuple[tuple[str, str, str], ...]:
    """Field, kind and name of what the cron's registry source names."""
    registry = cron.source.registry
    named = (
        (("certConfigMap", "ConfigMap", registry.cert_config_map), ("secretRef", "Secret", registry.secret_ref))
        if registry
        else ()
    )
    return tuple(n for n in named if n[2])


def access_causes(cron: DataImportCron) -> tuple[Cause, ...]:
    """That a ConfigMap or Secret is missing in the cron's namespace or, told by its name, in CDI's."""
    return tuple(Cause("registry-access-missing", part=f"{kind} {name}") for _, kind, name in access_of(cron))


@joint(job_pollers, importers, imports, warnings, DATA_IMPORT_CRONS)
def missing_access(view: View) -> Mapping[Ref, Missing]:
    """The ConfigMaps and Secrets that pollers and importers wait for, as Kubernetes says."""
    found: dict[Ref, Missing] = {}
    for pod, (cron, row) in job_pollers(view).items():
        _note(found, pod, row, DATA_IMPORT_CRONS.ref(*cron), view, poller=True)
    volumes = imports(view)
    for volume, (pod, row) in importers(view).items():
        importing = volumes.get(DATA_VOLUMES.ref(volume.namespace, volume.name))
        if importing is not None:
            key = Key(importing.cron.metadata.namespace, importing.cron.metadata.name)
            _note(found, pod, row, DATA_IMPORT_CRONS.ref(*key), view, poller=False)
    return found


def _note(found: dict[Ref, Missing], pod: Ref, row: Pod, cron: Ref, view: View, *, poller: bool) -> None:
    if row.status.phase != "Pending":
        return
    waiting = row.waiting
    texts = (
        *((f"{waiting.reason}: {waiting.message}",) if waiting else ()),
        *said_of(warnings(view), PODS.ref(pod.namespace, pod.name)),
    )
    for text in texts:
        for kind, name in _NOT_FOUND.findall(text):
            ref = Ref(_KINDS[kind.lower()], pod.namespace, name)
            made = row.metadata.creation_timestamp
            before = found.get(ref, Missing((), text, made, poller))
            crons = tuple(dict.fromkeys((*before.crons, cron)))
            found[ref] = Missing(
                crons,
                before.said,
                min((at for at in (before.since, made) if at), default=None),
                poller or before.poller,
            )
