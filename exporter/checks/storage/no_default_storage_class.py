"""No StorageClass is default: images that name no class have nowhere to go."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from exporter.base.excerpts import list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.costs import moving_to
from exporter.checks.shared.refs import class_ref, cron_ref
from exporter.checks.shared.storage import cdi_defaults
from exporter.cluster.resources import DATA_IMPORT_CRONS, STORAGE_CLASSES
from exporter.joins.defaults import VIRT_DEFAULT_SINCE, Defaults, defaults
from exporter.model.cdi import STORAGE_CLASS
from exporter.model.storage import BETA_DEFAULT, KUBERNETES_DEFAULT, VIRT_DEFAULT
from exporter.report import Severity


@check(
    id="no-default-storage-class",
    severity=Severity.CRITICAL,
    over=None,
    reads=(DATA_IMPORT_CRONS, STORAGE_CLASSES, defaults),
    summary="There is no default StorageClass for virtual machine images",
    meaning=(
        "A boot source that names no StorageClass goes to the class annotated as virt default, else to the Kubernetes "
        "default. No class carries either annotation with the exact value `true`."
    ),
    impact=(
        "New images cannot be imported: their DataVolumes stay without a phase. Images that were kept as snapshots are "
        "deleted, because without a class CDI falls back to the format pvc. Virtual machines whose disks name no class "
        "cannot be created either."
    ),
    diagnosis="`oc get storageclass` shows `(default)`; `oc get storageclass -o yaml | grep is-default` shows all annotations.",
    mitigation=(
        "Make one class the virt default. When you move the default, annotate the new class first, then clear the old one: "
        "of two defaults the newest class wins. Never leave the cluster without a default: CDI deletes snapshot images as "
        "soon as none exists."
    ),
    alert_for=timedelta(minutes=5),
    scenarios=("F33",),
)
def no_default_storage_class(_: object, ctx: Context) -> Verdict:
    """Judge whether any class wins by CDI's rule; it matters when a cron relies on it."""
    known = cdi_defaults(ctx)
    relying = [cron for _, cron in ctx[DATA_IMPORT_CRONS] if cron.spec.explicit_storage_class is None]
    if known.effective:
        return PASSED
    names = list_some(cron.metadata.name for cron in relying)
    rely = f"{len(relying)} crons rely on it: {names}" if relying else "no cron relies on it"
    return Failed(
        summary=f"No StorageClass is default for virtual machine images; {rely}",
        field=f"metadata.annotations[{VIRT_DEFAULT}]",
        observed=f"none of {len(known.existing)} StorageClasses has a default annotation that CDI honours",
        expected="one StorageClass with the value true",
        severity=None if relying else Severity.INFO,
        causes=tuple(Cause("default-annotation-without-effect", class_ref(name)) for name in _intended_defaults(ctx)),
        affects=tuple(map(cron_ref, relying)),
        fix=_annotate(known, ctx),
    )


def _annotate(known: Defaults, ctx: Context) -> Fix | None:
    name = _plain_choice(known, ctx)
    if not name:
        return None
    old_cdi = (ctx.platform.cdi_minor or VIRT_DEFAULT_SINCE) < VIRT_DEFAULT_SINCE
    cost = moving_to(name, ctx)
    key, client = (KUBERNETES_DEFAULT if old_cdi else VIRT_DEFAULT), ctx.platform.client
    return Fix(
        command(client, "annotate", "storageclass", name, f"{key}=true", "--overwrite"),
        command(client, "get", "dataimportcron", "-A"),
        cost.risk,
        f"All boot sources without a StorageClass of their own go to {name}",
        cost.imports,
    )


def _plain_choice(known: Defaults, ctx: Context) -> str:
    """The class that somebody tried to make default, else the one that most images lie on, else the only one."""
    tried = _intended_defaults(ctx)
    if tried:
        return tried[0] if len(tried) == 1 else ""
    noted = [cron.metadata.annotations.get(STORAGE_CLASS, "") for _, cron in ctx[DATA_IMPORT_CRONS]]
    in_use = Counter(name for name in noted if name in known.existing)
    if in_use:
        return in_use.most_common(1)[0][0]
    return next(iter(known.existing)) if len(known.existing) == 1 else ""


def _intended_defaults(ctx: Context) -> list[str]:
    """Classes with a default annotation that has no effect and does not say no."""
    keys = (VIRT_DEFAULT, KUBERNETES_DEFAULT, BETA_DEFAULT)
    return [
        row.metadata.name
        for _, row in ctx[STORAGE_CLASSES]
        if any(row.metadata.annotations.get(key, "") not in ("", "false") for key in keys)
    ]
