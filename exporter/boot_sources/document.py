"""The document of /api/v1/boot-sources and `list --output json`: each boot source from its entry to its consumers.

Its keys are a contract: only added to. What comes from a resource that is named under `unknown` is null, and a null
means "none" only where the resource is known.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from exporter.base.terminal import escape_json
from exporter.boot_sources.state import SourceState
from exporter.report import Severity, document

T = TypeVar("T")
SCHEMA: Final = "bootsource.boot-sources/v1"


@document
class Told:
    """A condition as the object tells it; status is null if it says neither True nor False."""

    status: bool | None
    reason: str
    message: str
    since: datetime | None


@document
class Entry:
    """The boot source in the HyperConverged."""

    name: str
    origin: str
    """common, modified or custom."""
    state: str
    """enabled, disabled, not_deployed or not_propagated."""


@document
class ScheduleText:
    """When a cron polls."""

    text: str
    state: str
    """valid, disabled, invalid or never_fires."""
    problem: str
    """Why CDI refuses it."""
    previous: datetime | None
    next: datetime | None


@document
class Poller:
    """The CronJob that polls a registry."""

    namespace: str
    name: str
    suspended: bool
    last_schedule: datetime | None
    last_success: datetime | None


@document
class Cron:
    """The DataImportCron."""

    name: str
    source: str
    """registry, imagestream, pvc or none."""
    source_name: str
    """URL without credentials, ImageStream, or claim."""
    polling: str
    schedule: ScheduleText
    storage_class: str | None
    """Where CDI imports to; "" if it finds no StorageClass."""
    last_execution: datetime | None
    last_import: datetime | None
    up_to_date: Told | None
    progressing: Told | None
    poller: Poller | None


@document
class Import:
    """The DataVolume of the newest import; it goes when a snapshot has been taken of it."""

    name: str
    phase: str


@document
class Image:
    """The claim or the snapshot that the DataSource stands for, if it exists."""

    kind: str
    namespace: str
    name: str
    ready: bool
    """A claim is bound; a snapshot is ready to use."""
    created: datetime | None
    """When the image was imported, or provided by hand."""
    storage_class: str | None
    """Where it lies; null if that is not known, as for a snapshot that no DataImportCron has made."""
    size: str
    """As a quantity; "" if its object does not say."""


@document
class Source:
    """The DataSource."""

    name: str
    kind: str
    """pvc, snapshot, pointer or none."""
    managed_by: str
    """cron, placeholder or unmanaged."""
    ready: Told | None
    image: Image | None


@document
class Consumers:
    """Who makes machines from it."""

    templates: tuple[str, ...] | None
    """namespace/name of each Template."""
    virtual_machine_templates: tuple[str, ...] | None
    waiting_virtual_machines: int | None
    """Those whose volume is not made yet."""
    virtual_machines: int | None
    """All that name it, whether or not their volumes are made."""


class RowOrigin(StrEnum):
    """Where a boot source comes from."""

    COMMON = "common"
    """HyperConverged brings it along."""
    MODIFIED = "modified"
    """A common one that an entry of HyperConverged changes."""
    CUSTOM = "custom"
    """An entry of HyperConverged adds it."""
    SSP = "ssp"
    """SSP has made its DataImportCron, and HyperConverged does not list it."""
    STANDALONE = "standalone"
    """A DataImportCron that somebody has created."""
    POINTER = "pointer"
    """A DataSource that points at another DataSource."""
    PLACEHOLDER = "placeholder"
    """A DataSource that SSP keeps for an image which an administrator may provide."""
    MANUAL = "manual"
    """A DataSource that somebody has created."""


@document
class Problem:
    """The worst finding about a boot source."""

    fingerprint: str
    check: str
    severity: Severity
    summary: str


@document
class Row:
    """A boot source in one line. Null means "not known", or "none" where every resource that it comes from is known."""

    namespace: str
    name: str
    data_import_cron: str | None
    os: str
    """The name of its operating system, as "Fedora" or "Red Hat Enterprise Linux 9"; "" if nothing tells it."""
    origin: RowOrigin | None
    state: SourceState
    status: str
    """The state in words, ages as of the instant of the document."""
    usable: bool | None
    """Virtual machines can be made from it."""
    newest: bool | None
    """Its image was the newest one when that was last checked, and that was checked in time."""
    imported: datetime | None
    """When its image was imported, or provided by hand: the age of the image."""
    last_polled: datetime | None
    """The last successful poll."""
    next_poll: datetime | None
    storage_class: str | None
    """Where its image lies; before there is one, where CDI imports to ("" if it finds no StorageClass)."""
    format: str | None
    """pvc or snapshot."""
    templates: int | None
    """Templates and VirtualMachineTemplates that make virtual machines from it."""
    virtual_machines: int | None
    """VirtualMachines that name it."""
    problem: Problem | None
    """The worst finding about it that is not suppressed."""


@document
class BootSource:
    """One boot source. Its name is that of its DataSource, or the one that it is meant to have."""

    namespace: str
    name: str
    row: Row
    entry: Entry | None
    cron: Cron | None
    data_volume: Import | None
    data_source: Source | None
    consumers: Consumers
    findings: tuple[str, ...]
    """Fingerprints of findings about any of these objects."""


@document
class BootSources:
    """All boot sources of a cluster at one instant."""

    schema: str = SCHEMA
    at: datetime
    unknown: tuple[str, ...]
    """Resources of which nothing is known now."""
    boot_sources: tuple[BootSource, ...]


BOOT_SOURCES: Final[TypeAdapter[BootSources]] = TypeAdapter(BootSources)


def to_json(document: BootSources) -> bytes:
    """As JSON, keys as in the schema."""
    return escape_json(BOOT_SOURCES.dump_json(document, by_alias=True).decode()).encode()


def schema() -> dict[str, Any]:
    """The JSON Schema to publish."""
    return BOOT_SOURCES.json_schema(mode="serialization", by_alias=True)
