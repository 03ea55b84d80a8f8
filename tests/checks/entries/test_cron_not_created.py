from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.entries import ENTRIES
from exporter.checks.entries.cron_not_created import cron_not_created
from exporter.checks.operators import OPERATORS
from exporter.checks.polling.invalid_schedule import invalid_schedule
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.kube.contract import State
from tests.checks.entries.clusters import CORP, FEDORA, cron_of, metadata_edited_at, platform
from tests.checks.storage.assertions import cause_ids, costs_of, fix_command, only_finding, summarize
from tests.worlds import IMAGES, Manifest, a_claim, ago, an_entry, condition, findings, merge, status

CHECK = cron_not_created
ONLY_FEDORA: dict[str, Any] = {"crons": [cron_of(FEDORA)]}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(platform(), id="made"),
        pytest.param(
            platform(**ONLY_FEDORA, ssp={"metadata": metadata_edited_at(ago(minutes=1))}), id="asked for a minute ago"
        ),
        pytest.param(
            platform(entries=[an_entry("a-image-cron", managed="corp"), CORP], crons=[cron_of(CORP), cron_of(FEDORA)]),
            id="beaten by another entry",
        ),
        pytest.param(platform(crons=[cron_of(CORP)], more=[a_claim("fedora", cron="")]), id="opted out"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert findings(CHECK, *world) == ()


def test_fails() -> None:
    found = only_finding(CHECK, *platform(**ONLY_FEDORA, ssp={"metadata": metadata_edited_at(ago(hours=2))}))
    assert summarize(found) == (
        "warning",
        "DataImportCron corp-image-cron",
        "spec.commonTemplates.dataImportCronTemplates[name=corp-image-cron]",
        "no such DataImportCron",
        "one that manages DataSource corp",
    )
    assert found.since is not None
    assert fix_command(found).startswith("oc logs -n openshift-cnv deploy/ssp-operator")
    assert [command for command, _ in costs_of(found)] == ["oc rollout restart deploy/ssp-operator -n openshift-cnv"]


def test_a_claim_of_the_name_of_a_custom_data_source_is_no_opt_out() -> None:
    custom = {
        "apiVersion": "cdi.kubevirt.io/v1beta1",
        "kind": "DataSource",
        "metadata": {"name": "corp", "namespace": IMAGES},
    }
    assert (
        only_finding(CHECK, *platform(**ONLY_FEDORA, more=[custom, a_claim("corp", cron="")])).object.name
        == "corp-image-cron"
    )


def test_without_cdi_it_cannot_be_told() -> None:
    assert status(CHECK, *platform(crons=[]), states={DATA_IMPORT_CRONS: State.NOT_SERVED}) == "unknown"


def bad(**spec: Any) -> dict[str, Any]:
    return {**ONLY_FEDORA, "entries": [merge(CORP, {"spec": spec})]}


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param(ONLY_FEDORA, set[str](), id="nothing explains it"),
        pytest.param(
            {**ONLY_FEDORA, "ssp": {"metadata": {"annotations": {"kubevirt.io/operator.paused": "true"}}}},
            {"ssp-paused"},
            id="paused",
        ),
        pytest.param(
            {**ONLY_FEDORA, "ssp": {"status": {"conditions": [condition("Degraded", "True", "Degraded", "Error: x")]}}},
            {"ssp-degraded"},
            id="degraded",
        ),
        pytest.param(bad(schedule="0 4 * * 7"), {"invalid-schedule"}, id="schedule"),
        pytest.param(bad(template={"spec": {"source": None}}), {"entry-without-source"}, id="no source"),
        pytest.param(
            bad(template={"spec": {"source": {"registry": None, "http": {"url": "https://x"}}}}),
            {"entry-refused-by-cdi"},
            id="http",
        ),
        pytest.param(
            {**ONLY_FEDORA, "entries": [merge(CORP, {"metadata": {"namespace": "golden"}})]},
            {"boot-image-namespace-missing"},
            id="no such namespace",
        ),
    ],
)
def test_causes(world: dict[str, Any], expected: set[str]) -> None:
    checks = (*OPERATORS, *(c for c in ENTRIES if c is not CHECK), invalid_schedule)
    assert cause_ids(checks, CHECK, *platform(**world)) == expected


def test_the_fault_of_another_entry_explains_nothing() -> None:
    other = an_entry("other-image-cron", managed="other", spec={"schedule": "0 4 * * 7"})
    world = platform(entries=[CORP, other], crons=[cron_of(FEDORA), cron_of(other)])
    assert cause_ids((invalid_schedule,), CHECK, *world) == set()
