"""What further up the chain explains a missing or empty DataSource: the root is named, the rest are symptoms."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.checks import CHECKS
from exporter.report import Finding
from tests.checks.datasources.sources import a_placeholder, a_source, claim
from tests.checks.references.consumers import a_waiting_machine, not_found
from tests.worlds import (
    IMAGES,
    Manifest,
    a_cdi,
    a_claim,
    a_cron,
    a_machine,
    a_template,
    ago,
    an_entry,
    an_hco,
    an_ssp,
    evaluate_manifests,
    manifest,
    merge,
)

GATE_OFF: Manifest = {"spec": {"workloadSources": {"enableCommonBootImageImport": False}}}
DISABLED: Manifest = {"metadata": {"annotations": {"dataimportcrontemplate.kubevirt.io/enable": "false"}}}
CORP = an_entry("corp-cron", managed="corp")
OFF = merge(CORP, DISABLED)
WAITING_ON_FEDORA = (a_placeholder("fedora"), *a_waiting_machine())
WANTS_CORP = a_machine(source="corp", failure=not_found("corp"))


def cause_of(check: str, *world: Manifest, **options: Any) -> set[str]:
    """The checks whose findings are named as causes of the one finding of `check`."""
    found = evaluate_manifests(CHECKS, *world, **options).report.findings
    mine = [f for f in found if f.check == check]
    assert len(mine) == 1, [f.summary for f in found]
    by_mark: dict[str, Finding] = {f.fingerprint: f for f in found}
    return {by_mark[mark].check for mark in mine[0].caused_by}


def test_a_machine_on_a_source_that_the_gate_took_away() -> None:
    world = (an_hco(**GATE_OFF), an_ssp(), *WAITING_ON_FEDORA)
    assert cause_of("machine-source-not-ready", *world) == {"common-boot-images-off"}


def test_a_machine_on_a_source_that_was_deleted_with_the_gate() -> None:
    machine = a_machine(source="rhel10", failure=not_found("rhel10"))
    assert cause_of("machine-source-missing", an_hco(**GATE_OFF), an_ssp(), machine) == {"common-boot-images-off"}


def test_a_closed_gate_does_not_explain_a_name_that_it_never_gave() -> None:
    assert cause_of("machine-source-missing", an_hco(**GATE_OFF), an_ssp(), WANTS_CORP) == set()


def test_a_machine_on_the_source_of_a_disabled_entry() -> None:
    assert cause_of("machine-source-missing", an_hco(entries=[OFF], taken=[]), an_ssp(), WANTS_CORP) == {
        "entry-disabled"
    }


def test_a_disabled_entry_does_not_explain_another_name() -> None:
    world = (an_hco(entries=[OFF], taken=[]), an_ssp(), a_machine(source="other", failure=not_found("other")))
    assert cause_of("machine-source-missing", *world) == set()


def test_a_machine_on_a_source_whose_cron_was_not_made() -> None:
    old: Manifest = {"metadata": {"creationTimestamp": ago(days=2)}}
    world = (an_hco(entries=[CORP]), an_ssp(entries=[CORP], **old), WANTS_CORP)
    assert "cron-not-created" in cause_of("machine-source-missing", *world)


def test_templates_of_a_source_whose_entry_hco_has_not_taken_up() -> None:
    template = a_template("corp-small", source="corp")
    world = (an_hco(entries=[CORP], taken=[]), an_ssp(), template)
    assert cause_of("data-source-missing", *world) == {"entry-not-propagated"}


def test_a_datasource_whose_label_names_a_cron_behind_the_gate() -> None:
    orphan = a_source("rhel10", claim("rhel10-before"), cron="rhel10-image-cron", reason="NotFound")
    assert cause_of("data-source-target-missing", an_hco(**GATE_OFF), an_ssp(), orphan) == {"common-boot-images-off"}


def test_a_datasource_whose_label_names_the_cron_of_a_disabled_entry() -> None:
    orphan = a_source("corp", claim("corp-before"), cron="corp-cron", reason="NotFound")
    world = (an_hco(entries=[OFF], taken=[]), an_ssp(), orphan)
    assert cause_of("data-source-target-missing", *world) == {"entry-disabled"}


def test_crons_that_stay_behind_when_their_namespace_is_missing() -> None:
    moved = an_entry(metadata={"namespace": "golden"})
    hco = an_hco(commons=[moved], spec={"workloadSources": {"commonBootImageNamespace": "golden"}})
    namespace = manifest("v1", "Namespace", IMAGES)
    world = (a_cdi(), hco, an_ssp(entries=[moved]), namespace, a_cron(), a_placeholder("fedora"))
    assert "boot-image-namespace-missing" in cause_of("data-source-not-following-cron", *world)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([an_hco(**GATE_OFF), an_ssp(), a_placeholder("fedora"), a_template()], id="the gate is closed"),
        pytest.param(
            [an_hco(entries=[OFF], taken=[]), an_ssp(), a_placeholder("corp"), a_template("t", source="corp")],
            id="an entry is disabled",
        ),
        pytest.param(
            [
                an_hco(commons=[an_entry()]),
                an_ssp(entries=[an_entry()]),
                a_claim("fedora", cron=""),
                a_source("fedora", claim("fedora"), ssp=True),
                a_template(),
            ],
            id="an opt-out",
        ),
    ],
)
def test_what_somebody_chose_is_at_most_info(world: list[Manifest]) -> None:
    found = evaluate_manifests(CHECKS, a_cdi(), *world).report.findings
    assert [
        f.check for f in found if f.severity != "info" and f.check.startswith(("data-", "template-", "machine-"))
    ] == []
