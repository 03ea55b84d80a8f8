"""What storage drivers can do: cloning by themselves, and volumes that are filled by populators.

Sources: CDI pkg/controller/storageprofile-controller.go and pkg/controller/datavolume.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from exporter.cluster.resources import CDIS, CSI_DRIVERS, NODES, VOLUME_SNAPSHOT_CLASSES
from exporter.cluster.snapshot import View, joint
from exporter.model.storage import StorageProfile


@dataclass(frozen=True, slots=True)
class Drivers:
    """The CSI drivers of a cluster."""

    installed: frozenset[str]
    """None at all means that this was not told: whatever a cluster provisions with has a driver."""

    def has(self, provisioner: str) -> bool | None:
        """The provisioner is an installed CSI driver; None if that cannot be told."""
        return provisioner in self.installed if self.installed else None


@joint(CSI_DRIVERS)
def drivers(view: View) -> Drivers:
    """The CSI drivers that are installed."""
    return Drivers(frozenset(key.name for key in view[CSI_DRIVERS].rows))


@joint(VOLUME_SNAPSHOT_CLASSES)
def snapshot_drivers(view: View) -> frozenset[str]:
    """The drivers for which there is a snapshot class: these are CSI drivers, too."""
    return frozenset(row.driver for _, row in view[VOLUME_SNAPSHOT_CLASSES])


@joint(NODES)
def node_count(view: View) -> int:
    """How many nodes there are; 0 if none was told."""
    return len(view[NODES]) + len(view[NODES].rejected)


class ForcedStrategy(NamedTuple):
    """How CDI is told to clone, whatever StorageProfiles say."""

    cdi: str = ""
    """The name of the CDI."""
    strategy: str = ""
    """Its `cloneStrategyOverride`: copy, snapshot, csi-clone, or "" for none."""


@joint(CDIS)
def forced_strategy(view: View) -> ForcedStrategy:
    """The strategy that CDI is told."""
    named = (ForcedStrategy(key.name, cdi.spec.clone_strategy_override) for key, cdi in view[CDIS])
    return next(named, ForcedStrategy())


def offers_shared_volumes(profile: StorageProfile) -> bool:
    """Volumes of the class can be mounted on several nodes at once (ReadWriteMany), which live migration needs."""
    sets = profile.status.claim_property_sets if profile.status else ()
    return any("ReadWriteMany" in each.access_modes for each in sets)


def clones_by_itself(
    profile: StorageProfile, driver: str, known: Drivers, with_snapshots: frozenset[str], override: str = ""
) -> bool:
    """The class clones without copying every byte over the network: CDI's smart clone.

    By CDI's own measure: csi-clone and the driver is installed, or snapshots and a class for them. A driver of which
    nothing is told is believed to be there. `override` is CDI's cloneStrategyOverride, which goes before the profile.
    """
    strategy = override or (profile.status.clone_strategy if profile.status else "")
    if strategy == "csi-clone":
        return known.has(driver) is not False
    return strategy != "copy" and driver in with_snapshots
