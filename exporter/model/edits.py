"""metadata.managedFields: when what an object says was written, as far as the API server has tracked it.

An entry names the fields that its manager owns and when that manager last changed any of them. The API
server accepts nearly any value there, so nothing about its form is assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from exporter.model.wire import Metadata, is_kept, parse_instant, wire

_MOST: Final = 100
"""Entries that are looked at; an object has one per manager, and a handful of these."""


def _entries(value: object) -> Iterator[tuple[Mapping[str, Any], datetime]]:
    """The fields of each entry about the object itself, with its time. Entries about its status have a subresource."""
    for entry in value[:_MOST] if isinstance(value, list) else ():
        fields = entry.get("fieldsV1") if isinstance(entry, dict) and not entry.get("subresource") else None
        at = parse_instant(str(entry.get("time", ""))) if isinstance(fields, dict) else None
        if isinstance(fields, dict) and at is not None:
            yield fields, at


def _last_spec_edit(value: object) -> object:
    """The newest edit of the spec by anyone; None if the server did not track it."""
    return max((at for fields, at in _entries(value) if "f:spec" in fields), default=None)


def _annotation_edits(value: object) -> object:
    """When the managers that own an annotation last wrote anything, by the annotation: it is that old at least."""
    found: dict[str, datetime] = {}
    for fields, at in _entries(value):
        meta = fields.get("f:metadata")
        owned = meta.get("f:annotations") if isinstance(meta, dict) else None
        for name in owned if isinstance(owned, dict) else ():
            key = name.removeprefix("f:")
            if is_kept(key):
                found[key] = max(at, found.get(key, at))
    return found


@wire
class EditedMetadata(Metadata):
    """Metadata of an object for which it matters when its spec or an annotation was last edited."""

    spec_edited: Annotated[datetime | None, BeforeValidator(_last_spec_edit)] = Field(
        default=None, alias="managedFields"
    )
    annotated: Annotated[dict[str, datetime], BeforeValidator(_annotation_edits)] = Field(
        default_factory=dict, alias="managedFields"
    )
