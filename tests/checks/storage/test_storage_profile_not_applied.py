from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.operators import OPERATORS
from exporter.checks.storage.storage_profile_not_applied import storage_profile_not_applied
from tests.checks.operators.operators import degraded_status
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import Manifest, a_cdi, a_cron, a_storage_class, a_storage_profile, ago, status

CHECK = storage_profile_not_applied
DEFAULT = a_storage_class(virt="true")
HALF = [{"accessModes": ["ReadWriteMany"]}]
WHOLE = [{"accessModes": ["ReadWriteMany"], "volumeMode": "Block"}]


def says(spec: Manifest, **status_of: Any) -> Manifest:
    return a_storage_profile(spec=spec, status=status_of)


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(a_storage_profile(), id="nothing is set"),
        pytest.param(says({"claimPropertySets": WHOLE}, claimPropertySets=WHOLE), id="the same"),
        pytest.param(says({"cloneStrategy": "copy"}, cloneStrategy="copy"), id="strategy"),
        pytest.param(says({"snapshotClass": "gone"}), id="snapshotClass is another finding"),
        pytest.param(
            a_storage_profile(spec={"cloneStrategy": "copy"}, metadata={"creationTimestamp": ago(minutes=9)}), id="new"
        ),
    ],
)
def test_passes(profile: Manifest) -> None:
    assert status(CHECK, DEFAULT, a_cron(), profile) == "pass"


def test_a_profile_of_no_class_matters_to_nobody() -> None:
    assert status(CHECK, a_cron(), says({"cloneStrategy": "copy"})) == "pass"


def test_is_unknown_before_cdi_has_filled_it_in() -> None:
    assert status(CHECK, DEFAULT, a_storage_profile(spec={"cloneStrategy": "copy"}, status=None)) == "unknown"


@pytest.mark.parametrize(
    ("profile", "field", "observed", "expected"),
    [
        pytest.param(
            says({"claimPropertySets": HALF}, claimPropertySets=WHOLE),
            "status.claimPropertySets",
            "ReadWriteMany Block",
            "ReadWriteMany no volume mode",
            id="half a set",
        ),
        pytest.param(
            says({"dataImportCronSourceFormat": "pvc"}),
            "status.dataImportCronSourceFormat",
            "snapshot",
            "pvc",
            id="format",
        ),
        pytest.param(
            says({"cloneStrategy": "csi-clone"}), "status.cloneStrategy", "not set", "csi-clone", id="strategy"
        ),
    ],
)
def test_what_differs_is_named(profile: Manifest, field: str, observed: str, expected: str) -> None:
    found = only_finding(CHECK, DEFAULT, a_cron(), profile)
    assert summarize(found) == ("warning", "StorageProfile fast", field, observed, expected)
    assert ("lacks accessModes or volumeMode" in found.summary) == (field == "status.claimPropertySets")


def test_it_is_a_hint_where_nothing_is_imported() -> None:
    assert only_finding(CHECK, DEFAULT, says({"cloneStrategy": "csi-clone"})).severity == "info"


def test_cdi_that_does_not_run_explains_it() -> None:
    world = (DEFAULT, a_cron(), says({"cloneStrategy": "csi-clone"}), a_cdi(**degraded_status("no pods")))
    assert cause_ids(OPERATORS, CHECK, *world) == {"cdi-degraded"}
