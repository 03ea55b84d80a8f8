"""HyperConverged carries JSON patches that change other objects behind the API's back."""

from __future__ import annotations

import json
from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command, object_args
from exporter.checks.operators._conditions import shorten
from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.model.hco import JSONPATCH_SSP, HyperConverged
from exporter.model.wire import ABSENT
from exporter.report import Severity

_PATCHES = "/jsonpatch"
_ENTRIES = "/spec/commonTemplates/dataImportCronTemplates"


@check(
    id="hyperconverged-tainted",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    summary="JSON patches on HyperConverged change what it makes",
    meaning=(
        "An annotation makes HCO apply a JSON patch to SSP, CDI or KubeVirt after it has computed them. The patch "
        "addresses entries by position, so it may hit another one after an update."
    ),
    impact="Boot sources differ from what HyperConverged lists. Such patches are not supported.",
    diagnosis="`oc get hyperconverged -A -o jsonpath='{.items[*].metadata.annotations}'` shows the patches.",
    mitigation="Say the same in HyperConverged's spec, for example by an entry for the boot source, and remove the annotation.",
    alert_for=timedelta(hours=1),
    scenarios=("F09",),
)
def hyperconverged_tainted(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge the annotations; those that cannot change boot sources are only worth a hint."""
    patches = {k: v for k, v in sorted(hco.metadata.annotations.items()) if k.endswith(_PATCHES)}
    told = hco.condition("TaintedConfiguration")
    tainted = told is not ABSENT and told.true
    since = told.last_transition_time if told is not ABSENT and told.true else None
    if patches:
        return [
            Failed(
                summary=f"Annotation {key} on HyperConverged {hco.metadata.name} patches "
                + ("the list of boot sources in SSP" if _changes_entries(key, value) else "an object that HCO owns"),
                field=f"metadata.annotations[{key}]",
                observed=shorten(value) + ("; condition TaintedConfiguration True" if tainted else ""),
                expected="no JSON patch",
                since=since,
                severity=None if _changes_entries(key, value) else Severity.INFO,
                fix=_fix(ctx, key),
                part=key,
            )
            for key, value in patches.items()
        ]
    if not tainted:
        return PASSED
    return Failed(
        summary=f"HCO says that the configuration of HyperConverged {hco.metadata.name} is tainted",
        field="status.conditions[type=TaintedConfiguration]",
        observed="TaintedConfiguration True, though no JSON patch is left on it",
        expected="no TaintedConfiguration",
        since=since,
        severity=Severity.INFO,
    )


def _changes_entries(key: str, patch: str) -> bool:
    """The patch reaches the list of boot sources; one that cannot be read might."""
    if key != JSONPATCH_SSP:
        return False
    try:
        operations = json.loads(patch)
    except ValueError:
        return True
    if not isinstance(operations, list):
        return True
    paths = [str(op.get("path", "")) if isinstance(op, dict) else "" for op in operations]
    return any(f"{path}/".startswith(f"{_ENTRIES}/") or _ENTRIES.startswith(f"{path}/") or not path for path in paths)


def _fix(ctx: Context, key: str) -> Fix:
    target = object_args(ctx.ref, ctx.platform.hco_resource)
    return Fix(
        command(ctx.platform.client, "annotate", *target, f"{key}-"),
        command(ctx.platform.client, "get", *target, "-o", "jsonpath={.status.conditions}"),
        "Deletes the patch, and what it sets is lost: state it in the spec first if you need it",
    )
