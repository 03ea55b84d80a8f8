from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.datasources.data_source_missing import data_source_missing
from exporter.checks.datasources.data_source_pointer_broken import data_source_pointer_broken
from exporter.checks.operators import OPERATORS
from exporter.report import Finding
from tests.checks.datasources.sources import a_placeholder, a_source, claim, pointer
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import IMAGES, NOW, Manifest, a_template, an_entry, an_hco, an_ssp, condition, findings, status

CHECK = data_source_pointer_broken
TOO_DEEP: Manifest = {
    "reason": "MaxReferenceDepthReached",
    "message": "DataSource reference chain exceeds maximum depth of 1",
}
GONE: Manifest = {"reason": "NotFound", "message": "datasources.cdi.kubevirt.io not found"}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_source(source=pointer("fedora-amd64"))], id="ready"),
        pytest.param([a_source(source=claim("x"), **GONE)], id="no pointer"),
        pytest.param([a_source(source=pointer("x"), hours=0.4, **GONE)], id="for minutes only"),
        pytest.param(
            [a_placeholder("win11-amd64"), a_source("win11", pointer("win11-amd64"), ssp=True, **GONE)],
            id="a pointer of SSP's to a placeholder",
        ),
        pytest.param(
            [a_source("fedora-amd64", claim("x"), reason="Pending"), a_source(source=pointer("fedora-amd64"), **GONE)],
            id="its target exists and is not ready: another finding",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_pointer_to_a_pointer_is_led_to_what_that_one_means() -> None:
    world = (
        a_source("linux", pointer("fedora"), **TOO_DEEP),
        a_source("fedora", pointer("fedora-amd64")),
        a_source("fedora-amd64", claim("x")),
    )
    finding = only_finding(CHECK, *world)
    assert finding.summary == (
        f"DataSource linux points at DataSource {IMAGES}/fedora: DataSource reference chain exceeds maximum depth of 1"
    )
    assert summarize(finding) == (
        "critical",
        "DataSource linux",
        "spec.source.dataSource",
        f"{IMAGES}/fedora, MaxReferenceDepthReached: DataSource reference chain exceeds maximum depth of 1",
        "a DataSource of the same namespace that stands for a claim or a snapshot",
    )
    assert finding.since == NOW - timedelta(hours=5)
    assert fix_command(finding) == (
        f"kubectl patch datasource linux -n {IMAGES} --type merge -p "
        f'\'{{"spec":{{"source":{{"dataSource":{{"namespace":"{IMAGES}","name":"fedora-amd64"}}}}}}}}\''
    )


def test_a_chain_that_is_longer_still_is_for_an_editor() -> None:
    world = (
        a_source("linux", pointer("fedora"), **TOO_DEEP),
        a_source("fedora", pointer("b"), **TOO_DEEP),
        a_source("b", pointer("c")),
    )
    fixes = {f.object.name: f.fix.command for f in _found(*world) if f.fix}
    assert fixes["linux"] == f"kubectl edit datasource linux -n {IMAGES}"


def _found(*world: Manifest) -> tuple[Finding, ...]:
    return findings(CHECK, *world)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        pytest.param(pointer("linux"), "SelfReference", id="at itself"),
        pytest.param(pointer("fedora", "team-a"), "CrossNamespaceReference", id="into another namespace"),
        pytest.param(pointer("nowhere"), "NotFound", id="at nothing"),
        pytest.param({"dataSource": {"name": "nowhere"}}, "NotFound", id="at nothing, without a namespace"),
    ],
)
def test_other_pointers_that_lead_nowhere(source: Manifest, told: str) -> None:
    other = a_source("fedora", claim("x"), metadata={"namespace": "team-a"})
    finding = only_finding(CHECK, other, a_source("linux", source, reason=told, message="why"))
    assert fix_command(finding) == f"kubectl edit datasource linux -n {IMAGES}"


def test_a_target_that_is_gone_is_named_and_nobody_edits_what_ssp_owns() -> None:
    finding = only_finding(CHECK, a_source("win11", pointer("win11-amd64"), ssp=True, **GONE))
    assert finding.summary == f"DataSource win11 points at DataSource {IMAGES}/win11-amd64, which does not exist"
    assert finding.fix is None


def test_a_missing_target_is_explained_by_what_should_have_made_it() -> None:
    entry = an_entry()
    ssp = an_ssp(
        entries=[entry],
        spec={"enableMultipleArchitectures": True},
        status={"conditions": [condition("Degraded", "True", "Degraded", "Error: no", days=2)], "phase": "Deploying"},
    )
    world = (an_hco(entries=[entry]), ssp, a_source(source=pointer("fedora-amd64"), ssp=True, **GONE))
    assert cause_ids(OPERATORS, CHECK, *world) == {"ssp-degraded"}


def test_templates_that_miss_the_same_target_explain_it() -> None:
    world = (
        a_source("linux", pointer("rhel9"), **GONE),
        a_template("a", source="rhel9"),
        a_template("b", source="rhel9"),
    )
    assert cause_ids((data_source_missing,), CHECK, *world) == {"data-source-missing"}


def test_silence_is_unknown() -> None:
    silent = a_source(source=pointer("x"), status={"conditions": [condition("Ready", "")]})
    assert status(CHECK, silent) == "unknown"
