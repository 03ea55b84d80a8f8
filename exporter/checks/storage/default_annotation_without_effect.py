"""A StorageClass that somebody meant to be default, and that is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exporter.checks.check import Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.costs import moving_to
from exporter.checks.shared.storage import cdi_defaults
from exporter.cluster.resources import STORAGE_CLASSES
from exporter.joins.defaults import VIRT_DEFAULT_SINCE, defaults
from exporter.joins.proposed_crons import crons_by_name
from exporter.model.storage import BETA_DEFAULT, KUBERNETES_DEFAULT, VIRT_DEFAULT, StorageClass
from exporter.report import Severity

_LEGAL = ("", "true", "false")


@check(
    id="default-annotation-without-effect",
    severity=Severity.INFO,
    over=STORAGE_CLASSES,
    reads=(STORAGE_CLASSES, defaults),
    optional=(crons_by_name,),
    summary="A default annotation of a StorageClass has no effect",
    meaning=(
        "CDI and Kubernetes compare the value with exactly `true`: `True`, `yes` or `1` mean no. The old beta key makes a "
        "class default for ordinary claims, and CDI ignores it. CDI before 1.58 does not know the virt annotation."
    ),
    impact="Images go to another class than somebody intended, or nowhere if no other class is default.",
    diagnosis="`oc get storageclass NAME -o jsonpath='{.metadata.annotations}'`.",
    mitigation="Write `true` if the class shall be default, or remove the annotation. Mind that several defaults compete.",
    alert_for=timedelta(hours=1),
    scenarios=("F35",),
)
def default_annotation_without_effect(row: StorageClass, ctx: Context) -> Verdict:
    """Judge each of the three keys."""
    return tuple(_problems(row, ctx))


def _problems(row: StorageClass, ctx: Context) -> Iterator[Failed]:
    notes, name, minor = row.metadata.annotations, row.metadata.name, ctx.platform.cdi_minor
    for key in (VIRT_DEFAULT, KUBERNETES_DEFAULT, BETA_DEFAULT):
        value = notes.get(key, "")
        if value not in _LEGAL:
            yield _fail(
                key,
                value,
                "exactly true or false",
                f"StorageClass {name}: {key} is {value!r}, which does not make it default",
                ctx,
            )
    if row.beta_default and not row.kubernetes_default:
        text = f"StorageClass {name} is default by the beta key only: for Kubernetes it is, for CDI it is not"
        yield _fail(BETA_DEFAULT, "true", f"{KUBERNETES_DEFAULT}=true, or no such annotation", text, ctx)
    if row.virt_default and minor is not None and minor < VIRT_DEFAULT_SINCE:
        text = f"StorageClass {name} is virt default, which CDI 1.{minor} does not know yet: only the Kubernetes default counts"
        yield _fail(VIRT_DEFAULT, "true", f"CDI 1.{VIRT_DEFAULT_SINCE} or later", text, ctx)


def _fail(key: str, value: str, expected: str, summary: str, ctx: Context) -> Failed:
    return Failed(
        summary=summary,
        field=f"metadata.annotations[{key}]",
        observed=value,
        expected=expected,
        part=key,
        fix=_make_default(ctx) if not cdi_defaults(ctx).effective else _remove(key, ctx),
    )


def _make_default(ctx: Context) -> Fix:
    """No class is default, and this one was meant to be."""
    key = VIRT_DEFAULT if ctx.platform.cdi_since(VIRT_DEFAULT_SINCE) is not False else KUBERNETES_DEFAULT
    client, name = ctx.platform.client, ctx.ref.name
    cost = moving_to(name, ctx)
    return Fix(
        command(client, "annotate", "storageclass", name, f"{key}=true", "--overwrite"),
        command(client, "get", "storageclass", name, "-o", "jsonpath={.metadata.annotations}"),
        cost.risk,
        f"All boot sources without a StorageClass of their own go to {name}",
        cost.imports,
    )


def _remove(key: str, ctx: Context) -> Fix:
    client, name = ctx.platform.client, ctx.ref.name
    return Fix(
        command(client, "annotate", "storageclass", name, f"{key}-"),
        command(client, "get", "storageclass", name, "-o", "jsonpath={.metadata.annotations}"),
        note=""
        if key != BETA_DEFAULT
        else "Claims without a class that rely on the old key go to another default then",
    )
