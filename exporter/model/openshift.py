"""image.openshift.io and template.openshift.io: ImageStreams that crons follow, Templates that refer to DataSources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from exporter.model.clones import Reference
from exporter.model.kubevirt import VirtualMachineObject, references_of, require_few
from exporter.model.machine_templates import Parameter, substituted
from exporter.model.wire import SUPPRESS, Condition, Many, Metadata, Text, wire

BASE_TYPE = "template.kubevirt.io/type"
"""Label: "base" marks a common template, which SSP owns and reverts."""
DEPRECATED = "template.kubevirt.io/deprecated"


@wire
class TagImage:
    """One image that a tag has pointed at; the first is the current one."""

    created: datetime | None = None
    image: Text = ""


@wire
class TagStatus:
    """One entry of status.tags. A healthy tag has no ImportSuccess condition."""

    tag: Text = ""
    items: Many[TagImage] = ()
    conditions: Many[Condition] = ()


@wire
class TagOrigin:
    """Where a tag is imported from; a registry's image has the kind DockerImage."""

    kind: Text = ""
    name: Text = ""


@wire
class TagSpec:
    """One entry of spec.tags."""

    name: Text = ""
    origin: TagOrigin | None = Field(default=None, alias="from")


@wire
class ImageStreamSpec:
    """The spec of an ImageStream."""

    tags: Many[TagSpec] = ()


@wire
class ImageStreamStatus:
    """The status of an ImageStream."""

    tags: Many[TagStatus] = ()


@wire
class ImageStream:
    """Follows images in a registry; CDI reads the digest of its newest image."""

    metadata: Metadata
    spec: ImageStreamSpec = Field(default_factory=ImageStreamSpec)
    status: ImageStreamStatus = Field(default_factory=ImageStreamStatus)

    def origin(self, tag: str) -> str:
        """The image that a tag is imported from; "" if it is not told, or is no image of a registry."""
        told = next((t.origin for t in self.spec.tags if t.name == tag and t.origin), None)
        return told.name if told is not None and told.kind == "DockerImage" else ""


@wire
class TemplateObject:
    """An OpenShift Template as it is on the wire."""

    metadata: Metadata
    parameters: Many[Parameter] = ()
    objects: Many[VirtualMachineObject] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What we keep of a Template: what its virtual machines are cloned from."""

    common: bool
    deprecated: bool
    references: tuple[Reference, ...]
    suppress: str = ""
    """The annotation that mutes findings."""


def template_row(wired: TemplateObject) -> Template | None:
    """The references of a Template's virtual machines; None if nothing of them is cloned."""
    machines = [
        o for o in wired.objects if o.kind == "VirtualMachine" and (o.api_version or "").startswith("kubevirt.io/")
    ]
    found = [reference for machine in machines for reference in references_of(machine)]
    require_few(found)
    references = substituted(found, wired.parameters)
    if not references:
        return None
    labels, annotations = wired.metadata.labels, wired.metadata.annotations
    return Template(
        common=labels.get(BASE_TYPE) == "base",
        deprecated="true" in (labels.get(DEPRECATED), annotations.get(DEPRECATED)),
        references=references,
        suppress=annotations.get(SUPPRESS, ""),
    )
