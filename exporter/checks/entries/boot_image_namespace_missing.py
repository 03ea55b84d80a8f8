"""Boot sources are to be kept in a namespace that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exporter.base.phrases import counted
from exporter.checks.check import Context, Failed, Unknown, Verdict, check
from exporter.checks.fixes import Fix, command, merge_patch, object_args
from exporter.checks.shared.costs import loses_its_image, size_of
from exporter.checks.shared.entries import entry_slots
from exporter.checks.shared.refs import cron_ref
from exporter.cluster.resources import HYPERCONVERGEDS, NAMESPACES
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.cdi import owned_by_ssp
from exporter.model.hco import HyperConverged
from exporter.model.wire import ABSENT
from exporter.report import Severity


@check(
    id="boot-image-namespace-missing",
    severity=Severity.WARNING,
    over=HYPERCONVERGEDS,
    reads=(NAMESPACES,),
    optional=(crons_by_name,),
    summary="The namespace for boot sources does not exist",
    meaning=(
        "HyperConverged's commonBootImageNamespace, or the namespace of an entry, names a namespace that is not there "
        "or is being deleted. Nobody creates it."
    ),
    impact=(
        "SSP has let go of its DataSources in the built-in namespace and cannot create crons in the new one: HCO is "
        "degraded, no boot source is updated and common templates have no image."
    ),
    diagnosis="`oc get namespace`, and the condition Degraded in `oc get ssp -A -o yaml`.",
    mitigation="Create the namespace, or unset the field.",
    alert_for=timedelta(minutes=5),
    scenarios=("F15",),
)
def boot_image_namespace_missing(hco: HyperConverged, ctx: Context) -> Verdict:
    """Judge each namespace that the spec names; a cluster without any namespace has not been read."""
    if not len(ctx[NAMESPACES]):
        return Unknown("no namespace is known at all")
    found: list[Failed] = []
    for namespace, field in _named_namespaces(hco).items():
        row = ctx[NAMESPACES].get("", namespace)
        gone = "does not exist" if row is ABSENT else "is being deleted" if row.status.phase == "Terminating" else ""
        if gone:
            found.append(_fail(hco, namespace, field, gone, ctx))
    return found


def _named_namespaces(hco: HyperConverged) -> dict[str, str]:
    """The namespaces that the spec names, with the first field that does."""
    own = hco.boot_image_namespace
    found = {own: str(hco.layout.image_namespace)} if own else {}
    for slot in entry_slots(hco):
        namespace = slot.entry.metadata.namespace
        if namespace and slot.entry.enabled:
            found.setdefault(namespace, f"{slot.field}.metadata.namespace")
    return found


def _fail(hco: HyperConverged, namespace: str, field: str, gone: str, ctx: Context) -> Failed:
    return Failed(
        summary=f"Namespace {namespace}, where HyperConverged {hco.metadata.name} wants boot sources, {gone}",
        field=field,
        observed=f"{namespace}, which {gone}",
        expected="a namespace that exists",
        since=hco.metadata.spec_edited,
        fix=tuple(_fixes(hco, namespace, ctx)) if gone == "does not exist" else None,
        part=namespace,
    )


def _fixes(hco: HyperConverged, namespace: str, ctx: Context) -> Iterator[Fix]:
    """Leave the boot sources where they are, or make room for them; SSP then moves them there."""
    client, path = ctx.platform.client, hco.layout.image_namespace
    verify = command(client, "get", "dataimportcron,datasource", "-n", namespace)
    if namespace == hco.boot_image_namespace:
        target = object_args(ctx.ref, ctx.platform.hco_resource)
        note = "If boot sources are to stay in the built-in namespace"
        yield Fix(merge_patch(client, target, path.merge_patch(None)), command(client, "get", *target), note=note)
    note = f"If they are to be in {namespace}. Only who may read it can clone from it: SSP grants that in its own namespace alone"
    every = ctx.consult(crons_by_name, {}).values()
    left = [c for crons in every for c in crons if owned_by_ssp(c.metadata) and c.metadata.namespace != namespace]
    losing = [cron for cron in left if loses_its_image(cron)]
    risk = (
        f"SSP moves boot sources to {namespace}: CDI deletes {counted(len(losing), 'image')}{size_of(losing)} elsewhere, "
        "and imports again"
    )
    run = command(client, "create", "namespace", namespace)
    yield Fix(run, verify, risk if losing else "", note, tuple(map(cron_ref, losing)))
