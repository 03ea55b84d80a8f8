"""Kubernetes' own core, batch and apps objects that boot sources hang on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from exporter.model.quantity import bytes_of
from exporter.model.wire import Flag, Many, Metadata, Text, wire


def _quantity(value: object) -> object:
    """A quantity may be written as a number: 30 is 30 bytes."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_text(value: object) -> object:
    """Quantities may be written as numbers."""
    if value is None:
        return {}
    return {k: _quantity(v) for k, v in value.items()} if isinstance(value, dict) else value


@wire
class Requests:
    """resources.requests, as quantities in text."""

    storage: Annotated[Text, BeforeValidator(_quantity)] = ""


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

    @property
    def requested(self) -> str:
        """The storage that it requests, as a quantity; "" if it does not say."""
        requests = self.resources.requests if self.resources else None
        return requests.storage if requests else ""


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
class QuotaStatus:
    """What a ResourceQuota allows and what is in use, as quantities by resource name."""

    hard: Annotated[dict[str, str], BeforeValidator(_as_text)] = Field(default_factory=dict)
    used: Annotated[dict[str, str], BeforeValidator(_as_text)] = Field(default_factory=dict)


@wire
class ResourceQuota:
    """A limit on what a namespace may hold."""

    metadata: Metadata
    status: QuotaStatus = Field(default_factory=QuotaStatus)

    def left(self, resource: str) -> Decimal | None:
        """How much of a resource may still be made; None if the quota does not limit it."""
        hard, used = bytes_of(self.status.hard.get(resource, "")), bytes_of(self.status.used.get(resource, "0"))
        return None if hard is None or used is None else hard - used


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
class Waiting:
    """Why a container does not run."""

    reason: Text = ""
    message: Text = ""


@wire
class ContainerState:
    """The state of a container."""

    waiting: Waiting | None = None


@wire
class ContainerStatus:
    """What the kubelet says of a container."""

    state: ContainerState | None = None


@wire
class PodStatus:
    """The status of a Pod."""

    phase: Text = ""
    container_statuses: Many[ContainerStatus] = ()


@wire
class Pod:
    """A Pod that polls an image on a node for a DataImportCron."""

    metadata: Metadata
    status: PodStatus = Field(default_factory=PodStatus)

    @property
    def waiting(self) -> Waiting | None:
        """Why its first waiting container waits; None if none does."""
        states = (c.state for c in self.status.container_statuses)
        return next((state.waiting for state in states if state and state.waiting), None)


def poller_pod_row(pod: Pod) -> Pod | None:
    """Keep only pods that a DataImportCron owns."""
    return pod if any(o.kind == "DataImportCron" for o in pod.metadata.owner_references) else None


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
