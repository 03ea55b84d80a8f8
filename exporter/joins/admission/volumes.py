"""What CDI's webhook has against the volume that a DataImportCron asks for: `storage` or `pvc`, and its size."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from exporter.joins.admission.field_values import object_at, quote, text_at, value_at
from exporter.joins.admission.names import LONGEST_SUBDOMAIN, too_long
from exporter.joins.admission.sizes import correct_quantity
from exporter.joins.admission.verdict import REMOVE, AdmissionRule, FieldChange, Path, Refusal, cdi_refusal
from exporter.joins.admission.version import CdiVersion
from exporter.model.quantity import bytes_of
from exporter.model.raw import Raw

AT: Final[Path] = ("spec", "template", "spec")
_SIZE: Final = ("resources", "requests", "storage")
_SMALLEST: Final = Decimal(1024) ** 2
"""KubeVirt has no smaller disks (CDI 1.60, PR 3219)."""
_SMALLEST_SINCE: Final = 60
_SIZE_OF_SOURCE_SINCE: Final = 56
_POPULATED_SINCE: Final = 56
_CLASS_LENGTH_SINCE: Final = 57
_ACCESS_MODES: Final = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce")
_ONE_POD_SINCE: Final = 59
"""ReadWriteOncePod (CDI 1.59)."""


def volume_refusals(volume: Raw, cdi: CdiVersion) -> Iterator[Refusal]:
    """What is wrong with the volume, in the order in which CDI looks."""
    kinds = [kind for kind in ("storage", "pvc") if object_at(volume, kind) is not None]
    if len(kinds) != 1:
        yield _none_or_both(kinds)
        return
    kind, claim = kinds[0], object_at(volume, kinds[0]) or {}
    yield from _size(volume, kind, claim, cdi)
    name = text_at(claim, "storageClassName")
    path = (*AT, kind, "storageClassName")
    long = too_long(path, name, LONGEST_SUBDOMAIN, AdmissionRule.CLASS_LENGTH) if name else None
    if long is not None and cdi.since(_CLASS_LENGTH_SINCE):
        yield long
    yield from _access_modes(kind, claim, cdi)
    yield from _externally_populated(kind, claim, cdi)


def _none_or_both(kinds: list[str]) -> Refusal:
    if not kinds:
        reason, says = "it asks for no volume", "Missing Data volume PVC"
        path = (*AT, "storage")
        return cdi_refusal(AdmissionRule.VOLUME_MISSING, path, reason, says, "not set", "storage with a size")
    says = "Duplicate storage definition, both target storage and target pvc defined"
    reason = "it asks for a volume twice, by storage and by pvc"
    return cdi_refusal(AdmissionRule.VOLUME_TWICE, (*AT, "pvc"), reason, says, "storage and pvc", "storage alone")


def _size(volume: Raw, kind: str, claim: Raw, cdi: CdiVersion) -> Iterator[Refusal]:
    path, size = (*AT, kind, *_SIZE), value_at(claim, *_SIZE)
    who = "PVC" if kind == "pvc" else "Storage"
    if size is None:
        copies = any(
            value_at(volume, *p) is not None for p in (("source", "pvc"), ("source", "snapshot"), ("sourceRef",))
        )
        if not (kind == "storage" and copies and cdi.since(_SIZE_OF_SOURCE_SINCE)):
            reason = "the volume has no size"
            yield cdi_refusal(
                AdmissionRule.SIZE_MISSING, path, reason, f"{who} size is missing", "not set", "a size such as 30Gi"
            )
        return
    number = bytes_of(str(size))
    change = FieldChange(path, better) if (better := correct_quantity(size)) else None
    if number is None:
        reason = f"the size {quote(size)} cannot be parsed"
        yield cdi_refusal(AdmissionRule.SIZE, path, reason, "", quote(size), "a size such as 30Gi", change)
    elif number <= 0:
        reason, says = f"the size {quote(size)} is not above zero", f"{who} size can't be equal or less than zero"
        yield cdi_refusal(AdmissionRule.SIZE, path, reason, says, quote(size), "a size such as 30Gi", change)
    elif number < _SMALLEST and cdi.since(_SMALLEST_SINCE):
        reason = f"the size {quote(size)} is below 1 MiB"
        says = f"{who} size should be at least 1MiB"
        yield cdi_refusal(
            AdmissionRule.SIZE, path, reason, says, quote(size), "at least 1Mi; without a unit it means bytes", change
        )


def _access_modes(kind: str, claim: Raw, cdi: CdiVersion) -> Iterator[Refusal]:
    found = claim.get("accessModes")
    modes = [m for m in found if isinstance(m, str)] if isinstance(found, list) else []
    one = kind != "pvc" or len(modes) == 1
    if one and all(mode in _ACCESS_MODES for mode in modes):
        return
    known = [*_ACCESS_MODES, "ReadWriteOncePod"] if cdi.since(_ONE_POD_SINCE) else [*_ACCESS_MODES]
    path = (*AT, kind, "accessModes")
    rule, observed = AdmissionRule.ACCESS_MODES, ", ".join(map(quote, modes)) or "not set"
    wrong = [mode for mode in modes if mode not in known]
    if not one:
        says = "PVC multiple accessModes" if modes else "Required value: at least 1 access mode is required"
        reason = f"pvc has {len(modes) or 'no'} access mode{'s' if len(modes) > 1 else ''}, and must have one"
        yield cdi_refusal(rule, path, reason, says, observed, f"one of {', '.join(known)}")
    elif wrong:
        allowed = ", ".join(f'"{mode}"' for mode in known)
        says = f'Unsupported value: "{modes[0]}": supported values: {allowed}'
        change = FieldChange(path, right) if all(right := [_right_case(m, known) for m in modes]) else None
        reason = f"{quote(wrong[0])} is not an access mode"
        yield cdi_refusal(rule, path, reason, says, observed, f"of {', '.join(known)}", change)


def _right_case(mode: str, known: list[str]) -> str:
    return next((k for k in known if k.lower() == mode.strip().lower()), "")


def _externally_populated(kind: str, claim: Raw, cdi: CdiVersion) -> Iterator[Refusal]:
    for name in ("dataSource", "dataSourceRef"):
        if claim.get(name) is not None and cdi.since(_POPULATED_SINCE):
            path = (*AT, kind, name)
            reason = f"{name} lets another controller fill the volume, which cannot be combined with a source"
            says = "External population is incompatible with Source and SourceRef"
            yield cdi_refusal(AdmissionRule.EXTERNAL, path, reason, says, "set", "not set", FieldChange(path, REMOVE))
