"""Shapes: what differs between the versions of the platform, one per layout that a version has brought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class Shape:
    """A platform version, as far as objects show it. The defaults are those of OpenShift Virtualization 4.22."""

    name: str
    version: str = "4.22.0"
    """What HCO says of itself: the version of OpenShift Virtualization, or HCO's own."""
    cdi: str = "v1.65.0"
    hco_api: str = "v1"
    gate: str = "workloadSources.enableCommonBootImageImport"
    """Where the gate is, below HCO's spec."""
    ssp_api: str = "v1beta3"
    retention: str = "None"
    keep: int = 1
    form: str = "snapshot"
    """How images are kept: snapshot or pvc."""
    virt_default: bool = True
    """CDI knows the virt default (1.58 and later)."""
    openshift: bool = True
    multi_arch: bool = False
    gate_on: bool = True

    @property
    def operators(self) -> str:
        """The namespace of HCO, SSP and CDI."""
        return "openshift-cnv" if self.openshift else "kubevirt-hyperconverged"

    @property
    def images(self) -> str:
        """The golden image namespace."""
        return "openshift-virtualization-os-images" if self.openshift else "kubevirt-os-images"

    @property
    def cdi_minor(self) -> int:
        """65 for v1.65.0."""
        return int(self.cdi.split(".")[1])

    @property
    def entries(self) -> str:
        """Where HCO's list of entries is."""
        return "workloadSources.dataImportCronTemplates" if self.hco_api == "v1" else "dataImportCronTemplates"


_OLD: Final = Shape("", hco_api="v1beta1", ssp_api="v1beta2", retention="All", keep=3)
_IN_GATES: Final = replace(_OLD, gate="featureGates.enableCommonBootImageImport")
_IN_SPEC: Final = replace(_OLD, gate="enableCommonBootImageImport")
_FIRST: Final = replace(_IN_GATES, virt_default=False, form="pvc")

SHAPES: Final = {
    shape.name: shape
    for shape in (
        replace(_FIRST, name="4.12", version="4.12.9", cdi="v1.55.2", ssp_api="v1beta1"),
        replace(_FIRST, name="4.14", version="4.14.7", cdi="v1.57.1"),
        replace(_IN_GATES, name="4.15", version="4.15.2", cdi="v1.58.1"),  # virt default
        replace(_IN_GATES, name="4.16", version="4.16.3", cdi="v1.59.0"),  # today's cron grammar
        replace(_IN_GATES, name="4.18", version="4.18.3", cdi="v1.61.1"),  # images follow the default class
        replace(_IN_SPEC, name="4.19", version="4.19.2", cdi="v1.62.0"),  # the gate has moved
        replace(_IN_SPEC, name="4.20", version="4.20.1", cdi="v1.63.1", ssp_api="v1beta3"),  # nodes poll
        Shape("4.22"),
        Shape("4.22-volumes", form="pvc"),
        Shape("4.22-multi-arch", multi_arch=True),
        Shape("4.22-gate-off", gate_on=False),
        Shape("4.23", "4.23.0", "v1.66.0", multi_arch=True),
        Shape("kubernetes", "1.18.0", form="pvc", openshift=False),
    )
}
"""By name. 4.13 is like 4.12, 4.17 like 4.16, and 4.21 like 4.20 in all that matters here."""
