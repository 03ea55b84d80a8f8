"""Trees as templates of the Helm chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tools.generate.deploy.tree import MORE, Manifest, SiteValue, Spread, Text, When, YamlText
from tools.generate.deploy.yaml_text import STEP, Commented, format_scalar, indent_item
from tools.generate.deploy.yaml_text import entry_lines as plain

NAMES: Final = {
    "name": '{{ include "bootsource-exporter.name" . }}',
    "namespace": "{{ .Release.Namespace }}",
    "image": '{{ include "bootsource-exporter.image" . }}',
    "instance": "{{ .Release.Name }}",
    "version": "{{ .Chart.AppVersion }}",
    "disabled": '{{ join "," .Values.disable }}',
    "namespaces": '{{ join "," .Values.rbac.namespaces }}',
    "item": "{{ $item }}",
}
"""What the names in a `Text` are in a template."""
_INDENT: Final = "INDENT"
"""In place of a number that is known only when the line is where it belongs."""


def render_template(manifest: Manifest) -> str:
    """The text of a template."""
    lines: Iterator[str] = map(_is_counted, _lines(manifest.tree))
    if manifest.each:
        lines = _repeat(manifest.each, lines)
    whole = _conditional(manifest.condition.template, lines) if manifest.condition else lines
    return "\n".join(whole) + "\n"


def _repeat(items: SiteValue, lines: Iterator[str]) -> Iterator[str]:
    """One document per item. `range` makes the item the dot; `with $` gives it back to the tree's own names."""
    yield f"{{{{- range $item := {items.template} }}}}"
    yield "{{- with $ }}"
    yield "---"
    yield from lines
    yield "{{- end }}"
    yield "{{- end }}"


def _is_counted(line: str) -> str:
    return line.replace(_INDENT, str(len(line) - len(line.lstrip())))


def _conditional(condition: str, lines: Iterator[str]) -> Iterator[str]:
    yield f"{{{{- if {condition} }}}}"
    yield from lines
    yield "{{- end }}"


def _lines(node: Any) -> Iterator[str]:  # noqa: ANN401  (any part of a tree)
    match node:
        case Mapping() if node:
            for key, child in node.items():
                yield from _entry(key, child)
        case list() if node:
            for child in node:
                yield from _item(child)
        case _:
            yield _scalar(node)


def _entry(key: str, child: Any) -> Iterator[str]:  # noqa: ANN401
    match child:
        case Spread() if key == MORE:
            yield from _all_of(child.value)
        case When():
            yield from _either(child, lambda part: _entry(key, part))
        case SiteValue() if child.schema.get("minItems"):
            yield f"{format_scalar(key)}:"
            yield f"{STEP}{{{{- toYaml {child.template} | nindent {_INDENT} }}}}"
        case SiteValue() if isinstance(child.default, dict | list):
            yield f"{{{{- with {child.template} }}}}"
            yield f"{format_scalar(key)}:"
            yield f"{STEP}{{{{- toYaml . | nindent {_INDENT} }}}}"
            yield "{{- end }}"
        case SiteValue() if child.default == "":
            yield from _conditional(child.template, iter([f"{format_scalar(key)}: {_scalar(child)}"]))
        case YamlText():
            yield f"{format_scalar(key)}: |"
            yield f"{STEP}{{{{- toYaml {child.value.template} | nindent {_INDENT} }}}}"
        case Mapping() | list() if child:
            yield f"{format_scalar(key)}:"
            yield from (STEP + line for line in _lines(child))
        case SiteValue() | Text():
            yield f"{format_scalar(key)}: {_scalar(child)}"
        case _:
            yield from plain(key, child)


def _item(child: Any) -> Iterator[str]:  # noqa: ANN401
    match child:
        case Spread():
            yield from _all_of(child.value)
        case When():
            yield from _either(child, _item)
        case tuple():
            for each in child:
                yield from _item(each)
        case Commented():
            yield f"# {child.note}"
            yield from _item(child.value)
        case _:
            yield from indent_item(_lines(child))


def _all_of(value: SiteValue) -> Iterator[str]:
    yield f"{{{{- with {value.template} }}}}"
    yield f"{{{{- toYaml . | nindent {_INDENT} }}}}"
    yield "{{- end }}"


def _either(choice: When, written: Callable[[Any], Iterator[str]]) -> Iterator[str]:
    yield f"{{{{- if {choice.condition.template} }}}}"
    yield from written(choice.then)
    if choice.otherwise is not None:
        yield "{{- else }}"
        yield from written(choice.otherwise)
    yield "{{- end }}"


def _scalar(node: Any) -> str:  # noqa: ANN401
    match node:
        case Text():
            return f'"{node.form.format(**NAMES)}"'
        case SiteValue() if isinstance(node.default, str):
            return f"{{{{ {node.template} | quote }}}}"
        case SiteValue():
            return f"{{{{ {node.template} }}}}"
        case _:
            return format_scalar(node)
