"""The operators, and their objects, are broken."""

from __future__ import annotations

import json

from tests.clusters.broken.changes import ask, broken, fails, mark_edited
from tests.clusters.controllers import settle
from tests.clusters.entries import corp
from tests.clusters.sample import Sample
from tests.worlds import condition


@broken()
def hyperconverged_missing(s: Sample) -> None:
    """Somebody has deleted HyperConverged; what it made lives on."""
    s.drop("HyperConverged", "kubevirt-hyperconverged", s.shape.operators)


@broken()
def hyperconverged_status_stale(s: Sample) -> None:
    """hco-operator hangs: an entry that was added three hours ago is in the spec only."""
    s.entries.append(corp(s.shape, "corp-alma9"))
    mark_edited(s.hco, hours=3)
    s.down.add("hco-operator")


@broken()
def hyperconverged_tainted(s: Sample) -> None:
    """A JSON patch sends fedora to a mirror behind HCO's back."""
    listed = s.ssp["spec"]["commonTemplates"]["dataImportCronTemplates"]
    index = [e["metadata"]["name"] for e in listed].index("fedora-image-cron")
    url, path = "docker://mirror.corp.example/fedora:latest", "spec/template/spec/source/registry/url"
    at = f"/spec/commonTemplates/dataImportCronTemplates/{index}/{path}"
    s.hco["metadata"]["annotations"] = {
        "ssp.kubevirt.io/jsonpatch": json.dumps([{"op": "replace", "path": at, "value": url}])
    }
    s.hco["status"]["conditions"].append(
        condition("TaintedConfiguration", "True", "UnsupportedFeatureAnnotation", days=4)
    )
    listed[index]["spec"]["template"]["spec"]["source"]["registry"]["url"] = url
    settle(s)


@broken("4.20")
def ssp_paused(s: Sample) -> None:
    """SSP was paused and forgotten: an entry that was added since has no cron."""
    s.ssp["metadata"]["annotations"] = {"kubevirt.io/operator.paused": "true"}
    s.ssp["status"]["paused"] = True
    ask(s, corp(s.shape, "corp-alma9"))
    mark_edited(s.ssp, hours=5)


@broken("4.18")
def ssp_status_stale(s: Sample) -> None:
    """ssp-operator hangs: a new entry has come as far as SSP's spec."""
    s.down.add("ssp-operator")
    ask(s, corp(s.shape, "corp-alma9"))
    mark_edited(s.ssp, hours=5)


@broken()
def cdi_degraded(s: Sample) -> None:
    """CDI's controller does not run."""
    status = s.get("CDI", "cdi-kubevirt-hyperconverged")["status"]
    status["conditions"] = [
        condition("Available", "False", "DeployNotReady", "cdi-deployment is not available", hours=9),
        condition("Degraded", "True", "DeployNotReady", "cdi-deployment is not available", hours=9),
    ]


@broken()
def hyperconverged_degraded(s: Sample) -> None:
    """HCO repeats what a component says that has nothing to do with boot sources."""
    told = condition("Degraded", "True", "NetworkAddonsConfigDegraded", "multus is not ready", hours=9)
    s.hco["status"]["conditions"] = [*(c for c in s.hco["status"]["conditions"] if c["type"] != "Degraded"), told]


@broken()
def hyperconverged_not_upgradeable(s: Sample) -> None:
    """KubeVirt asks not to be upgraded now."""
    told = condition("Upgradeable", "False", "KubeVirtNotUpgradeable", "a storage version is being migrated", days=6)
    s.hco["status"]["conditions"] = [*(c for c in s.hco["status"]["conditions"] if c["type"] != "Upgradeable"), told]


@broken()
def hyperconverged_deletion_blocked(s: Sample) -> None:
    """Somebody has begun to uninstall, and machines are left."""
    meta = s.hco["metadata"]
    meta["deletionTimestamp"], meta["finalizers"] = "2026-08-21T07:00:00Z", ["kubevirt.io/hyperconverged"]


@broken()
def ssp_resources_unavailable(s: Sample) -> None:
    """SSP has applied everything, and the pods of its template validator do not start."""
    fails(s, "1 SSP resources are degraded")
