"""hco.kubevirt.io: the HyperConverged CR, whose fields have moved between versions.

Sources: HCO's CRDs of the tags 1.6 to 1.20-dev. CNV 4.y ships HCO 1.(y-4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, WrapValidator

from exporter.model.cdi import DataImportCronSpec
from exporter.model.edits import EditedMetadata
from exporter.model.errors import UnreadableError
from exporter.model.hco_layout import (
    LAYOUTS,
    Layout,
    Release,
    Switch,
    feature_gates,
    layout_of,
    misshapen_gates,
    release_of,
)
from exporter.model.raw import Raw
from exporter.model.tolerant import decode_item
from exporter.model.wire import Absent, Condition, Flag, Many, Metadata, Text, find_condition, problem_of, wire

ENABLE = "dataimportcrontemplate.kubevirt.io/enable"
"""On an entry: enabled if absent or "true" in any case; anything else disables."""
ARCHITECTURES = "ssp.kubevirt.io/dict.architectures"
"""On an entry: comma-separated architectures of its image."""
JSONPATCH_SSP = "ssp.kubevirt.io/jsonpatch"
"""On HCO: patches that HCO applies to the SSP CR behind the API's back."""
JSONPATCH_CDI = "containerizeddataimporter.kubevirt.io/jsonpatch"
"""The same for the CDI CR."""
HCO_NAME = "kubevirt-hyperconverged"
"""HCO's CRD allows no other name."""
T = TypeVar("T")


@wire
class BootSourceEntry:
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


TolerantEntry = Annotated[BootSourceEntry, WrapValidator(decode_item)]
"""An entry in a list: what is wrong with one entry must not make the whole object unreadable."""


@wire
class EntryStatus:
    """What HCO says of an entry in its own status."""

    common_template: Flag = False
    modified: Flag = False
    original_supported_architectures: Text = ""
    conditions: Many[Condition] = ()


@wire
class StatusEntry(BootSourceEntry):
    """One item of HCO's status.dataImportCronTemplates."""

    status: Annotated[EntryStatus, BeforeValidator(lambda v: {} if v is None else v)] = Field(
        default_factory=EntryStatus
    )


TolerantStatusEntry = Annotated[StatusEntry, WrapValidator(decode_item)]


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
    versions: Many[Version] = ()

    @property
    def operator_version(self) -> str:
        """What HCO says of its own version; "" if it has not said."""
        return next((v.version for v in self.versions if v.name == "operator"), "")


@dataclass(frozen=True, slots=True)
class Gate:
    """The switch for all common boot sources."""

    on: bool
    path: Switch
    """The field that counts."""
    dead: Mapping[Switch, bool]
    """Fields that look like the switch but are ignored by this layout, with their values."""


@wire
class HyperConvergedObject:
    """A HyperConverged as it is on the wire; what of its spec is read, and where, is up to its layout."""

    api_version: Text = ""
    metadata: EditedMetadata
    spec: Annotated[dict[str, Any], BeforeValidator(lambda v: {} if v is None else v)] = Field(default_factory=dict)
    status: HyperConvergedStatus = Field(default_factory=HyperConvergedStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class HyperConverged:
    """The one CR that lists boot sources and switches the common ones, whatever its version."""

    api_version: str
    metadata: EditedMetadata
    layout: Layout
    """Where this version keeps things: commands and messages take their paths from it."""
    gate: Gate
    entries: tuple[BootSourceEntry, ...]
    """The administrator's entries, in the order of the list."""
    boot_image_namespace: str
    """The commonBootImageNamespace; "" if the golden image namespace is the built-in one."""
    multi_arch: bool
    """Boot sources are imported per architecture; off by default."""
    feature_gates: Mapping[str, bool]
    """By their names in lower case."""
    misshapen_gates: Mapping[str, bool] | None
    """The gates as written, where they are a map and the layout has a list; None where their shape is right."""
    status: HyperConvergedStatus

    def condition(self, type_: str) -> Condition | Absent:
        """A condition by type, or ABSENT."""
        return find_condition(self.status.conditions, type_)

    @property
    def release(self) -> Release | None:
        """HCO's release in its own numbering; None if status does not tell."""
        return release_of(self.status.operator_version)


def hyperconverged_row(wired: HyperConvergedObject) -> HyperConverged:
    """Read the spec by the layout of its API version and of the HCO that writes its status. Raises UnreadableError."""
    version = wired.status.operator_version
    layout = layout_of(wired.api_version, release_of(version))
    manifest = {"spec": wired.spec}
    return HyperConverged(
        api_version=wired.api_version,
        metadata=wired.metadata,
        layout=layout,
        gate=_gate(layout, manifest, stated=bool(version)),
        entries=_decode(_ENTRIES, layout.entries, manifest),
        boot_image_namespace=_decode(_TEXT, layout.image_namespace, manifest),
        multi_arch=bool(next((on for on in _multi_arch(layout, manifest) if on is not None), False)),
        feature_gates=feature_gates(manifest),
        misshapen_gates=misshapen_gates(layout, manifest),
        status=wired.status,
    )


_ENTRIES: Final = TypeAdapter[tuple[BootSourceEntry, ...]](Many[TolerantEntry])
_TEXT: Final = TypeAdapter[str](Text)
_SWITCH: Final = TypeAdapter[bool | None](bool | None)


def _decode(adapter: TypeAdapter[T], path: Switch, manifest: Mapping[str, Any]) -> T:
    try:
        return adapter.validate_python(path.read(manifest))
    except ValidationError as error:
        below, problem = problem_of(error)
        raise UnreadableError(".".join((str(path), *below)), problem) from None


def _gate(layout: Layout, manifest: Mapping[str, Any], *, stated: bool) -> Gate:
    """The gate where the layout has it; the default is true in every version's CRD.

    An HCO that has not stated its version yet may be older than the newest layout. The CRD fills the gate in where
    that HCO looks for it, so the place where it stands is the one that counts.
    """
    value = _decode(_SWITCH, layout.gate, manifest)
    old = {path: on for path in layout.ignored_gates if (on := _decode(_SWITCH, path, manifest)) is not None}
    earlier = {other.gate for other in LAYOUTS if other.api_version == layout.api_version}
    if not stated and value is None:
        for path, on in old.items():
            if path in earlier:
                return Gate(on, path, {})
    return Gate(value is not False, layout.gate, old)


def _multi_arch(layout: Layout, manifest: Mapping[str, Any]) -> Iterator[bool | None]:
    for path in (layout.multi_arch, layout.multi_arch_fallback):
        if path is not None:
            yield _decode(_SWITCH, path, manifest)
