"""Who may clone, and how CDI is told to."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Cause, Context
from exporter.checks.fixes import Fix, advice, command, merge_patch
from exporter.cluster.resources import NAMESPACES
from exporter.joins.clone_rights import view_cloners
from exporter.joins.drivers import ForcedStrategy, forced_strategy
from exporter.model.clones import DEFAULT_ACCOUNT
from exporter.model.hco import JSONPATCH_CDI
from exporter.model.rbac import Subject

CLONER_SINCE: Final = 66
"""The minor version of CDI whose role cdi.kubevirt.io:view has no right to clone any more (commit d62c08541)."""
OLD_ROLE: Final = "cdi.kubevirt.io:view"
NEW_ROLE: Final = "cdi.kubevirt.io:clone-sourcer"


def cloning_role(cdi_minor: int | None) -> str:
    """The ClusterRole with `create` on `datavolumes/source`, and as little else as there is."""
    return OLD_ROLE if cdi_minor is not None and cdi_minor < CLONER_SINCE else NEW_ROLE


def bind_cloner(client: str, name: str, namespace: str, account: str, cdi_minor: int | None) -> str:
    """Lets a service account, `namespace:name`, clone from a namespace: now, and after an upgrade to CDI 1.66.

    A binding to a role that does not exist yet takes effect as soon as it does.
    """
    now = cloning_role(cdi_minor)
    roles = {name: now} if now == NEW_ROLE else {name: now, f"{name}-by-sourcer": NEW_ROLE}
    return " && ".join(
        command(
            *(client, "create", "rolebinding", binding, "-n", namespace),
            *(f"--clusterrole={role}", f"--serviceaccount={account}"),
        )
        for binding, role in roles.items()
    )


def binding_note(cdi_minor: int | None) -> str:
    """What to know of such a binding besides, as a sentence or nothing."""
    if cloning_role(cdi_minor) == NEW_ROLE:
        return ""
    return f". {OLD_ROLE} loses this permission with CDI 1.66, so {NEW_ROLE} is bound as well: as cluster-admin, since CDI makes that role later"


def forced(ctx: Context) -> ForcedStrategy:
    """The strategy that CDI is told to clone by, if that is known. The check declares `forced_strategy` as optional."""
    return ctx.consult(forced_strategy, ForcedStrategy())


def without_override(ctx: Context) -> Fix:
    """Let each StorageClass clone as its profile says. HCO resets a CDI that it owns, so HCO has to be told instead."""
    but = "unless it works around a fault of the driver"
    if ctx.platform.operator_namespace:
        return advice(f"Remove cloneStrategyOverride from the annotation {JSONPATCH_CDI} of HyperConverged, {but}")
    client, name = ctx.platform.client, forced(ctx).cdi
    patch = merge_patch(client, ("cdi", name), {"spec": {"cloneStrategyOverride": None}})
    look = command(client, "get", "cdi", name, "-o", "jsonpath={.spec.cloneStrategyOverride}")
    return Fix(patch, look, note=f"Do this {but}. Clones that have begun go on as they are")


def lost_permission(namespace: str, own: str, account: str, ctx: Context) -> tuple[Cause, ...]:
    """That a service account of namespace `own` was to clone from a namespace by a role which CDI 1.66 takes it from.

    The check declares `view_cloners` as optional.
    """
    subject, cloners = Subject("ServiceAccount", account or DEFAULT_ACCOUNT, own), ctx.consult(view_cloners, {})
    here = [c for place in ("", namespace) for c in cloners.get(place, ()) if c.subject.includes(subject)]
    if not here or not ctx.platform.cdi_since(CLONER_SINCE):
        return ()
    abouts = {NAMESPACES.ref("", namespace) if c.binding.namespace else c.binding for c in here}
    return tuple(Cause("cloning-by-view-role", about) for about in sorted(abouts))
