"""An entry has a source that a DataImportCron cannot have."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.fixes import Fix
from exporter.checks.shared.entries import Slot, edit, slots, source_problem
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.joins.entries import Stage, listed_by
from exporter.model.hco import HyperConverged
from exporter.report import Severity


@check(
    id="entry-source-unsupported",
    severity=Severity.CRITICAL,
    over=HYPERCONVERGEDS,
    summary="An entry has a source that CDI does not admit",
    meaning=(
        "A DataImportCron polls a container registry, by URL or by ImageStream, or copies a claim. CDI refuses every "
        "other kind (http, s3, upload, ...), URLs that begin otherwise than with docker:// or oci-archive://, and an "
        "ImageStream without pullMethod node."
    ),
    impact="The boot source is never imported. SSP is degraded, and others may not be applied either.",
    diagnosis="The finding names the field; `oc get ssp -A -o yaml` shows CDI's refusal.",
    mitigation="Put the image into a container disk in a registry, or import it once into a claim and use `source.pvc`.",
    alert_for=timedelta(minutes=5),
    scenarios=("F69", "F31", "F07"),
)
def entry_source_unsupported(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge each entry that counts by the rules of CDI's webhook."""
    items = {item.name: item for item in listed_by(hco)}
    found: list[Failed] = []
    for slot in slots(hco):
        if items[slot.name].stage is Stage.DISABLED or not slot.entry.enabled or slot.entry.spec is None:
            continue
        problem = source_problem(slot.entry.spec, ctx.platform.cdi_minor)
        if problem is not None:
            found.append(_failed(slot, hco, ctx, *problem))
    return found


def _failed(slot: Slot, hco: HyperConverged, ctx: Context, field: str, observed: str, expected: str) -> Failed:
    return Failed(
        summary=f"Entry {slot.name} in HyperConverged {hco.metadata.name} has a source that CDI does not admit: {observed}",
        field=f"{slot.field}.spec.{field}",
        observed=observed,
        expected=expected,
        since=hco.metadata.spec_edited,
        fix=_fix(slot, field, observed, ctx),
        part=slot.name,
    )


def _fix(slot: Slot, field: str, observed: str, ctx: Context) -> Fix | None:
    """A URL without a scheme and a missing pull method can be told; what else was meant cannot."""
    pointer = f"/spec/{field.replace('.', '/')}"
    if field.endswith(".pullMethod"):
        return edit(ctx, slot, slot.operation("add", pointer, "node"), risk="Imports the image")
    if field.endswith(".url") and "://" not in observed:
        scheme = slot.operation("replace", pointer, f"docker://{observed}")
        return edit(ctx, slot, scheme, risk="Imports the image")
    return None
