"""Foresight: the document that `what-if --output json` prints. Its keys are a contract: only added to."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from exporter.base.terminal import escape_json
from exporter.report import Finding, ObjectRef, document

SCHEMA: Final = "bootsource.what-if/v1"


class Certainty(StrEnum):
    """How sure a statement is."""

    KNOWN = "known"
    """Follows from the objects and from the operators' rules."""
    DEPENDS = "depends"
    """Holds if `dependsOn` does, which no object tells."""
    UNKNOWN = "unknown"
    """Cannot be told from what was read."""


class Actor(StrEnum):
    """Who takes a step."""

    YOU = "you"
    API_SERVER = "apiserver"
    """Admission: schemas and webhooks."""
    HCO = "hco"
    SSP = "ssp"
    CDI = "cdi"
    USERS = "users"
    """Nobody acts: templates and virtual machines lose or gain what they are made from."""


class Action(StrEnum):
    """What a step does to its object."""

    EDIT = "edit"
    """The change itself."""
    REFUSE = "refuse"
    """Admission refuses; nothing is written."""
    CREATE = "create"
    CHANGE = "change"
    """Fields of the object change in place."""
    REPLACE = "replace"
    """Deleted and created again, since the spec of a DataImportCron cannot be changed."""
    DELETE = "delete"
    RESET = "reset"
    """The DataSource points at a PersistentVolumeClaim of its own name again."""
    IMPORT = "import"
    """An image is downloaded, or copied from its source."""
    ADOPT = "adopt"
    """An image that exists is used again, without a download."""
    CONVERT = "convert"
    """A snapshot is taken of an image that exists, without a download."""
    KEEP = "keep"
    """What one might expect to change stays as it is."""
    FREEZE = "freeze"
    """Each reconcile ends in an error: neither polls nor imports."""
    LOSE = "lose"
    """Nothing new can be made from a DataSource."""
    GAIN = "gain"
    """New virtual machines can be made from a DataSource."""
    PAUSE = "pause"
    """Nothing can be made from a DataSource until its import is done."""


@document
class FieldValue:
    """A field of the object, as a path and as text; "" where it is not set."""

    path: str
    before: str
    after: str


@document
class Step:
    """One thing that happens, in the order in which it does."""

    number: int = 0
    """From 1. 0 for what happens without the change, too."""
    actor: Actor
    action: Action
    object: ObjectRef
    summary: str
    """A sentence for people."""
    certainty: Certainty = Certainty.KNOWN
    depends_on: str = ""
    """What it depends on, or why it is unknown."""
    rule: str
    """Id of the upstream rule, as listed under `rules`."""
    fields: tuple[FieldValue, ...] = ()
    """What the model claims about single fields. A field that is not listed is not claimed."""
    size_bytes: int | None = None
    """What is imported: the size that the DataImportCron requests. The download is at most as large."""
    registry: str = ""
    """Where the image comes from: a registry's host, an ImageStream or a PersistentVolumeClaim."""
    irreversible: bool = False
    """To undo the change does not bring it back."""
    loss: bool = False
    """An image, or the source of templates and virtual machines, is gone and nothing replaces it by itself."""
    affected: tuple[ObjectRef, ...] = ()
    """Templates and virtual machines, at most 100 of them."""
    affected_count: int = 0


@document
class UpstreamRule:
    """Why something happens: a rule of HCO, SSP, CDI or Kubernetes, and where it stands."""

    id: str
    text: str
    source: str


@document
class Outage:
    """A DataSource from which nothing can be made for some time."""

    object: ObjectRef
    certainty: Certainty
    duration: str
    """How long, in words; an import takes as long as registry, network and storage need, which no object tells."""
    ends_with: str
    """What has to happen before it is usable again; "" if nothing does by itself."""


@document
class Summary:
    """The consequences in numbers."""

    refused: int
    """Changes that admission refuses."""
    crons_created: int
    crons_replaced: int
    crons_deleted: int
    images_deleted: int
    images_imported: int
    imported_bytes: int
    """Of the imports whose size is known."""
    imports_of_unknown_size: int
    sources_lost: int
    """DataSources that were usable and are not in the end."""
    consumers_losing: int
    """Templates and virtual machines that lose their source in the end."""
    consumers_gaining: int
    irreversible: int
    """Steps that undoing the change does not take back."""


@document
class Foresight:
    """Everything that is foreseen of some changes to one cluster."""

    schema: Literal["bootsource.what-if/v1"] = SCHEMA
    at: datetime
    at_source: str = "now"
    """Where `at` comes from, as in a report."""
    changes: tuple[str, ...]
    """What was asked for, in words."""
    steps: tuple[Step, ...]
    anyway: tuple[Step, ...]
    """What the operators have yet to do without the change."""
    outages: tuple[Outage, ...]
    appear: tuple[Finding, ...]
    """Findings that are there once the operators are done and graces are over, and would not be without the change."""
    disappear: tuple[Finding, ...]
    """Findings of today that the change clears."""
    unknown: tuple[str, ...]
    """What cannot be told, and why."""
    rules: tuple[UpstreamRule, ...]
    """The upstream rules that steps name."""
    summary: Summary
    problems: tuple[str, ...] = ()
    """What of the input could not be read: whatever is said here is said without it."""


FORESIGHT: Final[TypeAdapter[Foresight]] = TypeAdapter(Foresight)


def to_json(foresight: Foresight, indent: int | None = None) -> bytes:
    """The document as JSON, keys as in the published schema; what is not printable is escaped."""
    try:
        return escape_json(FORESIGHT.dump_json(foresight, by_alias=True, indent=indent).decode()).encode()
    except PydanticSerializationError:
        return json.dumps(FORESIGHT.dump_python(foresight, by_alias=True, mode="json"), indent=indent).encode()
