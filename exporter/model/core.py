"""Kubernetes' own core, batch and apps objects that boot sources hang on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from exporter.base.excerpts import both_ends
from exporter.model.interning import intern
from exporter.model.quantity import bytes_of
from exporter.model.wire import ABSENT, Condition, Flag, Given, Many, Metadata, Text, find_condition, wire


def _quantity(value: object) -> object:
    """A quantity may be written as a number: 30 is 30 bytes."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_text(value: object) -> object:
    """Quantities may be written as numbers."""
    if value is None:
        return {}
    return {k: _quantity(v) for k, v in value.items()} if isinstance(value, dict) else value


@wire
class Quantities:
    """Quantities by resource name, as text; storage is the one that matters."""

    storage: Annotated[Text, BeforeValidator(_quantity)] = ""


@wire
class Resources:
    """spec.resources of a claim."""

    requests: Quantities | None = None


@wire
class ClaimSpec:
    """The spec of a PersistentVolumeClaim, or of the claim that a DataVolume asks for."""

    storage_class_name: Given = None
    """An empty name is one: it asks for no class at all, where none given asks for the default."""
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
    capacity: Quantities | None = None
    """What the storage has provisioned, once it is bound."""


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

    name: Text = ""
    state: ContainerState | None = None


@wire
class Container:
    """A container of a pod: only its name matters."""

    name: Text = ""


@wire
class PodSpec:
    """The spec of a Pod."""

    containers: Many[Container] = ()


@wire
class PodStatus:
    """The status of a Pod."""

    phase: Text = ""
    container_statuses: Many[ContainerStatus] = ()
    init_container_statuses: Many[ContainerStatus] = ()
    conditions: Many[Condition] = ()


@wire
class Pod:
    """A Pod that polls a source for a DataImportCron, or that imports an image."""

    metadata: Metadata
    spec: PodSpec = Field(default_factory=PodSpec)
    status: PodStatus = Field(default_factory=PodStatus)

    @property
    def waiting(self) -> Waiting | None:
        """Why its first waiting container waits; None if none does."""
        states = (c.state for c in (*self.status.init_container_statuses, *self.status.container_statuses))
        return next((state.waiting for state in states if state and state.waiting), None)

    @property
    def unscheduled(self) -> str:
        """Why no node takes it; "" if one has."""
        told = find_condition(self.status.conditions, "PodScheduled")
        return told.message or told.reason if told is not ABSENT and told.false else ""

    def owner(self, kind: str) -> str:
        """The name of its owner of this kind; "" if it has none."""
        return next((o.name for o in self.metadata.owner_references if o.kind == kind), "")


_POLLER: Final = "cdi-source-update-poller"
"""The container in which CDI polls a registry."""
_POLLER_LABEL: Final = "cdi.kubevirt.io/dataImportCronPoller"
_ROLE_LABEL: Final = "cdi.kubevirt.io"
"""On pods of CDI: importer, cloner, uploadserver."""


def cdi_pod_row(pod: Pod) -> Pod | None:
    """Keep pods that poll a source, on a node or in CDI's namespace, and importers; of none of them what it runs."""
    owners = {o.kind for o in pod.metadata.owner_references}
    labels = pod.metadata.labels
    polls = "DataImportCron" in owners or _POLLER_LABEL in labels or any(c.name == _POLLER for c in pod.spec.containers)
    return replace(pod, spec=_NO_CONTAINERS) if polls or labels.get(_ROLE_LABEL) == "importer" else None


_NO_CONTAINERS: Final = PodSpec()


@wire
class InvolvedObject:
    """What an event is about."""

    kind: Text = ""
    namespace: Text = ""
    name: Text = ""


@wire
class EventObject:
    """An Event as it is on the wire; `Event` is what we keep of it."""

    metadata: Metadata
    involved_object: InvolvedObject = Field(default_factory=InvolvedObject)
    reason: Text = ""
    message: Text = ""
    type: Text = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A warning about an object that an import or a poll depends on.

    When it was repeated is not kept: that changes every few seconds, and nothing is judged by it. Kubernetes deletes
    events after an hour, OpenShift after three.
    """

    kind: str
    name: str
    reason: str
    message: str
    metadata: Metadata


_TOLD_OF: Final = frozenset({"PersistentVolumeClaim", "Pod", "Job", "DataVolume", "DataImportCron", "VolumeSnapshot"})
_NUMEROUS_PODS: Final = ("virt-launcher-", "hp-volume-")
"""Pods of virtual machines, of which a namespace has thousands; no import and no poll depends on them."""


def warning_row(wired: EventObject) -> Event | None:
    """Keep warnings about objects of imports and polls, with a message of bounded length."""
    told = wired.involved_object
    if wired.type != "Warning" or told.kind not in _TOLD_OF or told.name.startswith(_NUMEROUS_PODS):
        return None
    reason, message = intern(both_ends(wired.reason, 128)), intern(both_ends(wired.message))
    return Event(told.kind, told.name, reason, message, wired.metadata)


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
