"""Resource: the declaration of one kind of object that we watch, and the codec that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError, create_model

from exporter.kube.contract import Item, Key, Rejected
from exporter.kube.outline import TOO_DEEP, Outline, parse_json, rejected_item
from exporter.model import fast_decoder
from exporter.model.errors import UnreadableError
from exporter.model.interning import intern
from exporter.model.wire import problem_of

T = TypeVar("T")


class Ref(NamedTuple):
    """Names one object for people and machines; the namespace of a cluster-scoped object is "".

    For objects of a Resource use its `ref`, which knows the kind.
    """

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """`Kind namespace/name`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Scope(Enum):
    """In which namespaces a resource is watched."""

    CLUSTER = "all namespaces, or cluster-scoped"
    BOOT_SOURCES = "the namespaces that hold crons or DataSources, or that these or templates point into"


@dataclass(frozen=True, slots=True, eq=False)
class Resource(Generic[T]):
    """One kind of object that the exporter watches. RBAC, options, dumps and the reference derive from this."""

    plural: str
    """Plural in the API; also its name in metrics, options and reports."""
    kind: str
    group: str
    """API group; "" is the core group."""
    versions: tuple[str, ...]
    """Versions that the model can read, the preferred first."""
    wire: type[Any]
    """The model that an object is decoded into."""
    purpose: str
    """Why the exporter reads it; shown in the reference and in the RBAC manifest."""
    cost: str
    """What watching it takes, for the reference: how many objects there are, how often they change, what is kept."""
    row: Callable[[Any], T | None] = field(default=lambda wired: wired)
    """Reduces a decoded object to what is kept; None if nothing of it matters. Raises UnreadableError."""
    scope: Scope = Scope.CLUSTER
    label_selector: str = ""
    field_selector: str = ""
    """Narrows what the server sends; a dump is not narrowed, so `row` must drop the same."""
    at_pollers: str | None = None
    """Label selector in the namespaces where CDI's poller CronJobs are; None if it is not watched there."""
    switchable: bool = False
    """Whether an administrator may switch it off; checks that read it are then blind."""
    numerous: bool = False
    """Whether a cluster has tens of thousands of them, which change all the time: decoding must then be cheap."""

    def __str__(self) -> str:
        """The plural."""
        return self.plural

    def ref(self, namespace: str, name: str) -> Ref:
        """A reference to an object of this kind, which need not exist; the namespace of a cluster-scoped one is ""."""
        return Ref(self.kind, namespace, name)

    def codec(self) -> PydanticCodec[T]:
        """A decoder for objects of this resource."""
        return PydanticCodec(self)


class PydanticCodec(Generic[T]):
    """Decodes from bytes into the resource's model without a dict in between; unknown fields are dropped."""

    def __init__(self, resource: Resource[T]) -> None:
        self._row = resource.row
        self._object: TypeAdapter[Any] = TypeAdapter(resource.wire)
        self._event: type[Any] = create_model("Event", object=(resource.wire, ...))
        self._lean = fast_decoder.build_decoder(resource.wire) if resource.numerous else None

    def from_event(self, line: bytes) -> Item[T]:
        """Decode one line of a watch. An object that does not fit the model is returned as rejected, never raised."""
        if self._lean is not None:
            with suppress(fast_decoder.NotLean, RecursionError):
                return self._item(self._lean(line).object)
        with suppress(ValidationError, RecursionError):
            return self._item(self._event.model_validate_json(line).object)
        # pydantic's parser gives up at 200 levels, even in fields that the model does not have. Items of lists are
        # parsed by another parser: an object must not be known or unknown depending on how it arrived, so the line
        # is read once more the way an item of a list is.
        return self._from_refused(line)

    def from_value(self, value: dict[str, Any]) -> Item[T]:
        """Decode a parsed object. One that does not fit the model is returned as rejected, never raised."""
        if isinstance(value, Outline):
            return rejected_item(value, TOO_DEEP)
        try:
            return self._item(self._object.validate_python(value))
        except ValidationError as error:
            return _reject(value, error)

    def _from_refused(self, line: bytes) -> Item[T]:
        try:
            event = parse_json(line)
        except ValueError:
            return rejected_item(None, "is not valid JSON")
        if isinstance(event, Outline):
            return rejected_item(event.get("object"), TOO_DEEP)
        return self.from_value(event.get("object") if isinstance(event, dict) else None)  # type: ignore[arg-type]

    def _item(self, wired: Any) -> Item[T]:  # noqa: ANN401  (the wire type is known only to the resource)
        meta = wired.metadata
        if not meta.name:
            key = Key(meta.namespace, "")
            return Item(key, "", rejected=Rejected(key, "metadata.name", "an object must have a name"))
        # Interned: a cluster has few namespaces and thousands of objects in each, which then share one string.
        key = Key(intern(meta.namespace), meta.name)
        try:
            return Item(key, meta.resource_version, row=self._row(wired))
        except UnreadableError as error:
            return Item(key, meta.resource_version, rejected=Rejected(key, error.field, str(error)))


def _reject(value: object, error: ValidationError) -> Item[Any]:
    path, problem = problem_of(error)
    return rejected_item(value, problem, ".".join(path))
