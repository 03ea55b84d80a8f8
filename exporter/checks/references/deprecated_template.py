"""Deprecated templates whose DataSource is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import list_some
from exporter.base.phrases import counted
from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_SOURCES, TEMPLATES
from exporter.joins.references import Link, templates_by_source
from exporter.model.wire import ABSENT
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(hours=24), "how long it may stay in use")


@check(
    id="deprecated-template",
    severity=Severity.INFO,
    over=templates_by_source,
    reads=(DATA_SOURCES, TEMPLATES),
    summary="Deprecated templates refer to a DataSource that does not exist",
    meaning=(
        "SSP marks templates of retired operating systems as deprecated and leaves them; the DataSource that they name has been "
        "removed together with the boot source."
    ),
    impact="They give no virtual machine any more, and only clutter the catalogue.",
    diagnosis="`oc get template -A -l template.kubevirt.io/deprecated=true`.",
    mitigation="Delete them, or make a boot source of your own that manages the DataSource.",
    thresholds=(_GRACE,),
    undated="a DataSource that is deleted leaves no trace",
    alert_for=timedelta(hours=24),
    scenarios=("F64",),
)
def deprecated_template(links: tuple[Link, ...], ctx: Context) -> Verdict:
    """Judge all deprecated templates of one DataSource together: a retired system has many."""
    if ctx[DATA_SOURCES].get(ctx.ref.namespace, ctx.ref.name) is not ABSENT:
        return PASSED
    old = sorted({link.by for link in links if _is_deprecated(link.by, ctx)})
    if not old:
        return PASSED
    some = list_some((by.name for by in old), 3)
    who = "1 deprecated template refers" if len(old) == 1 else f"{len(old)} deprecated templates refer"
    client, namespace = ctx.platform.client, old[0].namespace
    names = [by.name for by in old if by.namespace == namespace]
    return Failed(
        summary=f"{who} to DataSource {ctx.ref.name}, which does not exist: {some}",
        observed="absent",
        expected="no template for an operating system without a boot source",
        grace=ctx.limit(_GRACE),
        fix=Fix(
            command(client, "delete", "template", *names, "-n", namespace),
            command(client, "get", "template", "-n", namespace),
            f"Deletes {counted(len(names), 'Template')}; virtual machines that were made from them stay",
        ),
    )


def _is_deprecated(by: Ref, ctx: Context) -> bool:
    row = ctx[TEMPLATES].get(by.namespace, by.name) if by.kind == TEMPLATES.kind else ABSENT
    return row is not ABSENT and row.deprecated
