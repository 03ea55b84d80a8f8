"""FieldPath: one place in an object, in every form that people, API and program need. Nobody else builds paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exporter.model.errors import UnreadableError
from exporter.model.wire import short_repr


def pointer_step(key: str) -> str:
    """A key as one step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A field below nested mappings, such as `spec.workloadSources.dataImportCronTemplates`."""

    steps: tuple[str, ...]

    def __str__(self) -> str:
        """As people and JSONPath write it: steps joined by dots."""
        return ".".join(self.steps)

    @property
    def pointer(self) -> str:
        """As a JSON patch writes it."""
        return "".join(f"/{pointer_step(step)}" for step in self.steps)

    def read(self, manifest: Mapping[str, Any]) -> Any:  # noqa: ANN401  (whatever the object holds)
        """What stands there; None where it or something above it is missing or null.

        Raises UnreadableError where something above it is not a mapping: then nobody knows what was meant.
        """
        value: Any = manifest
        for depth, step in enumerate(self.steps):
            if value is None:
                return None
            if not isinstance(value, Mapping):
                raise UnreadableError(
                    ".".join(self.steps[:depth]), f"Input should be an object, found {short_repr(value)}"
                )
            value = value.get(step)
        return value

    def merge_patch(self, value: object) -> dict[str, Any]:
        """The JSON merge patch that sets the field; None removes it."""
        patch: Any = value
        for step in reversed(self.steps):
            patch = {step: patch}
        whole: dict[str, Any] = patch
        return whole


def path(text: str) -> FieldPath:
    """The path that this text spells with dots. For keys without dots."""
    return FieldPath(tuple(text.split(".")))
