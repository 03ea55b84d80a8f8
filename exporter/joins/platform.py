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
from exporter.cluster.snapshot import ClusterSnapshot, Table, View, joint
from exporter.kube.contract import State
from exporter.model.cdi import DataSource, owned_by_ssp
from exporter.model.hco import HyperConverged
from exporter.model.hco_layout import has_newer_version

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
    return Platform(
        openshift=openshift,
        client="oc" if openshift else "kubectl",
        operator_namespace=operator,
        image_namespace=_golden_images(operator, cluster[DATA_SOURCES]),
        cdi_minor=cluster.join(cdi_minor),
        hco_resource=_hco_resource(hco),
    )


def _serves(cluster: ClusterSnapshot, resource: Resource[Any]) -> bool:
    table: Table[Any] = cluster[resource]
    return bool(table.rows) or table.state in {State.FORBIDDEN, State.STALE}


def _golden_images(operator_namespace: str, sources: Table[DataSource]) -> str:
    """The golden image namespace, whose name is compiled into SSP: SSP makes DataSources of its own there only.

    Its annotations alone do not prove it, since a copy of such a DataSource carries them into any namespace: a name
    that is compiled into a build that we know comes first, that of the build that runs here before the other. The
    number of DataSources decides between names of builds that we do not know.
    """
    expected = DOWNSTREAM_IMAGES if operator_namespace == DOWNSTREAM_NAMESPACE else UPSTREAM_IMAGES
    owned = Counter(key.namespace for key, row in sources if owned_by_ssp(row.metadata))
    known = (DOWNSTREAM_IMAGES, UPSTREAM_IMAGES)
    return max(owned, key=lambda name: (name == expected, name in known, owned[name]), default=expected)


@joint(SSPS, DATA_SOURCES)
def image_namespace(view: View) -> str:
    """The golden image namespace."""
    operator = next((key.namespace for key, _ in view[SSPS]), "")
    return _golden_images(operator, view[DATA_SOURCES])


@joint(CDIS)
def cdi_minor(view: View) -> int | None:
    """64 for CDI 1.64; None if CDI does not tell, or tells a major version that we do not know."""
    match = re.match(r"v?1\.([0-9]{1,6})", next((row.status.observed_version for _, row in view[CDIS]), ""))
    return int(match[1]) if match else None


def _hco_resource(hco: HyperConverged | None) -> str:
    """Plain `hyperconverged` means the newest version that is served; name the one whose paths we use."""
    if hco is not None and hco.release is not None and has_newer_version(hco.layout, hco.release):
        return f"{HYPERCONVERGEDS}.{hco.layout.api_version}.{HYPERCONVERGEDS.group}"
    return HYPERCONVERGEDS.kind.lower()
