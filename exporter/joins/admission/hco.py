"""What HCO's webhook has against the entries of a HyperConverged.

Source: HCO's validator for dataImportCronTemplates (1.8 and later).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from exporter.joins.admission.read import at, object_at, shown, text_at
from exporter.joins.admission.verdict import By, Change, Path, Refusal, Rule
from exporter.model.hco import ENABLE
from exporter.model.raw import Raw


def entry_refusals(entry: Raw) -> Iterator[Refusal]:
    """What HCO has against one entry by itself."""
    value = text_at(entry, "metadata", "annotations", ENABLE)
    if value is not None and value.lower() not in ("true", "false"):
        path: Path = ("metadata", "annotations", ENABLE)
        off = value.strip().lower() in ("no", "off", "0", "false", "disabled")
        change = Change(path, "false" if off else "true") if off or value.strip().lower() == "true" else None
        reason = f"the annotation {ENABLE} is {shown(value)}, which is neither true nor false"
        yield _refusal(Rule.ENABLE, path, reason, shown(value), "true or false", change)
    enabled = value is None or value.lower() == "true"
    if enabled and object_at(entry, "spec") is None:
        reason = "an entry without spec can only switch a common boot source off"
        yield _refusal(Rule.SPEC_MISSING, ("spec",), reason, "not set", f"a spec, or the annotation {ENABLE}: false")


def list_refusals(entries: Sequence[Raw]) -> tuple[tuple[Refusal, ...], ...]:
    """What HCO has against each entry of a list, in the order of the list."""
    counts = Counter(name for entry in entries if (name := text_at(entry, "metadata", "name")))
    return tuple((*entry_refusals(entry), *_duplicate(entry, counts)) for entry in entries)


def _duplicate(entry: Raw, counts: Counter[str]) -> Iterator[Refusal]:
    name = at(entry, "metadata", "name")
    if isinstance(name, str) and counts[name] > 1:
        reason = f"{counts[name]} entries have the name {shown(name)}"
        says = f"{name} DataImportCronTable is already defined"
        yield _refusal(Rule.DUPLICATE, ("metadata", "name"), reason, shown(name), "a name of its own", says=says)


def _refusal(
    rule: Rule, path: Path, reason: str, observed: str, expected: str, change: Change | None = None, says: str = ""
) -> Refusal:
    return Refusal(
        rule=rule,
        by=By.HCO,
        path=path,
        reason=reason,
        says=says,
        observed=observed,
        expected=expected,
        change=change,
    )
