"""Operators that were told something new a moment ago: no finding within the grace, also in a dump without dates."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from exporter.checks.evaluate import evaluate_cluster
from tests.clusters.healthy import healthy
from tests.dump.samples import load_dump
from tests.worlds import NOW, Manifest


def _one(objects: list[Manifest], kind: str) -> Manifest:
    (found,) = [o for o in objects if o["kind"] == kind]
    return found


def _edit(manifest: Manifest) -> None:
    """A newer spec that its operator has not seen; `oc get` hides managedFields."""
    manifest["metadata"]["generation"] = manifest["status"]["observedGeneration"] + 1
    manifest["metadata"].pop("managedFields", None)


def _told(objects: list[Manifest], where: Path) -> tuple[str, list[str]]:
    (where / "dump.yaml").write_text(yaml.safe_dump_all(objects))
    report = evaluate_cluster(load_dump(where, complete=True)[0], NOW).report
    return report.verdict, [f.check for f in report.findings]


@pytest.mark.parametrize("change", ["added", "removed"])
def test_an_ssp_that_is_just_reconciling_is_no_finding(change: str, tmp_path: Path) -> None:
    objects = list(healthy("4.22").objects)
    ssp = _one(objects, "SSP")
    ssp["status"].setdefault("observedGeneration", 3)
    _edit(ssp)
    if change == "added":
        gone = next(o for o in objects if o["kind"] == "DataImportCron")
        objects.remove(gone)
    verdict, findings = _told(objects, tmp_path)
    assert verdict == "unknown"
    assert not {"ssp-status-stale", "cron-not-created", "cron-drifted"} & {*findings}


def test_a_hyperconverged_that_is_just_reconciling_is_no_finding(tmp_path: Path) -> None:
    objects = list(healthy("4.22").objects)
    hco = _one(objects, "HyperConverged")
    _edit(hco)
    entries = hco["status"]["dataImportCronTemplates"]
    del entries[0]
    verdict, findings = _told(objects, tmp_path)
    assert verdict in ("unknown", "fail")
    assert not {"hyperconverged-status-stale", "entry-not-propagated"} & {*findings}
