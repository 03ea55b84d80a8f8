"""What HCO's webhook has against the entries of a HyperConverged.

Source: HCO's validator for dataImportCronTemplates (1.8 and later).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from exporter.joins.admission.field_values import object_at, quote, text_at, value_at
from exporter.joins.admission.verdict import AdmissionRule, FieldChange, Path, Refusal, RefusedBy
from exporter.model.hco import ENABLE
from exporter.model.raw import Raw


def entry_refusals(entry: Raw) -> Iterator[Refusal]:
    """What HCO has against one entry by itself."""
    value = text_at(entry, "metadata", "annotations", ENABLE)
    if value is not None and value.lower() not in ("true", "false"):
        path: Path = ("metadata", "annotations", ENABLE)
        off = value.strip().lower() in ("no", "off", "0", "false", "disabled")
        change = FieldChange(path, "false" if off else "true") if off or value.strip().lower() == "true" else None
        reason = f"the annotation {ENABLE} is {quote(value)}, which is neither true nor false"
        yield _refusal(AdmissionRule.ENABLE, path, reason, quote(value), "true or false", change)
    enabled = value is None or value.lower() == "true"
    if enabled and object_at(entry, "spec") is None:
        reason = "an entry without spec can only switch a common boot source off"
        yield _refusal(
            AdmissionRule.SPEC_MISSING, ("spec",), reason, "not set", f"a spec, or the annotation {ENABLE}: false"
        )


def list_refusals(entries: Sequence[Raw]) -> tuple[tuple[Refusal, ...], ...]:
    """What HCO has against each entry of a list, in the order of the list."""
    counts = Counter(name for entry in entries if (name := text_at(entry, "metadata", "name")))
    return tuple((*entry_refusals(entry), *_duplicate(entry, counts)) for entry in entries)


def _duplicate(entry: Raw, counts: Counter[str]) -> Iterator[Refusal]:
    name = value_at(entry, "metadata", "name")
    if isinstance(name, str) and counts[name] > 1:
        reason = f"{counts[name]} entries have the name {quote(name)}"
        says = f"{name} DataImportCronTable is already defined"
        yield _refusal(
            AdmissionRule.DUPLICATE, ("metadata", "name"), reason, quote(name), "a name of its own", says=says
        )


def _refusal(
    rule: AdmissionRule,
    path: Path,
    reason: str,
    observed: str,
    expected: str,
    change: FieldChange | None = None,
    says: str = "",
) -> Refusal:
    return Refusal(
        rule=rule,
        by=RefusedBy.HCO,
        path=path,
        reason=reason,
        says=says,
        observed=observed,
        expected=expected,
        change=change,
    )
