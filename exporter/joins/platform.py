"""Platform: versions, namespaces and the command-line client of this cluster, as far as they are known.

Best effort by design: it words commands and picks between version-dependent rules, and None means "not known".
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import CDIS, DATA_SOURCES, HYPERCONVERGEDS, IMAGE_STREAMS, SSPS, TEMPLATES
from exporter.cluster.snapshot import ClusterSnapshot, Table
from exporter.kube.contract import State
from exporter.model.cdi import owned_by_ssp
from exporter.model.hco import HyperConverged

DOWNSTREAM_NAMESPACE: Final = "openshift-cnv"
DOWNSTREAM_IMAGES: Final = "openshift-virtualization-os-images"
UPSTREAM_NAMESPACE: Final = "kubevirt-hyperconverged"
UPSTREAM_IMAGES: Final = "kubevirt-os-images"


@dataclass(frozen=True, slots=True)
class Platform:
    """What depends on where we are. Nothing here is ever a reason for a finding."""

    openshift: bool
    client: str
    """`oc` or `kubectl`."""
    operator_namespace: str
    """Where HCO, SSP and CDI run, and CDI's poller CronJobs with them."""
    image_namespace: str
    """The golden image namespace, compiled into SSP."""
    cdi_minor: int | None
    """64 for CDI 1.64; None if CDI does not tell."""
    hco_minor: int | None
    """18 for HCO 1.18, which is CNV 4.22; None if HCO does not tell."""
    hco_resource: str
    """How to name the HCO to the client so that the fields in our patches exist: by the version that we read."""

    def cdi_since(self, minor: int) -> bool | None:
        """CDI is at least this version; None if not known."""
        return None if self.cdi_minor is None else self.cdi_minor >= minor


def platform_of(cluster: ClusterSnapshot) -> Platform:
    """What can be told from the rows that are there, whatever the state of their tables."""
    hco = next((row for _, row in cluster[HYPERCONVERGEDS]), None)
    namespaces = [key.namespace for key in (*cluster[HYPERCONVERGEDS].rows, *cluster[SSPS].rows)]
    openshift = _serves(cluster, TEMPLATES) or _serves(cluster, IMAGE_STREAMS) or DOWNSTREAM_NAMESPACE in namespaces
    operator = namespaces[0] if namespaces else (DOWNSTREAM_NAMESPACE if openshift else UPSTREAM_NAMESPACE)
    default_images = DOWNSTREAM_IMAGES if operator == DOWNSTREAM_NAMESPACE else UPSTREAM_IMAGES
    return Platform(
        openshift=openshift,
        client="oc" if openshift else "kubectl",
        operator_namespace=operator,
        image_namespace=_image_namespace(cluster) or default_images,
        cdi_minor=minor_of(next((row.status.observed_version for _, row in cluster[CDIS]), "")),
        hco_minor=hco.minor if hco else None,
        hco_resource=_hco_resource(hco),
    )


def _serves(cluster: ClusterSnapshot, resource: Resource[Any]) -> bool:
    table: Table[Any] = cluster[resource]
    return bool(table.rows) or table.state in {State.FORBIDDEN, State.STALE}


def _image_namespace(cluster: ClusterSnapshot) -> str:
    """SSP makes DataSources of its own in the golden image namespace only."""
    owned = [key.namespace for key, row in cluster[DATA_SOURCES].rows.items() if owned_by_ssp(row.metadata)]
    return Counter(sorted(owned)).most_common(1)[0][0] if owned else ""


def minor_of(version: str) -> int | None:
    """The minor version in `v1.64.0`; None if the text is no version 1."""
    match = re.match(r"v?1\.(\d+)", version)
    return int(match[1]) if match else None


def _hco_resource(hco: HyperConverged | None) -> str:
    """From HCO 1.18 both versions are served and plain `hyperconverged` means v1; name the one whose paths we use."""
    if hco is not None and not hco.is_v1 and (hco.minor or 0) >= 18:
        return "hyperconvergeds.v1beta1.hco.kubevirt.io"
    return "hyperconverged"
