"""The structural schema of a DataImportCron, and what the API server makes of a manifest by it.

Source: the CRD of CDI 1.66, tried with server-side dry runs. The schemas of the entries in HyperConverged and SSP embed
the same. As far as a rule depends on the version, a field says since which minor version of CDI it exists: what a CRD
does not name, the API server drops before CDI's webhook sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from exporter.joins.admission.field_values import quote
from exporter.joins.admission.sizes import correct_quantity
from exporter.joins.admission.verdict import AdmissionRule, FieldChange, Path, Refusal, RefusedBy
from exporter.joins.admission.version import CdiVersion

_QUANTITY: Final = re.compile(
    r"(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?"
)
_INT32: Final = 2**31


@dataclass(frozen=True, slots=True)
class SchemaNode:
    """What a field may hold."""

    type: str
    """string, integer (of 32 bits), boolean, quantity, object or array."""
    fields: Mapping[str, SchemaNode] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    values: SchemaNode | None = None
    """Of a map with any keys, or of a list."""
    enum: tuple[str, ...] = ()
    min_length: int = 0
    since: int = 0
    """The minor version of CDI 1.x whose CRD has it first."""


_TEXT: Final = SchemaNode("string")
_FLAG: Final = SchemaNode("boolean")
_TEXTS: Final = SchemaNode("array", values=_TEXT)
_QUANTITIES: Final = SchemaNode("object", values=SchemaNode("quantity"))
_ANYTHING: Final = SchemaNode("object")


def _object(required: tuple[str, ...] = (), /, **fields: SchemaNode) -> SchemaNode:
    return SchemaNode("object", fields=fields, required=required)


def _texts(*names: str, required: tuple[str, ...] = (), **more: SchemaNode) -> SchemaNode:
    return _object(required, **dict.fromkeys(names, _TEXT), **more)


_EXPRESSION: Final = _texts("key", "operator", required=("key", "operator"), values=_TEXTS)
_CLAIM: Final = _object(
    accessModes=_TEXTS,
    dataSource=_texts("apiGroup", "kind", "name", required=("kind", "name")),
    dataSourceRef=_texts("apiGroup", "kind", "name", "namespace", required=("kind", "name")),
    resources=_object(limits=_QUANTITIES, requests=_QUANTITIES),
    selector=_object(
        matchExpressions=SchemaNode("array", values=_EXPRESSION), matchLabels=SchemaNode("object", values=_TEXT)
    ),
    storageClassName=_TEXT,
    volumeMode=_TEXT,
    volumeName=_TEXT,
)
_PLACE: Final = _texts("name", "namespace", required=("name", "namespace"))
_HTTP: Final = _texts(
    *("certConfigMap", "checksum", "secretRef", "url"),
    required=("url",),
    extraHeaders=_TEXTS,
    insecureSkipVerify=_FLAG,
    secretExtraHeaders=_TEXTS,
)
SOURCE: Final = _object(
    blank=_ANYTHING,
    gcs=_texts("secretRef", "url", required=("url",)),
    http=_HTTP,
    imageio=_texts(
        *("certConfigMap", "diskId", "secretRef", "url"), required=("diskId", "url"), insecureSkipVerify=_FLAG
    ),
    pvc=_PLACE,
    registry=_texts(
        *("certConfigMap", "imageStream", "pullMethod", "secretRef", "url"),
        platform=SchemaNode("object", fields={"architecture": _TEXT}, since=63),
    ),
    s3=_texts("certConfigMap", "secretRef", "url", required=("url",)),
    snapshot=_PLACE,
    upload=_ANYTHING,
    vddk=_texts(
        *("backingFile", "certConfigMap", "extraArgs", "initImageURL", "secretRef", "thumbprint", "url", "uuid")
    ),
)
"""spec.template.spec.source: every kind of source that a DataVolume can have."""
_VOLUME: Final = _object(
    checkpoints=SchemaNode("array", values=_texts("current", "previous", required=("current", "previous"))),
    contentType=SchemaNode("string", enum=("kubevirt", "archive")),
    finalCheckpoint=_FLAG,
    preallocation=_FLAG,
    priorityClassName=_TEXT,
    pvc=SchemaNode("object", fields={**_CLAIM.fields, "volumeAttributesClassName": _TEXT}),
    serviceAccountName=_TEXT,
    source=SOURCE,
    sourceRef=_texts("kind", "name", "namespace", required=("kind", "name")),
    storage=_CLAIM,
)
_SPEC: Final = _object(
    ("managedDataSource", "schedule", "template"),
    garbageCollect=_TEXT,
    importsToKeep=SchemaNode("integer"),
    managedDataSource=_TEXT,
    retentionPolicy=_TEXT,
    schedule=_TEXT,
    serviceAccountName=SchemaNode("string", min_length=1, since=64),
    template=_object(("spec",), apiVersion=_TEXT, kind=_TEXT, metadata=_ANYTHING, spec=_VOLUME, status=_ANYTHING),
)
CRON: Final = SchemaNode("object", fields={"spec": _SPEC}, required=("spec",))


@dataclass(slots=True)
class SchemaReader:
    """What the API server makes of a manifest."""

    cdi: CdiVersion
    refusals: list[Refusal] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)
    too_new: list[tuple[Path, int]] = field(default_factory=list)
    """Fields that this version drops, and since which minor version there is such a field."""

    def read(self, node: SchemaNode, value: object, path: Path) -> object:
        """The value as CDI's webhook gets it: without fields that the CRD does not have, and without nulls."""
        if node.type == "object":
            return self._object(node, value, path)
        if node.type == "array":
            if not isinstance(value, list):
                self._wrong(node, value, path)
                return None
            return [self.read(node.values or _TEXT, v, (*path, str(i))) for i, v in enumerate(value)]
        problem = _PROBLEMS[node.type](value, node)
        if problem is not None:
            rule, expected, says = problem
            self._refuse(rule, path, value, expected, says)
            return None
        return value

    def _object(self, node: SchemaNode, value: object, path: Path) -> object:
        if not isinstance(value, dict):
            self._wrong(node, value, path)
            return None
        kept = {k: v for k, v in value.items() if v is not None}
        if node.values is not None:
            return {k: self.read(node.values, v, (*path, k)) for k, v in kept.items()}
        for name in node.required:
            if name not in kept:
                says = f"{'.'.join((*path, name))}: Required value"
                self._refuse(AdmissionRule.REQUIRED, (*path, name), None, "a value: the field is required", says)
        return {k: read for k, v in kept.items() for read in self._field(node, k, v, path)}

    def _field(self, node: SchemaNode, name: str, value: object, path: Path) -> Iterator[object]:
        inner = node.fields.get(name)
        if inner is not None and (not inner.since or self.cdi.since(inner.since)):
            yield self.read(inner, value, (*path, name))
        elif inner is not None:
            self.too_new.append(((*path, name), inner.since))
        elif node.fields:
            self.unknown.append((*path, name))

    def _wrong(self, node: SchemaNode, value: object, path: Path) -> None:
        self._refuse(AdmissionRule.WRONG_TYPE, path, value, f"{_ARTICLES[node.type]} {node.type}")

    def _refuse(self, rule: AdmissionRule, path: Path, value: object, expected: str, says: str = "") -> None:
        better = correct_quantity(value)
        what = "is missing" if rule is AdmissionRule.REQUIRED else f"is {quote(value)} and must be {expected}"
        self.refusals.append(
            Refusal(
                rule=rule,
                by=RefusedBy.SCHEMA,
                path=path,
                reason=f"{path[-1]} {what}",
                says=says or f"{'.'.join(path)}: Invalid value",
                observed="not set" if rule is AdmissionRule.REQUIRED else quote(value),
                expected=expected,
                change=FieldChange(path, better) if rule is AdmissionRule.NO_QUANTITY and better else None,
            )
        )


_Problem = tuple[AdmissionRule, str, str]
_ARTICLES: Final = {"object": "an", "array": "an", "string": "a", "integer": "an", "boolean": "a"}


def _text_problem(value: object, node: SchemaNode) -> _Problem | None:
    if not isinstance(value, str):
        return AdmissionRule.WRONG_TYPE, "a string, in quotation marks", ""
    if node.enum and value not in node.enum:
        return AdmissionRule.NOT_ALLOWED, " or ".join(node.enum), ""
    short = len(value) < node.min_length
    return (AdmissionRule.NOT_ALLOWED, "not empty, or left out", "") if short else None


def _integer_problem(value: object, _: SchemaNode) -> _Problem | None:
    problem = (AdmissionRule.WRONG_TYPE, "a whole number of 32 bits", "")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return problem
    # Not `in range(...)`, which tries number by number for a float. 2.0 is whole; infinity and NaN are out of bounds.
    return None if -_INT32 <= value < _INT32 and value == int(value) else problem


def _flag_problem(value: object, _: SchemaNode) -> _Problem | None:
    return None if isinstance(value, bool) else (AdmissionRule.WRONG_TYPE, "true or false", "")


def _quantity_problem(value: object, _: SchemaNode) -> _Problem | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    if not isinstance(value, str):
        return AdmissionRule.WRONG_TYPE, "a quantity such as 30Gi", ""
    return None if _QUANTITY.fullmatch(value) else (AdmissionRule.NO_QUANTITY, "a quantity such as 30Gi", "")


_PROBLEMS: Final[Mapping[str, Callable[[object, SchemaNode], _Problem | None]]] = {
    "string": _text_problem,
    "integer": _integer_problem,
    "boolean": _flag_problem,
    "quantity": _quantity_problem,
}
