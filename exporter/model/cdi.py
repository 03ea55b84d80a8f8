"""cdi.kubevirt.io: crons and DataSources, and the bookkeeping that CDI leaves in annotations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from exporter.model.core import ClaimSpec
from exporter.model.raw import Raw, limit_object
from exporter.model.wire import Absent, Condition, Many, Metadata, Text, find_condition, parse_instant, wire

CRON_LABEL = "cdi.kubevirt.io/dataImportCron"
"""On DataSource, DataVolume, claim, snapshot, CronJob: the name of the cron that manages it."""
CRON_NAMESPACE_LABEL = "cdi.kubevirt.io/dataImportCronNs"
"""On the poller CronJob: the namespace of its cron."""
CLEANUP_LABEL = "cdi.kubevirt.io/dataImportCron.cleanup"
"""Everything with this label and the cron label is deleted with the cron."""
BIND_IMMEDIATE = "cdi.kubevirt.io/storage.bind.immediate.requested"
"""Its presence counts, whatever the value."""
_IMPORT = "cdi.kubevirt.io/storage.import."
DESIRED_DIGEST = _IMPORT + "sourceDesiredDigest"
LAST_CRON_TIME = _IMPORT + "lastCronTime"
NEXT_CRON_TIME = _IMPORT + "nextCronTime"
STORAGE_CLASS = _IMPORT + "storageClass"
DEFAULT_PREFERENCE = "instancetype.kubevirt.io/default-preference"
"""On DataSource, claim and snapshot: the VirtualMachineClusterPreference that suits the image."""
PRIMARY_RESOURCE = "operator-sdk/primary-resource"
"""The namespace and name of the SSP that made it."""
PRIMARY_RESOURCE_TYPE = "operator-sdk/primary-resource-type"
SSP_TYPE = "SSP.ssp.kubevirt.io"


def owned_by_ssp(metadata: Metadata) -> bool:
    """SSP created it and reverts edits of it."""
    return metadata.annotations.get(PRIMARY_RESOURCE_TYPE) == SSP_TYPE


@wire
class PlatformOptions:
    """For which architecture an image is pulled."""

    architecture: Text = ""


@wire
class RegistrySource:
    """An image in a registry: a URL, or an ImageStream of the cron's namespace."""

    url: Text = ""
    image_stream: Text = ""
    pull_method: Text = ""
    secret_ref: Text = ""
    cert_config_map: Text = ""
    platform: PlatformOptions | None = None


@wire
class Pointer:
    """A namespace and a name; an empty namespace means that of the object which points."""

    namespace: Text = ""
    name: Text = ""


def _or_empty(value: object) -> object:
    """Null stands for an empty map."""
    return {} if value is None else value


def _with_kinds(value: object) -> object:
    """Remember which kinds of source are set, also those that a cron cannot have (http, s3, ...)."""
    return {**value, "kinds": sorted(value)} if isinstance(value, dict) else value


@wire
class ImportSource:
    """Where a DataVolume takes its data from. `kinds` names every kind of source that is set."""

    registry: RegistrySource | None = None
    pvc: Pointer | None = None
    kinds: Many[str] = ()


@wire
class VolumeTemplateSpec:
    """The spec of the DataVolume that a cron creates."""

    source: Annotated[ImportSource, BeforeValidator(_with_kinds)] | None = None
    storage: ClaimSpec | None = None
    pvc: ClaimSpec | None = None
    content_type: Text = ""
    priority_class_name: Text = ""
    preallocation: bool | None = None


@wire
class TemplateMetadata:
    """metadata of spec.template: CDI copies both to the DataVolumes that it makes."""

    labels: Annotated[dict[str, str], BeforeValidator(_or_empty)] = Field(default_factory=dict)
    annotations: Annotated[dict[str, str], BeforeValidator(_or_empty)] = Field(default_factory=dict)


@wire
class VolumeTemplate:
    """spec.template of a cron."""

    metadata: TemplateMetadata = Field(default_factory=TemplateMetadata)
    spec: VolumeTemplateSpec = Field(default_factory=VolumeTemplateSpec)


@wire
class DataImportCronSpec:
    """The spec of a DataImportCron, and of each entry that HCO and SSP list."""

    schedule: Text = ""
    managed_data_source: Text = ""
    garbage_collect: Text = ""
    imports_to_keep: int | None = None
    retention_policy: Text = ""
    service_account_name: Text = ""
    """The account that clones from a claim (CDI 1.64 and later); "" means `default`."""
    template: VolumeTemplate = Field(default_factory=VolumeTemplate)

    @property
    def explicit_storage_class(self) -> str | None:
        """The StorageClass named in spec.storage, else in spec.pvc; None means that the default rule applies.

        An empty name is used as it is, and names no class.
        """
        spec = self.template.spec
        named = (c.storage_class_name for c in (spec.storage, spec.pvc) if c)
        return next((name for name in named if name is not None), None)


@wire
class ImportStatus:
    """One entry of status.currentImports (the keys are capitalised on the wire)."""

    data_volume_name: Text = Field(default="", alias="DataVolumeName")
    digest: Text = Field(default="", alias="Digest")


@wire
class DataImportCronStatus:
    """The status of a DataImportCron."""

    current_imports: Many[ImportStatus] = ()
    last_imported_p_v_c: Pointer | None = Field(default=None, alias="lastImportedPVC")
    last_import_timestamp: datetime | None = None
    last_execution_timestamp: datetime | None = None
    source_format: Text = ""
    conditions: Many[Condition] = ()


@wire
class DataImportCron:
    """Keeps one DataSource up to date by polling a source and importing what is new."""

    metadata: Metadata
    spec: DataImportCronSpec = Field(default_factory=DataImportCronSpec)
    written: Annotated[Raw, BeforeValidator(limit_object)] = Field(default_factory=dict, alias="spec")
    """The spec as it is written, with fields that the model does not name."""
    status: DataImportCronStatus = Field(default_factory=DataImportCronStatus)

    def condition(self, type_: str) -> Condition | Absent:
        """Progressing or UpToDate, or ABSENT if CDI has not written it."""
        return find_condition(self.status.conditions, type_)

    @property
    def source(self) -> ImportSource:
        """Where the images come from; an empty Source if none is given."""
        return self.spec.template.spec.source or ImportSource()

    @property
    def current_import(self) -> str:
        """Name of the DataVolume, claim or snapshot of the newest import; "" if there was none."""
        imports = self.status.current_imports
        return imports[0].data_volume_name if imports else ""

    @property
    def last_poll(self) -> datetime | None:
        """When the source was last polled with success: the later of the status field and CDI's annotation."""
        noted = parse_instant(self.metadata.annotations.get(LAST_CRON_TIME, ""))
        told = self.status.last_execution_timestamp
        return max(noted, told) if noted and told else noted or told


@wire
class DataSourceSource:
    """What a DataSource stands for: one of these, or none at all ({} is legal)."""

    pvc: Pointer | None = None
    snapshot: Pointer | None = None
    data_source: Pointer | None = None


@wire
class DataSourceSpec:
    """The spec of a DataSource."""

    source: DataSourceSource = Field(default_factory=DataSourceSource)


@wire
class DataSourceStatus:
    """The status of a DataSource; `source` is the resolved claim or snapshot."""

    source: DataSourceSource | None = None
    conditions: Many[Condition] = ()


@wire
class DataSource:
    """The name under which templates and virtual machines find the newest image."""

    metadata: Metadata
    spec: DataSourceSpec = Field(default_factory=DataSourceSpec)
    status: DataSourceStatus = Field(default_factory=DataSourceStatus)

    @property
    def ready(self) -> Condition | Absent:
        """The only condition that CDI writes on a DataSource."""
        return find_condition(self.status.conditions, "Ready")

    @property
    def cron(self) -> str:
        """Name of the cron that the label says manages it; "" if it is not labelled."""
        return self.metadata.labels.get(CRON_LABEL, "")

    @property
    def placeholder(self) -> bool:
        """SSP's stand-in for an operating system without a cron: it points at a claim of its own name that may come."""
        pvc = self.spec.source.pvc
        return not self.cron and owned_by_ssp(self.metadata) and pvc is not None and pvc.name == self.metadata.name


@wire
class CDIStatus:
    """The status of the CDI operator's CR."""

    phase: Text = ""
    observed_version: Text = ""
    conditions: Many[Condition] = ()


@wire
class CDIConfig:
    """What an administrator configures of CDI."""

    scratch_space_storage_class: Text = ""


@wire
class CDISpec:
    """The spec of the CDI operator's CR."""

    config: CDIConfig | None = None
    clone_strategy_override: Text = ""
    """copy, snapshot or csi-clone: used for every clone, whatever the StorageProfile says."""


@wire
class CDI:
    """The CDI operator's CR."""

    metadata: Metadata
    spec: CDISpec = Field(default_factory=CDISpec)
    status: CDIStatus = Field(default_factory=CDIStatus)
