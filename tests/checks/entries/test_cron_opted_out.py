from __future__ import annotations

import pytest

from exporter.checks.entries.cron_opted_out import cron_opted_out
from tests.checks.entries.clusters import CORP, cron_of, platform
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import IMAGES, SSP_OWNED, Manifest, a_claim, a_data_source, findings, merge

CHECK = cron_opted_out
UPLOAD = a_claim("fedora", cron="")
SOURCE = a_data_source(
    cron="",
    metadata={"annotations": SSP_OWNED},
    spec={"source": {"snapshot": None, "pvc": {"name": "fedora", "namespace": IMAGES}}},
)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param([SOURCE], id="no claim of the name"),
        pytest.param([SOURCE, a_claim("fedora", cron="", metadata={"namespace": "shop"})], id="in another namespace"),
        pytest.param([merge(a_data_source(), {"metadata": {"annotations": SSP_OWNED}}), UPLOAD], id="labelled"),
        pytest.param([a_data_source(cron=""), UPLOAD], id="a DataSource that SSP does not keep"),
    ],
)
def test_passes(more: list[Manifest]) -> None:
    assert findings(CHECK, *platform(crons=[cron_of(CORP)], more=more)) == ()


def test_passes_while_the_cron_is_there() -> None:
    assert findings(CHECK, *platform(more=[SOURCE, UPLOAD])) == ()


@pytest.mark.parametrize("source", [pytest.param([SOURCE], id="unlabelled"), pytest.param([], id="no DataSource yet")])
def test_fails(source: list[Manifest]) -> None:
    found = only_finding(CHECK, *platform(crons=[cron_of(CORP)], more=[*source, UPLOAD]))
    assert summarize(found) == (
        "info",
        "DataSource fedora",
        "metadata.labels[cdi.kubevirt.io/dataImportCron]",
        f"no label, and PersistentVolumeClaim {IMAGES}/fedora",
        "fedora-image-cron, unless the image is kept by hand on purpose",
    )
    # With the label of the cleanup left there, CDI would delete the DataSource.
    assert fix_command(found) == (
        f"oc label --overwrite datasource fedora -n {IMAGES} cdi.kubevirt.io/dataImportCron=fedora-image-cron "
        "cdi.kubevirt.io/dataImportCron.cleanup-"
    )
