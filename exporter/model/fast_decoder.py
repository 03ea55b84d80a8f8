"""Decodes events of kinds that come in tens of thousands with msgspec, into the fields that their wire model names.

pydantic builds a tree of all that an object holds before it looks at the few fields that matter; msgspec skips what is
not named. What msgspec does not take is left to pydantic, which tolerates more and tells what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from functools import reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Final, cast, get_args, get_origin, get_type_hints

import msgspec
from pydantic.fields import FieldInfo

NotLean: Final = msgspec.MsgspecError
"""What a decoder raises for an object that pydantic must look at."""


def build_decoder(wire: type[Any]) -> Callable[[bytes], Any]:
    """Decodes a line of a watch; the result's `object` has the fields of the wire model. Raises NotLean."""
    event = msgspec.defstruct("Event", [("object", _struct(wire))], gc=False)
    return msgspec.json.Decoder(event).decode


def _struct(wire: type[Any]) -> type[Any]:
    """The same model for msgspec. Its structs hold no cycles, so the garbage collector need not know them."""
    hints = get_type_hints(wire, include_extras=True)
    fields: dict[str, FieldInfo] = vars(wire)["__pydantic_fields__"]
    declared = [(name, _lean(hints[name]), _default(field)) for name, field in fields.items()]
    return msgspec.defstruct(wire.__name__, declared, rename="camel", gc=False)


def _lean(hint: Any) -> Any:  # noqa: ANN401  (a type, or what stands for one)
    """The type of a field. Raises TypeError for one that pydantic decodes by calling a function."""
    if is_dataclass(hint) and isinstance(hint, type):
        return _struct(hint)
    origin, arguments = get_origin(hint), tuple(map(_lean, get_args(hint)))
    if origin is Annotated:
        raise TypeError(f"{hint}: a kind that comes in tens of thousands cannot afford a function per field")
    if origin is UnionType:
        return reduce(or_, arguments)
    return hint if origin is None else origin[arguments]


def _default(field: FieldInfo) -> Any:  # noqa: ANN401  (whatever the field holds)
    if field.default_factory is not None:
        return msgspec.field(default_factory=cast("Callable[[], Any]", field.default_factory))
    return msgspec.field() if field.is_required() else field.default
