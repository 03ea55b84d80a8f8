"""JSON Schemas of the documents that the exporter publishes."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

DIALECT: Final = GenerateJsonSchema.schema_dialect


class _PublishedSchema(GenerateJsonSchema):
    """What readers need: all keys are always written, and a key's title would only repeat it."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,  # noqa: ARG002
        total: bool,  # noqa: ARG002
    ) -> bool:
        """Whatever is declared is written, also where it has its default."""
        return True

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002  (given by pydantic)
        """Never."""
        return False


def schema_text(adapter: TypeAdapter[Any]) -> str:
    """The schema of a document as it is written. More keys may be added to a document at any time."""
    described = adapter.json_schema(by_alias=True, mode="serialization", schema_generator=_PublishedSchema)
    return json.dumps({"$schema": DIALECT, **described})
