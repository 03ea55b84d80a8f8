from __future__ import annotations

import pytest

from exporter.checks.entries.gate_at_dead_path import gate_at_dead_path
from tests.checks.entries.clusters import apply_command
from tests.checks.entries.test_common_boot_images_off import old
from tests.checks.storage.assertions import costs_of, only_finding, summarize
from tests.worlds import Manifest, an_hco, status

CHECK = gate_at_dead_path
OLD = "enableCommonBootImageImport"


@pytest.mark.parametrize(
    "hco",
    [
        pytest.param(an_hco(), id="v1"),
        pytest.param(an_hco(spec={"featureGates": [{"name": OLD}]}), id="it agrees"),
        pytest.param(old("1.14.0", featureGates={OLD: False}), id="not dead before 1.15"),
        pytest.param(old("1.16.0", enableCommonBootImageImport=False, featureGates={OLD: False}), id="both off"),
        pytest.param(an_hco(spec={"featureGates": {}}), id="an empty map where a list belongs"),
    ],
)
def test_passes(hco: Manifest) -> None:
    assert status(CHECK, hco) == "pass"


@pytest.mark.parametrize(
    ("hco", "observed", "words", "patch"),
    [
        pytest.param(
            old("1.16.0", enableCommonBootImageImport=True, featureGates={OLD: False}),
            "false",
            "spec.enableCommonBootImageImport counts and is true",
            """'{"spec":{"featureGates":{"enableCommonBootImageImport":null},"enableCommonBootImageImport":false}}'""",
            id="4.20: off at the old place",
        ),
        pytest.param(
            old("1.16.0", enableCommonBootImageImport=False, featureGates={OLD: True}),
            "true",
            "spec.enableCommonBootImageImport counts and is false",
            """'{"spec":{"featureGates":{"enableCommonBootImageImport":null},"enableCommonBootImageImport":true}}'""",
            id="4.20: on at the old place",
        ),
        pytest.param(
            an_hco(spec={"featureGates": [{"name": OLD, "state": "Disabled"}]}),
            "false",
            "spec.workloadSources.enableCommonBootImageImport counts and is true",
            """'{"spec":{"workloadSources":{"enableCommonBootImageImport":false}}}'""",
            id="v1: off in the list of feature gates",
        ),
    ],
)
def test_fails(hco: Manifest, observed: str, words: str, patch: str) -> None:
    found = only_finding(CHECK, hco)
    severity, _, field, seen, _ = summarize(found)
    assert (severity, field, seen) == ("warning", f"spec.featureGates.{OLD}", observed)
    assert words in found.summary
    assert found.fixes[1].command.endswith(f"--type merge -p {patch}")
    assert [status(CHECK, apply_command(fix.command, hco)) for fix in found.fixes] == ["pass", "pass"]


def test_dropping_the_dead_key_comes_first_and_changes_nothing() -> None:
    hco = old("1.16.0", enableCommonBootImageImport=True, featureGates={OLD: False})
    found = only_finding(CHECK, hco)
    assert found.fixes[0].kind == "safe"
    spec = apply_command(found.fixes[0].command, hco)["spec"]
    assert (spec["enableCommonBootImageImport"], spec["featureGates"]) == (True, {})


def test_says_what_switching_off_costs() -> None:
    found = only_finding(CHECK, old("1.16.0", featureGates={OLD: False}))
    ((_, cost),) = costs_of(found)
    assert "SSP deletes the DataImportCrons of all common boot sources" in cost
