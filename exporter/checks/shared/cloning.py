"""Which ClusterRole of CDI allows to clone."""

from __future__ import annotations

from typing import Final

from exporter.checks.fixes import command

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
