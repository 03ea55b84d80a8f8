"""Names, labels and annotations of an object. Source: apimachinery's validation of ObjectMeta."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from exporter.joins.admission.field_values import object_at, quote, value_at
from exporter.joins.admission.verdict import REMOVE, AdmissionRule, FieldChange, Path, Refusal, RefusedBy
from exporter.model.raw import Raw

LONGEST_LABEL: Final = 63
"""Characters of a DNS label, and of a label's value."""
LONGEST_SUBDOMAIN: Final = 253
_LABEL: Final = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_QUALIFIED: Final = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")


def is_subdomain(name: str) -> bool:
    """The name is one that Kubernetes allows for most objects."""
    return len(name) <= LONGEST_SUBDOMAIN and _SUBDOMAIN.fullmatch(name) is not None


def as_subdomain(name: str) -> str:
    """The nearest name that Kubernetes allows; "" if nothing is left of it."""
    text = re.sub(r"[^a-z0-9.-]+", "-", name.lower())
    return ".".join(part for part in (p.strip("-") for p in text.split(".")) if part)[:LONGEST_LABEL].strip("-.")


def metadata_refusals(manifest: Raw) -> Iterator[Refusal]:
    """What the API server has against name, labels and annotations."""
    meta = object_at(manifest, "metadata")
    if meta is None:
        yield _refusal(
            ("metadata",), AdmissionRule.REQUIRED, "there is no metadata", value_at(manifest, "metadata"), "an object"
        )
        return
    name = meta.get("name")
    if not isinstance(name, str) or not name:
        yield _refusal(("metadata", "name"), AdmissionRule.REQUIRED, "there is no name", name, "a name")
    elif not is_subdomain(name):
        allowed = "lower-case letters, digits, - and ., beginning and ending with a letter or digit"
        says = f'metadata.name: Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case'
        path: Path = ("metadata", "name")
        reason = f"{quote(name)} is not a valid name of an object"
        yield _refusal(path, AdmissionRule.NAME, reason, name, allowed, says if len(name) <= LONGEST_SUBDOMAIN else "")
    yield from _pairs(meta, "labels")
    yield from _pairs(meta, "annotations")


def _pairs(meta: Raw, kind: str) -> Iterator[Refusal]:
    pairs = meta.get(kind)
    if pairs is None:
        return
    if not isinstance(pairs, Mapping):
        yield _refusal(
            ("metadata", kind), AdmissionRule.WRONG_TYPE, f"{kind} is not an object", pairs, "an object of strings"
        )
        return
    for key, value in pairs.items():
        path = ("metadata", kind, key)
        if not _is_key(key.lower() if kind == "annotations" else key):
            yield _refusal(
                path, AdmissionRule.LABEL, f"{quote(key)} is not a valid key of {kind}", key, "[PREFIX/]NAME"
            )
        elif not isinstance(value, str):
            yield _refusal(
                path, AdmissionRule.WRONG_TYPE, f"{key} is not a string", value, "a string, in quotation marks"
            )
        elif kind == "labels" and not _is_label_value(value):
            allowed = "at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit"
            yield _refusal(path, AdmissionRule.LABEL, f"the value of label {key} is not valid", value, allowed)


def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return (not slash or is_subdomain(prefix)) and len(name) <= LONGEST_LABEL and bool(_QUALIFIED.fullmatch(name))


def _is_label_value(value: str) -> bool:
    return not value or (len(value) <= LONGEST_LABEL and _QUALIFIED.fullmatch(value) is not None)


def _refusal(path: Path, rule: AdmissionRule, reason: str, value: object, expected: str, says: str = "") -> Refusal:
    observed = "not set" if value is None else quote(value)
    change = FieldChange(path, REMOVE) if rule is AdmissionRule.LABEL else None
    return Refusal(
        rule=rule,
        by=RefusedBy.SCHEMA,
        path=path,
        reason=reason,
        says=says,
        observed=observed,
        expected=expected,
        change=change,
    )


def too_long(path: Path, name: str, longest: int, rule: AdmissionRule) -> Refusal | None:
    """What CDI has against a name with more characters than this."""
    if len(name.encode()) <= longest:
        return None
    return Refusal(
        rule=rule,
        by=RefusedBy.WEBHOOK,
        path=path,
        reason=f"{path[-1]} has {len(name)} characters, and at most {longest} are allowed",
        says=f"Name cannot be longer than {longest} characters",
        observed=f"{len(name)} characters",
        expected=f"at most {longest} characters",
    )
