from __future__ import annotations

import json
import shlex

import pytest

from exporter.checks.entries.common_entries_copied import common_entries_copied
from tests.checks.entries.clusters import CORP, ENABLE, FEDORA, platform
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, an_entry, merge, status

CHECK = common_entries_copied
DRAWN = "41 7/12 * * *"
HCO = {"status": {"dataImportSchedule": DRAWN}}
COPY = merge(FEDORA, {"spec": {"schedule": DRAWN}, "status": {"commonTemplate": True, "modified": True}})
STREAM = merge(an_entry("centos-stream9-image-cron", managed="centos-stream9"), {"spec": {"schedule": DRAWN}})
OFF = merge(STREAM, {"metadata": {"annotations": {ENABLE: "false"}}})


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([], id="no entries"),
        pytest.param([FEDORA], id="a schedule of one's own"),
        pytest.param([merge(CORP, {"spec": {"schedule": DRAWN}})], id="not a common one"),
        pytest.param(
            [merge(COPY, {"spec": {"template": {"spec": {"storage": {"storageClassName": "fast"}}}}})], id="a class"
        ),
        pytest.param([{"metadata": {"name": "fedora-image-cron", "annotations": {ENABLE: "false"}}}], id="only off"),
    ],
)
def test_passes(entries: list[Manifest]) -> None:
    assert status(CHECK, *platform(entries=entries, commons=[], hco=HCO)) == "pass"


def test_hco_that_has_drawn_no_schedule_has_made_no_copy() -> None:
    world = platform(entries=[COPY], commons=[], hco={"status": {"dataImportSchedule": ""}})
    assert status(CHECK, *world) == "pass"


def test_copies_are_one_finding_and_leave_the_list_from_its_end() -> None:
    found = only_finding(CHECK, *platform(entries=[COPY, CORP, OFF], commons=[], hco=HCO))
    assert summarize(found)[:3] == (
        "info",
        "HyperConverged kubevirt-hyperconverged",
        "spec.workloadSources.dataImportCronTemplates",
    )
    assert found.summary.endswith("follow no newer defaults: fedora-image-cron, centos-stream9-image-cron")
    at = "/spec/workloadSources/dataImportCronTemplates"
    assert json.loads(shlex.split(fix_command(found))[-1]) == [
        {"op": "test", "path": f"{at}/2/metadata/name", "value": "centos-stream9-image-cron"},
        {"op": "remove", "path": f"{at}/2/spec"},
        {"op": "test", "path": f"{at}/0/metadata/name", "value": "fedora-image-cron"},
        {"op": "remove", "path": f"{at}/0"},
    ]
