"""hco.kubevirt.io: the HyperConverged CR, whose fields have moved between versions.

Sources: HCO's CRDs of the tags 1.6 to 1.20-dev. CNV 4.y ships HCO 1.(y-4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, WrapValidator

from exporter.model.cdi import DataImportCronSpec
from exporter.model.raw import Raw
from exporter.model.tolerant import decode_item
from exporter.model.wire import Absent, Condition, Flag, Many, Metadata, Text, find, instant, wire

ENABLE = "dataimportcrontemplate.kubevirt.io/enable"
"""On an entry: enabled if absent or "true" in any case; anything else disables."""
ARCHITECTURES = "ssp.kubevirt.io/dict.architectures"
"""On an entry: comma-separated architectures of its image."""
JSONPATCH_SSP = "ssp.kubevirt.io/jsonpatch"
"""On HCO: patches that HCO applies to the SSP CR behind the API's back."""
PAUSED = "kubevirt.io/operator.paused"
"""On SSP: "true" stops its reconciliation."""
GATE = "enableCommonBootImageImport"


def _last_spec_edit(value: object) -> object:
    """Reduce metadata.managedFields to the newest edit of the spec by anyone; None if the server did not track it."""
    if not isinstance(value, list):
        return value
    edits = [
        at
        for entry in value
        if isinstance(entry, dict) and not entry.get("subresource") and "f:spec" in (entry.get("fieldsV1") or {})
        for at in [instant(str(entry.get("time", "")))]
        if at
    ]
    return max(edits, default=None)


@wire
class EditedMetadata(Metadata):
    """Metadata of an object for which it matters when its spec was last edited."""

    spec_edited: Annotated[datetime | None, BeforeValidator(_last_spec_edit)] = Field(
        default=None, alias="managedFields"
    )


def _feature_gates(value: object) -> object:
    """Feature gates by lower-case name: v1beta1 has a map of booleans, v1 a list; upgrades have left `{}` in v1."""
    if isinstance(value, dict):
        return {str(k).lower(): v for k, v in value.items() if isinstance(v, bool)}
    if isinstance(value, list):
        named = [g for g in value if isinstance(g, dict) and g.get("name")]
        return {str(g["name"]).lower(): g.get("state") in (None, "", "Enabled") for g in named}
    return {} if value is None else value


@wire
class Entry:
    """One item of a dataImportCronTemplates list, as HCO and SSP hold it."""

    metadata: Metadata = Field(default_factory=Metadata)
    spec: DataImportCronSpec | None = None
    written: Raw = Field(default_factory=dict)
    """The entry as it is written, with fields that the model does not name: CDI's admission looks at them."""
    unreadable: tuple[str, ...] = ()
    """Fields that do not have the type that the API prescribes. The model goes on without them."""

    @property
    def name(self) -> str:
        """The name that identifies the entry along the way."""
        return self.metadata.name

    @property
    def enabled(self) -> bool:
        """HCO's rule: absent or "true", ignoring case but not spaces."""
        return self.metadata.annotations.get(ENABLE, "true").lower() == "true"


TolerantEntry = Annotated[Entry, WrapValidator(decode_item)]
"""An entry in a list: what is wrong with one entry must not make the whole object unreadable."""


@wire
class EntryStatus:
    """What HCO says of an entry in its own status."""

    common_template: Flag = False
    modified: Flag = False
    original_supported_architectures: Text = ""
    conditions: Many[Condition] = ()


@wire
class StatusEntry(Entry):
    """One item of HCO's status.dataImportCronTemplates."""

    status: Annotated[EntryStatus, BeforeValidator(lambda v: {} if v is None else v)] = Field(
        default_factory=EntryStatus
    )


TolerantStatusEntry = Annotated[StatusEntry, WrapValidator(decode_item)]


@wire
class WorkloadSources:
    """spec.workloadSources of v1."""

    enable_common_boot_image_import: bool | None = None
    enable_multi_arch_boot_image_import: bool | None = None
    common_boot_image_namespace: Text = ""
    data_import_cron_templates: Many[TolerantEntry] = ()


@wire
class HyperConvergedSpec:
    """The spec in v1 and v1beta1 at once: each version fills its own part."""

    feature_gates: Annotated[dict[str, bool], BeforeValidator(_feature_gates)] = Field(default_factory=dict)
    enable_common_boot_image_import: bool | None = None
    common_boot_image_namespace: Text = ""
    data_import_cron_templates: Many[TolerantEntry] = ()
    workload_sources: WorkloadSources | None = None


@wire
class HcoNodeInfo:
    """Architectures of the cluster as HCO sees them (1.16 and later)."""

    workloads_architectures: Many[str] = ()
    control_plane_architectures: Many[str] = ()


@wire
class Version:
    """One item of status.versions."""

    name: Text = ""
    version: Text = ""


@wire
class HyperConvergedStatus:
    """The status, the same in both versions."""

    conditions: Many[Condition] = ()
    observed_generation: int | None = None
    data_import_schedule: Text = ""
    data_import_cron_templates: Many[TolerantStatusEntry] = ()
    node_info: HcoNodeInfo | None = None
    system_health_status: Text = ""
    versions: Many[Version] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """The switch for all common boot sources."""

    on: bool
    path: str
    """JSON path of the field that counts on this version, from `spec`."""
    dead: dict[str, bool]
    """Fields that look like the switch but are ignored by this version, with their values."""


@wire
class HyperConverged:
    """The one CR that lists boot sources and switches the common ones."""

    api_version: Text = ""
    metadata: EditedMetadata
    spec: HyperConvergedSpec = Field(default_factory=HyperConvergedSpec)
    status: HyperConvergedStatus = Field(default_factory=HyperConvergedStatus)

    def condition(self, type_: str) -> Condition | Absent:
        """A condition by type, or ABSENT."""
        return find(self.status.conditions, type_)

    @property
    def is_v1(self) -> bool:
        """Read through hco.kubevirt.io/v1, where boot sources live in spec.workloadSources."""
        return self.api_version.endswith("/v1")

    @property
    def minor(self) -> int | None:
        """HCO's minor version (18 for HCO 1.18 and for CNV 4.22); None if status does not tell."""
        text = next((v.version for v in self.status.versions if v.name == "operator"), "")
        match = re.match(r"v?(\d+)\.(\d+)", text)
        if not match:
            return None
        major, minor = int(match[1]), int(match[2])
        return minor - 4 if major == 4 else minor

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The administrator's entries, wherever this version keeps them."""
        return self._box.data_import_cron_templates

    @property
    def boot_image_namespace(self) -> str:
        """The commonBootImageNamespace; "" if the golden image namespace is the built-in one."""
        return self._box.common_boot_image_namespace

    @property
    def _box(self) -> WorkloadSources | HyperConvergedSpec:
        return (self.spec.workload_sources or WorkloadSources()) if self.is_v1 else self.spec

    @property
    def entries_path(self) -> str:
        """JSON path of the list of entries on this version."""
        return f"spec.{'workloadSources.' if self.is_v1 else ''}dataImportCronTemplates"

    @property
    def gate(self) -> Gate:
        """The gate at the place where this version looks for it, and where it does not look any more.

        v1: spec.workloadSources; v1beta1 since HCO 1.15: spec; before: spec.featureGates. The default is true in every
        version's CRD. An HCO that does not tell its version shows its age by the fields it has.
        """
        gates, spec = self.spec.feature_gates, self.spec
        old = {f"spec.featureGates.{GATE}": gates[GATE.lower()]} if GATE.lower() in gates else {}
        if self.is_v1:
            value = (spec.workload_sources or WorkloadSources()).enable_common_boot_image_import
            return Gate(value is not False, f"spec.workloadSources.{GATE}", old)
        minor = self.minor
        moved = spec.enable_common_boot_image_import is not None or not old if minor is None else minor >= 15
        if moved:
            return Gate(spec.enable_common_boot_image_import is not False, f"spec.{GATE}", old)
        return Gate(gates.get(GATE.lower(), True), f"spec.featureGates.{GATE}", {})

    @property
    def multi_arch(self) -> bool:
        """Boot sources are imported per architecture (HCO 1.16 and later; off by default)."""
        explicit = (self.spec.workload_sources or WorkloadSources()).enable_multi_arch_boot_image_import
        return self.spec.feature_gates.get("enablemultiarchbootimageimport", False) if explicit is None else explicit


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
        return find(self.status.conditions, type_)

    @property
    def paused(self) -> bool:
        """Somebody has stopped SSP's reconciliation."""
        return self.status.paused or self.metadata.annotations.get(PAUSED) == "true"
