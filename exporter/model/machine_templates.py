"""template.kubevirt.io: VirtualMachineTemplates, and the parameters that OpenShift Templates have in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from exporter.model.bounds import LONGEST_NAME
from exporter.model.clones import Reference
from exporter.model.errors import ExcessiveError
from exporter.model.kubevirt import VirtualMachineObject, references_of
from exporter.model.wire import SUPPRESS, Flag, Many, Metadata, Text, wire


@wire
class Parameter:
    """A parameter of a template. One with `generate` and no value gets its value when the template is processed."""

    name: Text = ""
    value: Text = ""
    generate: Text = ""
    required: Flag = False


_PARAMETER: Final = re.compile(r"\$\{\{([a-zA-Z0-9_]+)\}\}|\$\{([a-zA-Z0-9_]+)\}")


def substituted(references: Iterable[Reference], parameters: tuple[Parameter, ...]) -> tuple[Reference, ...]:
    """The references with their parameters replaced by their values. Raises ExcessiveError.

    `${N}` is replaced anywhere, `${{N}}` where it is the whole string. A parameter without a value that is generated
    or must be given stays as it is, and the reference is then dynamic.
    """
    values = _values_of(parameters)
    return tuple(
        Reference(
            volume=_filled(reference.volume, values),
            kind=_filled(reference.kind, values),
            namespace=_filled(reference.namespace, values),
            name=_filled(reference.name, values),
            index=reference.index,
            direct=reference.direct,
        )
        for reference in references
    )


def substitute(text: str, parameters: Iterable[Parameter]) -> str:
    """A text with its parameters replaced, as far as they have values. Raises ExcessiveError."""
    return _filled(text, _values_of(parameters))


def _values_of(parameters: Iterable[Parameter]) -> dict[str, str]:
    return {p.name: p.value for p in parameters if p.value or not (p.generate or p.required)}


def _filled(text: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        whole, name = match[1] is not None, match[1] or match[2]
        return _short(match[0] if whole and match[0] != text else values.get(name, match[0]))

    return _short(_PARAMETER.sub(value, text))


def _short(text: str) -> str:
    """A long value that is named a thousand times would be larger than all memory."""
    if len(text) > LONGEST_NAME:
        raise ExcessiveError("parameters", f"a name has more than {LONGEST_NAME} characters with its parameters")
    return text


@wire
class VirtualMachineTemplateSpec:
    """The spec of a VirtualMachineTemplate."""

    parameters: Many[Parameter] = ()
    virtual_machine: VirtualMachineObject | None = None


@wire
class VirtualMachineTemplateObject:
    """A VirtualMachineTemplate as it is on the wire."""

    metadata: Metadata
    spec: VirtualMachineTemplateSpec = Field(default_factory=VirtualMachineTemplateSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachineTemplate:
    """What we keep of a VirtualMachineTemplate: what its machine is cloned from."""

    references: tuple[Reference, ...]
    suppress: str = ""
    """The annotation that mutes findings."""


def virtual_machine_template_row(wired: VirtualMachineTemplateObject) -> VirtualMachineTemplate | None:
    """The references of the template's machine; None if nothing of it is cloned."""
    machine = wired.spec.virtual_machine
    references = substituted(references_of(machine), wired.spec.parameters) if machine else ()
    suppress = wired.metadata.annotations.get(SUPPRESS, "")
    return VirtualMachineTemplate(references=references, suppress=suppress) if references else None
