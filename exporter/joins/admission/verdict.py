"""What admission answers: refusals, what is admitted and fails all the same, and the change that would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from exporter.model.raw import Raw

Path = tuple[str, ...]
"""Where a field stands, from the top of the manifest: ("spec", "template", "spec", "source")."""


class RefusedBy(StrEnum):
    """Who refuses."""

    SCHEMA = "schema"
    """The API server, before any webhook is asked: the CRD's schema, or the rules for metadata."""
    WEBHOOK = "webhook"
    """CDI's validating webhook for DataImportCrons."""
    HCO = "hco-webhook"
    """HCO's webhook, which looks at the list of entries in HyperConverged."""


class AdmissionRule(StrEnum):
    """What is wrong. The values are stable: they are parts of fingerprints."""

    # Refused by the API server.
    WRONG_TYPE = "wrong-type"
    REQUIRED = "required"
    NOT_ALLOWED = "not-allowed"
    NO_QUANTITY = "no-quantity"
    NAME = "name"
    LABEL = "label"
    # Refused by CDI.
    NAME_LENGTH = "name-length"
    SOURCE_MISSING = "source-missing"
    SOURCE_KIND = "source-kind"
    SOURCES = "several-sources"
    REGISTRY = "registry"
    URL = "url"
    PULL_METHOD = "pull-method"
    CLAIM_SOURCE = "claim-source"
    UNSETTABLE = "unsettable"
    VOLUME_MISSING = "volume-missing"
    VOLUME_TWICE = "volume-twice"
    SIZE_MISSING = "size-missing"
    SIZE = "size"
    CLASS_LENGTH = "class-length"
    ACCESS_MODES = "access-modes"
    EXTERNAL = "externally-populated"
    SCHEDULE = "schedule"
    IMPORTS_TO_KEEP = "imports-to-keep"
    GARBAGE_COLLECT = "garbage-collect"
    MANAGED = "managed-data-source"
    # Refused by HCO.
    SPEC_MISSING = "spec-missing"
    ENABLE = "enable-annotation"
    DUPLICATE = "duplicate-name"
    # Admitted, and fails later or has no effect.
    MANAGED_NAME = "managed-data-source-name"
    TOO_NEW = "field-too-new"
    ARCHITECTURE = "architecture"
    REFERENCE = "image-reference"
    ARCHIVE = "oci-archive"
    DIGEST = "digest"
    CREDENTIALS = "credentials-unused"
    RETENTION = "retention-policy"
    EMPTY_CLASS = "empty-class"
    VOLUME_MODE = "volume-mode"
    KEEPS_NONE = "keeps-none"
    CRON_JOB = "cron-job"
    NEVER_FIRES = "never-fires"


class _Nothing(Enum):
    REMOVE = "remove"


REMOVE: Final = _Nothing.REMOVE
"""The value of a Change that takes the field away."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """The smallest change that helps: set this field, or remove it."""

    path: Path
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an object is not admitted."""

    rule: AdmissionRule
    by: RefusedBy
    path: Path
    reason: str
    """A clause in our words that reads after "because"."""
    says: str = ""
    """What the API server or the webhook answers, where we know its words; "" otherwise."""
    observed: str
    expected: str
    change: FieldChange | None = None

    @property
    def field(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)

    @property
    def key(self) -> tuple[AdmissionRule, Path]:
        """What tells it apart from other refusals of the same object, whatever the version's words."""
        return (self.rule, self.path)


def cdi_refusal(
    rule: AdmissionRule,
    path: Path,
    reason: str,
    says: str,
    observed: str,
    expected: str,
    change: FieldChange | None = None,
) -> Refusal:
    """A refusal of CDI's webhook."""
    return Refusal(
        rule=rule,
        by=RefusedBy.WEBHOOK,
        path=path,
        reason=reason,
        says=says,
        observed=observed,
        expected=expected,
        change=change,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """What is admitted, and then fails or has no effect."""

    rule: AdmissionRule
    path: Path
    consequence: str
    """What will happen, as a clause whose subject is in it."""
    observed: str
    expected: str
    change: FieldChange | None = None
    silent: bool = False
    """Nothing fails: the field has no effect, or another one than its author expects."""

    @property
    def field(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What admission says of one object."""

    refusals: tuple[Refusal, ...] = ()
    """All reasons, in the order in which they would be found; the first is the one that is answered."""
    disputed: tuple[Refusal, ...] = ()
    """What only some versions of CDI refuse, where the cluster's version is not known."""
    hazards: tuple[Hazard, ...] = ()
    unknown_fields: tuple[Path, ...] = ()
    """Fields that the newest CRD that we know does not have. The API server drops them without a word."""

    @property
    def admitted(self) -> bool | None:
        """Whether the object is admitted; None if that depends on a version of CDI that is not known."""
        if self.refusals:
            return False
        return None if self.disputed else True


def apply_changes(manifest: Raw, changes: Sequence[FieldChange]) -> Raw:
    """The manifest with these changes made; parents that are missing, or that are not objects, are made."""
    for change in changes:
        manifest = _set_field(manifest, change.path, change.value)
    return manifest


def _set_field(manifest: Raw, path: Path, value: object) -> Raw:
    step, rest = path[0], path[1:]
    below = manifest.get(step)
    if rest:
        inner = below if isinstance(below, dict) else {}
        if value is REMOVE and step not in manifest:
            return manifest
        return {**manifest, step: _set_field(inner, rest, value)}
    if value is REMOVE:
        return {k: v for k, v in manifest.items() if k != step}
    return {**manifest, step: value}
