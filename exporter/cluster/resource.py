"""Resource: the declaration of one kind of object that we watch, and the codec that follows from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError, create_model

from exporter.kube.contract import Item, Key, Rejected
from exporter.model import lean
from exporter.model.shared import shared

T = TypeVar("T")


class Scope(Enum):
    """In which namespaces a resource is watched."""

    CLUSTER = "all namespaces, or cluster-scoped"
    BOOT_SOURCES = "the namespaces that hold crons or DataSources, or that these or templates point into"


@dataclass(frozen=True, slots=True, eq=False)
class Resource(Generic[T]):
    """One kind of object that we watch. Everything about it, from RBAC to the reference, derives from this."""

    plural: str
    """Plural in the API; also its name in metrics, options and reports."""
    kind: str
    group: str
    """API group; "" is the core group."""
    versions: tuple[str, ...]
    """Versions that the model can read, the preferred first."""
    wire: type[Any]
    """What an object is decoded into."""
    purpose: str
    """Why we look at it: for the reference and the RBAC manifest."""
    row: Callable[[Any], T | None] = field(default=lambda wired: wired)
    """Reduces a decoded object to what is kept; None if nothing of it matters."""
    scope: Scope = Scope.CLUSTER
    label_selector: str = ""
    switchable: bool = False
    """An administrator may switch it off; checks that read it are then blind and say so."""
    numerous: bool = False
    """A cluster has tens of thousands of them, which change all the time: decoding must be cheap."""
    cost: str = ""
    """What watching it costs where that is much: which objects are kept, and the memory of each. For the reference."""

    def __str__(self) -> str:
        """The plural."""
        return self.plural

    def codec(self) -> PydanticCodec[T]:
        """A decoder for objects of this resource."""
        return PydanticCodec(self)


class PydanticCodec(Generic[T]):
    """Decodes straight from bytes into the resource's model; what the model does not name is dropped."""

    def __init__(self, resource: Resource[T]) -> None:
        self._row = resource.row
        self._object: TypeAdapter[Any] = TypeAdapter(resource.wire)
        self._event: type[Any] = create_model("Event", object=(resource.wire, ...))
        self._lean = lean.decoder(resource.wire) if resource.numerous else None

    def from_event(self, line: bytes) -> Item[T]:
        """Decode one watch line; what does not fit comes back as rejected."""
        if self._lean is not None:
            with suppress(lean.NotLean):
                return self._item(self._lean(line).object)
        try:
            return self._item(self._event.model_validate_json(line).object)
        except ValidationError as error:
            return _rejected(line, error)

    def from_value(self, value: dict[str, Any]) -> Item[T]:
        """Decode an object that is already parsed; what does not fit comes back as rejected."""
        try:
            return self._item(self._object.validate_python(value))
        except ValidationError as error:
            return _refused(value, error)

    def _item(self, wired: Any) -> Item[T]:  # noqa: ANN401  (the wire type is known only to the resource)
        meta = wired.metadata
        if not meta.name:
            key = Key(meta.namespace, "")
            return Item(key, "", rejected=Rejected(key, "metadata.name", "an object must have a name"))
        # A cluster has few namespaces, and thousands of objects in each.
        return Item(Key(shared(meta.namespace), meta.name), meta.resource_version, row=self._row(wired))


def _rejected(line: bytes, error: ValidationError) -> Item[Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return Item(Key("", ""), "", rejected=Rejected(Key("", ""), "", "is not valid JSON"))
    return _refused(event.get("object") if isinstance(event, dict) else None, error, skip=1)


def _refused(value: object, error: ValidationError, skip: int = 0) -> Item[Any]:
    meta = value.get("metadata") if isinstance(value, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    first = error.errors(include_url=False, include_context=False)[0]
    path = ".".join(str(part) for part in first["loc"][skip:])
    key = Key(str(meta.get("namespace") or ""), str(meta.get("name") or ""))
    problem = f"{first['msg']}, found {_shown(first['input'])}"
    version = str(meta.get("resourceVersion") or "")
    return Item(key, version, rejected=Rejected(key, path, problem))


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except RecursionError:
        return "something nested too deeply"
    return text if len(text) <= 60 else text[:57] + "..."
