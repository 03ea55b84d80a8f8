"""Platform: versions, namespaces and the command-line client of this cluster, as far as they are known.

Best effort by design: it words commands and picks between version-dependent rules, and None means "not known".
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from exporter.cluster.resource import Resource
from exporter.cluster.resources import (
    CDIS,
    CRON_JOBS,
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    HYPERCONVERGEDS,
    IMAGE_STREAMS,
    SSPS,
    TEMPLATES,
)
from exporter.cluster.snapshot import ClusterSnapshot, Table, View, joint
from exporter.joins.acting_hco import acting_hyperconvergeds
from exporter.kube.contract import Key, State
from exporter.model.cdi import (
    CRON_LABEL,
    CRON_NAMESPACE_LABEL,
    PRIMARY_RESOURCE,
    DataSource,
    owned_by_ssp,
)
from exporter.model.hco import HyperConverged
from exporter.model.hco_layout import has_newer_version

DOWNSTREAM_NAMESPACE: Final = "openshift-cnv"
DOWNSTREAM_IMAGES: Final = "openshift-virtualization-os-images"
UPSTREAM_NAMESPACE: Final = "kubevirt-hyperconverged"
UPSTREAM_IMAGES: Final = "kubevirt-os-images"
_CDI_OF_PRODUCT: Final = {10: 43, 11: 49}
"""The minor of CDI 1 that OpenShift Virtualization 4.y ships; from 4.12 on it is 43 more than y."""
NEWER_THAN_ANY: Final = 1000
"""The minor that stands for a CDI of another numbering than 1.y and 4.y: later than all rules that we know."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What depends on where we are. Nothing here is ever a reason for a finding."""

    openshift: bool
    client: str
    """`oc` or `kubectl`."""
    operator_namespace: str
    """Where HCO and SSP run; "" if there is neither, nor anything that SSP has made."""
    cdi_namespace: str
    """Where CDI runs, and its poller CronJobs: beside HCO, else wherever CDI was installed; "" if nothing tells."""
    image_namespace: str
    """The golden image namespace, compiled into SSP."""
    cdi_minor: int | None
    """64 for CDI 1.64, or for the product version 4.21 that ships it; None if CDI does not tell."""
    hco_resource: str
    """How to name the HCO to the client so that the fields in our patches exist: by the version that we read."""

    def cdi_since(self, minor: int) -> bool | None:
        """CDI is at least this version; None if not known."""
        return None if self.cdi_minor is None else self.cdi_minor >= minor


def platform_of(cluster: ClusterSnapshot) -> Platform:
    """What can be told from the rows that are there, whatever the state of their tables."""
    acting = cluster.join(acting_hyperconvergeds)
    hco = next(iter(acting.values()), None)
    namespaces = [key.namespace for key in (*acting, *cluster[SSPS].rows)]
    openshift = _serves(cluster, TEMPLATES) or _serves(cluster, IMAGE_STREAMS) or DOWNSTREAM_NAMESPACE in namespaces
    beside, left = next(iter(namespaces), ""), _left_behind_by(cluster)
    return Platform(
        openshift=openshift,
        client="oc" if openshift else "kubectl",
        operator_namespace=beside or left,
        cdi_namespace=beside or cluster.join(poller_namespace) or left,
        image_namespace=_golden_images(beside or left, cluster[DATA_SOURCES]),
        cdi_minor=cluster.join(cdi_minor),
        hco_resource=_hco_resource(hco),
    )


def _left_behind_by(cluster: ClusterSnapshot) -> str:
    """The namespace of the SSP that most of its DataSources and crons name; they outlive it."""
    metas = (
        *(row.metadata for row in cluster[DATA_SOURCES].rows.values()),
        *(row.metadata for row in cluster[DATA_IMPORT_CRONS].rows.values()),
    )
    owners = Counter(meta.annotations.get(PRIMARY_RESOURCE, "") for meta in metas if owned_by_ssp(meta))
    return max(owners, key=lambda owner: (owners[owner], owner), default="").partition("/")[0]


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


@joint(CRON_JOBS, DATA_IMPORT_CRONS)
def poller_namespace(view: View) -> str:
    """Where most poller CronJobs are; "" if there is none.

    CDI names one after its cron and the first eight characters of the cron's UID. Labels alone prove nothing: anyone
    may set them, in any namespace.
    """
    crons, found = view[DATA_IMPORT_CRONS].rows, Counter[str]()
    for key, job in view[CRON_JOBS]:
        labels = job.metadata.labels
        cron = crons.get(Key(labels.get(CRON_NAMESPACE_LABEL, ""), labels.get(CRON_LABEL, "")))
        if cron is not None and key.name == f"{cron.metadata.name}-{cron.metadata.uid[:8]}":
            found[key.namespace] += 1
    return max(found, key=lambda name: (found[name], name), default="")


@joint(CDIS)
def cdi_minor(view: View) -> int | None:
    """64 for CDI 1.64; None if CDI does not tell.

    A product's build of CDI tells the version of the product: 4.21 ships CDI 1.64. Releases of any other numbering, as
    those from OpenShift Virtualization 5.0 on, are newer than all that we know.
    """
    match = re.match(r"v?([0-9]{1,6})\.([0-9]{1,6})", next((row.status.observed_version for _, row in view[CDIS]), ""))
    if match is None or match[1] == "0":
        return None
    major, minor = int(match[1]), int(match[2])
    if major == 4:
        return cdi_of_product(minor)
    return minor if major == 1 else NEWER_THAN_ANY


def cdi_of_product(minor: int) -> int:
    """The minor of CDI 1 that OpenShift Virtualization 4.`minor` ships."""
    return _CDI_OF_PRODUCT.get(minor, 43 + minor)


def _hco_resource(hco: HyperConverged | None) -> str:
    """Plain `hyperconverged` means the newest version that is served; name the one whose paths we use."""
    if hco is not None and hco.release is not None and has_newer_version(hco.layout, hco.release):
        return f"{HYPERCONVERGEDS}.{hco.layout.api_version}.{HYPERCONVERGEDS.group}"
    return HYPERCONVERGEDS.kind.lower()
