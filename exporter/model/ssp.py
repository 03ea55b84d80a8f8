"""ssp.kubevirt.io: the SSP CR, which HCO writes and from which SSP makes DataImportCrons, DataSources and templates."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from exporter.model.edits import EditedMetadata
from exporter.model.hco import TolerantEntry
from exporter.model.wire import Absent, Condition, Flag, Many, Text, find_condition, wire

PAUSED = "kubevirt.io/operator.paused"
"""On SSP: "true" stops its reconciliation."""


@wire
class CommonTemplates:
    """SSP's spec.commonTemplates."""

    namespace: Text = ""
    data_import_cron_templates: Many[TolerantEntry] = ()


@wire
class SspCluster:
    """SSP's spec.cluster (v1beta3)."""

    workload_architectures: Many[str] = ()
    control_plane_architectures: Many[str] = ()


def _common_templates(value: object) -> object:
    return {} if value is None else value


@wire
class SSPSpec:
    """The spec of the SSP CR."""

    common_templates: Annotated[CommonTemplates, BeforeValidator(_common_templates)] = Field(
        default_factory=CommonTemplates
    )
    enable_multiple_architectures: Flag = False
    cluster: SspCluster | None = None


@wire
class SSPStatus:
    """The status of the SSP CR."""

    phase: Text = ""
    conditions: Many[Condition] = ()
    observed_generation: int | None = None
    paused: Flag = False
    observed_version: Text = ""


@wire
class SSP:
    """The CR from which SSP makes DataImportCrons, DataSources and templates; HCO owns it and reverts edits."""

    metadata: EditedMetadata
    spec: SSPSpec = Field(default_factory=SSPSpec)
    status: SSPStatus = Field(default_factory=SSPStatus)

    def condition(self, type_: str) -> Condition | Absent:
        """Available, Progressing or Degraded, or ABSENT. The reason always equals the type."""
        return find_condition(self.status.conditions, type_)

    @property
    def paused(self) -> bool:
        """Somebody has stopped SSP's reconciliation."""
        return self.status.paused or self.metadata.annotations.get(PAUSED) == "true"
