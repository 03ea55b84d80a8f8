"""kubevirt.io and template.kubevirt.io: virtual machines and their templates, reduced to what they are cloned from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from pydantic import Field

from exporter.model.bounds import LONGEST_ANNOTATION, LONGEST_MESSAGE, LONGEST_NAME, MOST_REFERENCES, excerpt
from exporter.model.errors import ExcessiveError
from exporter.model.shared import shared
from exporter.model.wire import SUPPRESS, Flag, Many, Metadata, Text, instant, wire

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
class Reference:
    """One sourceRef: the volume it makes, and the DataSource it is cloned from (an empty namespace is the VM's own)."""

    volume: str
    kind: str
    namespace: str
    name: str
    index: int = 0
    """Its place in dataVolumeTemplates, which a patch of it needs."""

    @property
    def dynamic(self) -> bool:
        """A parameter has no value yet, or an empty one: what this names is known once the template is processed."""
        return not self.name or "${" in self.namespace or "${" in self.name or "${" in self.kind

    @property
    def supported(self) -> bool:
        """KubeVirt follows references to DataSources only. The API demands a kind, so a missing one says nothing."""
        return self.kind in ("DataSource", "")

    @property
    def definite(self) -> bool:
        """It names one DataSource, whether or not that exists."""
        return self.supported and not self.dynamic


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachine:
    """What we keep of a VirtualMachine that is cloned from DataSources; others have no row."""

    references: tuple[Reference, ...]
    running: bool
    """status.created: its instance exists, so its volumes do."""
    deferred: bool
    """Its volumes are made at its first start only."""
    failure: str
    """Message of a Failure=True condition with reason FailedCreate; "" if there is none."""
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


def _cloned(machine: VirtualMachineObject) -> list[tuple[int, DataVolumeTemplate, SourceRef]]:
    """The volume templates with a sourceRef, each with its place and with that. Raises ExcessiveError."""
    templates = (machine.spec.data_volume_templates or ()) if machine.spec else ()
    found = [
        (index, template, template.spec.source_ref)
        for index, template in enumerate(templates)
        if template.spec and template.spec.source_ref
    ]
    bounded(found)
    for index, template, ref in found:
        named = template.metadata.name if template.metadata else ""
        if any(len(text or "") > LONGEST_NAME for text in (named, ref.kind, ref.namespace, ref.name)):
            field = f"spec.dataVolumeTemplates.{index}"
            raise ExcessiveError(field, f"a name has more than {LONGEST_NAME} characters")
    return found


def bounded(references: Collection[object]) -> None:
    """Raises ExcessiveError if one object refers to more DataSources than are read."""
    if len(references) > MOST_REFERENCES:
        problem = f"{len(references)} references to DataSources; objects with more than {MOST_REFERENCES} are not read"
        raise ExcessiveError("spec.dataVolumeTemplates", problem)


def referenced(machine: VirtualMachineObject) -> tuple[Reference, ...]:
    """The sourceRefs of a machine, in order. Repeated strings are shared: a cluster has thousands of them."""
    return tuple(
        Reference(
            volume=(template.metadata.name or "") if template.metadata else "",
            kind=shared(ref.kind or ""),
            namespace=shared(ref.namespace or ""),
            name=shared(ref.name or ""),
            index=index,
        )
        for index, template, ref in _cloned(machine)
    )


def virtual_machine_row(wired: VirtualMachineObject) -> VirtualMachine | None:
    """What we keep of a machine; None if nothing of it is cloned from a DataSource."""
    cloned = _cloned(wired)
    if not cloned:
        return None
    status = wired.status or VirtualMachineStatus()
    failure = _failure(status)
    suppress = (wired.metadata.annotations or {}).get(SUPPRESS, "")[: LONGEST_ANNOTATION + 1]
    if status.created and failure is None and not suppress:
        own = wired.metadata.namespace
        return _settled(tuple((ref.kind or "", ref.namespace or own, ref.name or "") for _, _, ref in cloned))
    return VirtualMachine(
        references=referenced(wired),
        running=bool(status.created),
        deferred=(wired.metadata.annotations or {}).get(IMMEDIATE) == "false",
        failure=excerpt(failure.message or failure.reason or "", LONGEST_MESSAGE) if failure else "",
        failed_since=instant(failure.last_transition_time or "") if failure else None,
        created=wired.metadata.creation_timestamp,
        told=bool(status.printable_status or status.conditions or status.created),
        suppress=suppress,
    )


def _failure(status: VirtualMachineStatus) -> MachineCondition | None:
    conditions = status.conditions or ()
    return next(
        (c for c in conditions if c.type == "Failure" and c.status == "True" and c.reason == "FailedCreate"), None
    )


@lru_cache(maxsize=4096)
def _settled(named: tuple[tuple[str, str, str], ...]) -> VirtualMachine:
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


@wire
class Parameter:
    """A parameter of a template. One with `generate` and no value gets its value when the template is processed."""

    name: Text = ""
    value: Text = ""
    generate: Text = ""
    required: Flag = False


_PARAMETER: Final = re.compile(r"\$\{\{([a-zA-Z0-9_]+)\}\}|\$\{([a-zA-Z0-9_]+)\}")


def substituted(references: Iterable[Reference], parameters: tuple[Parameter, ...]) -> tuple[Reference, ...]:
    """The references with their parameters replaced by their values. Raises ExcessiveError.

    `${N}` is replaced anywhere, `${{N}}` where it is the whole string. A parameter without a value that is generated
    or must be given stays as it is, and the reference is then dynamic.
    """
    values = {p.name: p.value for p in parameters if p.value or not (p.generate or p.required)}
    return tuple(
        Reference(
            volume=_filled(reference.volume, values),
            kind=_filled(reference.kind, values),
            namespace=_filled(reference.namespace, values),
            name=_filled(reference.name, values),
            index=reference.index,
        )
        for reference in references
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        whole, name = match[1] is not None, match[1] or match[2]
        return _short(match[0] if whole and match[0] != text else values.get(name, match[0]))

    return _short(_PARAMETER.sub(value, text))


def _short(text: str) -> str:
    """A long value that is named a thousand times would be larger than all memory."""
    if len(text) > LONGEST_NAME:
        raise ExcessiveError("parameters", f"a name has more than {LONGEST_NAME} characters with its parameters")
    return text


@wire
class VirtualMachineTemplateSpec:
    """The spec of a VirtualMachineTemplate."""

    parameters: Many[Parameter] = ()
    virtual_machine: VirtualMachineObject | None = None


@wire
class VirtualMachineTemplateObject:
    """A VirtualMachineTemplate as it is on the wire."""

    metadata: Metadata
    spec: VirtualMachineTemplateSpec = Field(default_factory=VirtualMachineTemplateSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachineTemplate:
    """What we keep of a VirtualMachineTemplate: the DataSources that its machine refers to."""

    references: tuple[Reference, ...]
    suppress: str = ""
    """The annotation that mutes findings."""


def virtual_machine_template_row(wired: VirtualMachineTemplateObject) -> VirtualMachineTemplate | None:
    """The references of the template's machine; None if it makes none from a DataSource."""
    machine = wired.spec.virtual_machine
    references = substituted(referenced(machine), wired.spec.parameters) if machine else ()
    suppress = wired.metadata.annotations.get(SUPPRESS, "")
    return VirtualMachineTemplate(references=references, suppress=suppress) if references else None
