"""Which ClusterRole of CDI allows to clone."""

from __future__ import annotations

from typing import Final

CLONER_SINCE: Final = 66
"""The minor version of CDI whose role cdi.kubevirt.io:view has no right to clone any more (commit d62c08541)."""
OLD_ROLE: Final = "cdi.kubevirt.io:view"
NEW_ROLE: Final = "cdi.kubevirt.io:clone-sourcer"


def cloning_role(cdi_minor: int | None) -> str:
    """The ClusterRole with `create` on `datavolumes/source`, and as little else as there is."""
    return OLD_ROLE if cdi_minor is not None and cdi_minor < CLONER_SINCE else NEW_ROLE
