from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.entries import ENTRIES
from exporter.checks.operators import OPERATORS
from exporter.checks.operators.ssp_degraded import ssp_degraded
from exporter.checks.polling.invalid_schedule import invalid_schedule
from tests.checks.entries.clusters import CORP, FEDORA, cron_of, platform
from tests.checks.operators.operators import NO_NAMESPACE, REFUSED, degraded_status, status_with
from tests.checks.storage.assertions import cause_ids, only_finding, summarize
from tests.worlds import Manifest, a_cdi, an_ssp, condition, evaluate_manifests, findings, merge, status

CHECK = ssp_degraded
HTTP = {"template": {"spec": {"source": {"registry": None, "http": {"url": "https://x"}}}}}


@pytest.mark.parametrize(
    "ssp",
    [
        pytest.param(an_ssp(), id="healthy"),
        pytest.param(an_ssp(**degraded_status("Error: x", minutes=9)), id="while it reconciles"),
    ],
)
def test_passes(ssp: Manifest) -> None:
    assert findings(CHECK, ssp) == ()


def test_is_unknown_without_conditions() -> None:
    assert status(CHECK, an_ssp(status={"conditions": None})) == "unknown"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        pytest.param(
            REFUSED + "Illegal cron schedule",
            "cannot apply DataImportCron openshift-virtualization-os-images/corp-image-cron: Illegal cron schedule",
            id="a cron is refused",
        ),
        pytest.param(
            NO_NAMESPACE,
            'cannot apply DataImportCron golden/fedora-image-cron: namespaces "golden" not found',
            id="no namespace",
        ),
        pytest.param("Error: templates", "cannot apply its objects: Error: templates", id="another object"),
    ],
)
def test_fails(message: str, words: str) -> None:
    found = only_finding(CHECK, an_ssp(**degraded_status(message)))
    severity, ref, field, _, expected = summarize(found)
    assert (severity, ref) == ("critical", "SSP ssp-kubevirt-hyperconverged")
    assert (field, expected) == ("status.conditions[type=Degraded]", "Degraded False, Available True")
    assert found.summary.endswith(words)
    assert found.since is not None


def test_not_available_is_enough() -> None:
    found = only_finding(CHECK, an_ssp(**status_with(condition("Available", "False", "Available", "Error: no pods"))))
    assert found.field == "status.conditions[type=Available]"


def refused(why: str, **changes: Any) -> list[Manifest]:
    """CDI refuses the cron of the changed entry, and SSP and HCO say so."""
    entry = merge(CORP, changes)
    return platform(entries=[entry], crons=[cron_of(FEDORA)], ssp=degraded_status(REFUSED + why))


@pytest.mark.parametrize(
    ("world", "root"),
    [
        pytest.param(
            refused("Illegal cron schedule", spec={"schedule": "0 4 * * 7"}), "invalid-schedule", id="schedule"
        ),
        pytest.param(
            refused("Missing source", spec={"template": {"spec": {"source": None}}}),
            "entry-without-source",
            id="no source",
        ),
        pytest.param(refused("Missing source", spec=HTTP), "entry-refused-by-cdi", id="http"),
        pytest.param(
            refused(
                "Illegal registry source URL scheme",
                spec={"template": {"spec": {"source": {"registry": {"url": "https://quay.io/x"}}}}},
            ),
            "entry-refused-by-cdi",
            id="scheme",
        ),
        pytest.param(
            platform(
                commons=[merge(FEDORA, {"metadata": {"namespace": "golden"}})],
                crons=[cron_of(CORP)],
                hco={"spec": {"workloadSources": {"commonBootImageNamespace": "golden"}}},
                ssp=degraded_status(NO_NAMESPACE),
            ),
            "boot-image-namespace-missing",
            id="namespace",
        ),
        pytest.param(refused("name is too long"), "ssp-degraded", id="nothing that we know explains it"),
    ],
)
def test_the_entry_is_the_root(world: list[Manifest], root: str) -> None:
    report = evaluate_manifests((*OPERATORS, *ENTRIES, invalid_schedule), *world).report
    assert {f.check for f in report.findings if f.root and f.severity != "info"} == {root}


def test_a_webhook_that_does_not_answer() -> None:
    ssp = an_ssp(**degraded_status("Error: Internal error occurred: failed calling webhook dataimportcron-validate"))
    others = tuple(c for c in OPERATORS if c is not CHECK)
    assert cause_ids(others, CHECK, ssp, a_cdi(**degraded_status("no pods"))) == {"cdi-degraded"}


def test_a_webhook_of_ssp_itself_is_not_explained_by_cdi() -> None:
    words = 'Error: failed calling webhook "validation.ssp.kubevirt.io": connection refused'
    others = tuple(c for c in OPERATORS if c is not CHECK)
    assert cause_ids(others, CHECK, an_ssp(**degraded_status(words)), a_cdi(**degraded_status("no pods"))) == set()


@pytest.mark.parametrize("said", ["Missing source", " Missing registry source"])
def test_either_generation_of_cdi_says_that_the_source_is_missing(said: str) -> None:
    why = f'Error: admission webhook "dataimportcron-validate.cdi.kubevirt.io" denied the request: {said}'
    entry = merge(CORP, {"spec": {"template": {"spec": {"source": None}}}})
    world = platform(entries=[entry], crons=[cron_of(FEDORA)], ssp=degraded_status(why))
    assert cause_ids(ENTRIES, CHECK, *world) >= {"entry-without-source"}


def test_resources_that_are_not_available_are_another_finding() -> None:
    assert status(CHECK, an_ssp(**degraded_status("2 SSP resources are degraded"))) == "pass"


def test_a_json_patch_that_breaks_an_entry_is_the_root() -> None:
    broken = merge(CORP, {"spec": {"importsToKeep": -1}})
    world = platform(
        passed=[broken, FEDORA],
        crons=[cron_of(FEDORA)],
        ssp=degraded_status(REFUSED + "ImportsToKeep may not be negative"),
        hco={"metadata": {"annotations": {"ssp.kubevirt.io/jsonpatch": "[{}]"}}},
    )
    report = evaluate_manifests((*OPERATORS, *ENTRIES), *world).report
    assert [f.check for f in report.findings if f.root] == ["hyperconverged-tainted"]
