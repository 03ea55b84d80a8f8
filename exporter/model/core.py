"""Kubernetes' own core, batch and apps objects that boot sources hang on."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from exporter.model.wire import Flag, Many, Metadata, Text, wire


@wire
class Requests:
    """resources.requests, as quantities in text."""

    storage: Text = ""


@wire
class Resources:
    """spec.resources of a claim."""

    requests: Requests | None = None


@wire
class ClaimSpec:
    """The spec of a PersistentVolumeClaim, or of the claim that a DataVolume asks for."""

    storage_class_name: Text = ""
    volume_name: Text = ""
    volume_mode: Text = ""
    access_modes: Many[str] = ()
    resources: Resources | None = None


@wire
class ClaimStatus:
    """The status of a PersistentVolumeClaim."""

    phase: Text = ""


@wire
class PersistentVolumeClaim:
    """A claim in a namespace where boot sources live."""

    metadata: Metadata
    spec: ClaimSpec = Field(default_factory=ClaimSpec)
    status: ClaimStatus = Field(default_factory=ClaimStatus)


@wire
class NamespaceStatus:
    """The status of a Namespace."""

    phase: Text = ""


@wire
class Namespace:
    """A Namespace."""

    metadata: Metadata
    status: NamespaceStatus = Field(default_factory=NamespaceStatus)


@wire
class NodeInfo:
    """What a node says about itself."""

    architecture: Text = ""


@wire
class NodeStatus:
    """The status of a Node."""

    node_info: NodeInfo | None = None


@wire
class Node:
    """A Node: only its architecture matters."""

    metadata: Metadata
    status: NodeStatus = Field(default_factory=NodeStatus)

    @property
    def architecture(self) -> str:
        """amd64, arm64, s390x, ...; "" if the node has not said."""
        info = self.status.node_info
        return info.architecture if info else self.metadata.labels.get("kubernetes.io/arch", "")


@wire
class CronJobSpec:
    """The spec of a CronJob."""

    schedule: Text = ""
    suspend: Flag = False


@wire
class CronJobStatus:
    """When the CronJob controller last started a Job, and when one last succeeded."""

    last_schedule_time: datetime | None = None
    last_successful_time: datetime | None = None


@wire
class CronJob:
    """A CronJob that polls a registry for a DataImportCron, in CDI's namespace."""

    metadata: Metadata
    spec: CronJobSpec = Field(default_factory=CronJobSpec)
    status: CronJobStatus = Field(default_factory=CronJobStatus)
