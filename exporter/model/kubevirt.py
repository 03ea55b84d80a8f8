"""kubevirt.io: virtual machines, reduced to what they are cloned from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import Field

from exporter.base.excerpts import excerpt
from exporter.model.bounds import LONGEST_ANNOTATION, LONGEST_MESSAGE, LONGEST_NAME, MOST_REFERENCES
from exporter.model.clones import (
    DEFAULT_ACCOUNT,
    CloneSource,
    DirectSource,
    InstanceTemplate,
    Reference,
    direct_source,
    may_be_image,
    mounted_claims,
    service_account_of,
    waits_for_volumes,
)
from exporter.model.errors import ExcessiveError
from exporter.model.interning import intern
from exporter.model.wire import SUPPRESS, parse_instant, wire

IMMEDIATE = "kubevirt.io/immediate-data-volume-creation"
"""On a VirtualMachine: "false" defers its DataVolumes to the first start."""


# A cluster has tens of thousands of machines, and a field that needs a Python function to be decoded costs as much as
# three that do not. So these models say "or null" where those of small kinds turn null into nothing.


@wire
class SourceRef:
    """spec.sourceRef of a volume template; only kind DataSource is handled by KubeVirt."""

    kind: str | None = None
    namespace: str | None = None
    name: str | None = None


@wire
class VolumeName:
    """metadata of a volume template."""

    name: str | None = None


@wire
class VolumeTemplateBody:
    """spec of a volume template."""

    source: DirectSource | None = None
    source_ref: SourceRef | None = None


@wire
class DataVolumeTemplate:
    """One of a VM's dataVolumeTemplates."""

    metadata: VolumeName | None = None
    spec: VolumeTemplateBody | None = None


@wire
class VirtualMachineSpec:
    """The spec of a VirtualMachine."""

    data_volume_templates: tuple[DataVolumeTemplate, ...] | None = None
    template: InstanceTemplate | None = None


@wire
class MachineCondition:
    """One entry of a machine's status.conditions; the time stays text, since it matters for a failure only."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


@wire
class VirtualMachineStatus:
    """The status of a VirtualMachine."""

    created: bool | None = None
    printable_status: str | None = None
    conditions: tuple[MachineCondition, ...] | None = None


@wire
class MachineMetadata:
    """The parts of a machine's metadata that matter here."""

    name: str = ""
    namespace: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    annotations: dict[str, str] | None = None


@wire
class VirtualMachineObject:
    """A VirtualMachine as it is on the wire, in a cluster or inside a template."""

    api_version: str | None = None
    kind: str | None = None
    metadata: MachineMetadata = Field(default_factory=MachineMetadata)
    spec: VirtualMachineSpec | None = None
    status: VirtualMachineStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachine:
    """What we keep of a VirtualMachine that is cloned from something, or that mounts what is; others have no row."""

    references: tuple[Reference, ...]
    running: bool
    """status.created: its instance exists, so its volumes do."""
    deferred: bool
    """Its volumes are made at its first start only."""
    failure: str
    """Message of a Failure=True condition with reason FailedCreate; "" if there is none."""
    account: str = DEFAULT_ACCOUNT
    """The service account as which KubeVirt clones for it."""
    failed_since: datetime | None
    created: datetime | None
    told: bool
    """KubeVirt has written its status: it would say so if it could not make a volume."""
    suppress: str = ""
    """The annotation that mutes findings."""
    settled: bool = False
    """It runs and KubeVirt does not complain: it has all its volumes, and no event of a volume can change that.

    The row is then shared by all machines that refer to the same DataSources, with their namespaces filled in.
    """
    mounts: tuple[str, ...] = ()
    """PersistentVolumeClaims that it mounts and does not make: those it may wait for, or images that it holds."""


def _cloned_volumes(machine: VirtualMachineObject) -> list[tuple[int, DataVolumeTemplate, CloneSource, bool]]:
    """The volume templates that clone: place, template, what it clones, if by spec.source. Raises ExcessiveError."""
    templates = (machine.spec.data_volume_templates or ()) if machine.spec else ()
    found = []
    for index, template in enumerate(templates):
        body = template.spec or VolumeTemplateBody()
        ref, direct = body.source_ref, direct_source(body.source)
        if ref:
            origin = CloneSource(ref.kind or "", ref.namespace or "", ref.name or "")
            found.append((index, template, origin, False))
        elif direct:
            kind, named = direct
            found.append((index, template, CloneSource(kind, named.namespace or "", named.name or ""), True))
    require_few(found)
    for index, template, origin, _ in found:
        volume = (template.metadata.name or "") if template.metadata else ""
        if any(len(text) > LONGEST_NAME for text in (volume, *origin)):
            field = f"spec.dataVolumeTemplates.{index}"
            raise ExcessiveError(field, f"a name has more than {LONGEST_NAME} characters")
    return found


def require_few(references: Collection[object]) -> None:
    """Raises ExcessiveError if one object refers to more DataSources than are read."""
    if len(references) > MOST_REFERENCES:
        problem = f"{len(references)} references to DataSources; objects with more than {MOST_REFERENCES} are not read"
        raise ExcessiveError("spec.dataVolumeTemplates", problem)


def references_of(machine: VirtualMachineObject) -> tuple[Reference, ...]:
    """What the volumes of a machine are cloned from, in order. Repeated strings are shared: there are thousands."""
    return tuple(
        Reference(
            volume=(template.metadata.name or "") if template.metadata else "",
            kind=intern(origin.kind),
            namespace=intern(origin.namespace),
            name=intern(origin.name),
            index=index,
            direct=direct,
        )
        for index, template, origin, direct in _cloned_volumes(machine)
    )


def virtual_machine_row(wired: VirtualMachineObject) -> VirtualMachine | None:
    """What we keep of a machine; None if nothing of it is cloned, and nothing that it mounts matters.

    What a machine without complaints was cloned from directly stands in its DataVolumes as well.
    """
    cloned, status = _cloned_volumes(wired), wired.status or VirtualMachineStatus()
    mounts, failure = _mounts(wired, status), _failure(status)
    annotations = wired.metadata.annotations or {}
    deferred, suppress = annotations.get(IMMEDIATE) == "false", annotations.get(SUPPRESS, "")[: LONGEST_ANNOTATION + 1]
    by_reference = [origin for _, _, origin, direct in cloned if not direct]
    if not (by_reference or mounts or (cloned and (failure or deferred) and not status.created)):
        return None
    if status.created and failure is None and not suppress and not mounts:
        own = wired.metadata.namespace
        return _past_machine(tuple((origin.kind, origin.namespace or own, origin.name) for origin in by_reference))
    return VirtualMachine(
        references=references_of(wired),
        running=bool(status.created),
        deferred=deferred,
        failure=excerpt(failure.message or failure.reason or "", LONGEST_MESSAGE) if failure else "",
        account=intern(service_account_of(wired.spec.template if wired.spec else None)[:LONGEST_NAME]),
        failed_since=parse_instant(failure.last_transition_time or "") if failure else None,
        created=wired.metadata.creation_timestamp,
        told=bool(status.printable_status or status.conditions or status.created),
        suppress=suppress,
        mounts=mounts,
    )


def _mounts(wired: VirtualMachineObject, status: VirtualMachineStatus) -> tuple[str, ...]:
    """The claims that matter among those that a machine mounts and does not make."""
    spec = wired.spec or VirtualMachineSpec()
    own = {template.metadata.name for template in spec.data_volume_templates or () if template.metadata}
    others = [n for n in mounted_claims(spec.template) if n not in own and len(n) <= LONGEST_NAME][:MOST_REFERENCES]
    waits = waits_for_volumes(created=bool(status.created), status=status.printable_status or "")
    namespace = wired.metadata.namespace
    return tuple(intern(n) for n in others if waits or (status.created and may_be_image(namespace, n)))


def _failure(status: VirtualMachineStatus) -> MachineCondition | None:
    conditions = status.conditions or ()
    return next(
        (c for c in conditions if c.type == "Failure" and c.status == "True" and c.reason == "FailedCreate"), None
    )


@lru_cache(maxsize=4096)
def _past_machine(named: tuple[tuple[str, str, str], ...]) -> VirtualMachine:
    """The row of all machines that have been made from these DataSources: kind, namespace and name of each."""
    references = tuple(
        Reference(volume="", kind=kind, namespace=namespace, name=name, index=index)
        for index, (kind, namespace, name) in enumerate(named)
    )
    return VirtualMachine(
        references=references,
        running=True,
        deferred=False,
        failure="",
        failed_since=None,
        created=None,
        told=True,
        settled=True,
    )
