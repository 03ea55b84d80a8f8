"""Which findings are muted, what that does to what follows from them, and what it does not touch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.checks.policy import ObjectPattern, Policy
from exporter.checks.suppression import Statement, SuppressionCase, find_suppressed
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.resources import (
    DATA_SOURCES,
    DATA_VOLUMES,
    EVENTS,
    TEMPLATES,
    VIRTUAL_MACHINE_TEMPLATES,
    VIRTUAL_MACHINES,
    WATCHED,
)
from exporter.model.wire import SUPPRESS
from exporter.report import SEVERITIES, Severity
from tests.checks.suppressions.suppress import WORLD, a_policy, a_rule, annotate, chain, evaluate_policy, loud, quiet
from tests.worlds import (
    NOW,
    a_cron,
    a_data_source,
    a_data_volume,
    a_machine,
    a_storage_class,
    a_template,
    cluster,
    manifest,
)

ON_CRON = "cron-fails; reason=known; owner=me"


def test_nothing_is_muted_unless_somebody_says_so() -> None:
    assert quiet(evaluate_policy(policy=Policy())) == {}


def test_a_rule_of_the_configuration_mutes() -> None:
    report = evaluate_policy(policy=a_policy(a_rule("source-fails", until=NOW + timedelta(days=1))))
    assert quiet(report) == {"source-fails": "configuration"}
    (finding,) = [f for f in report.findings if f.suppressed]
    assert finding.suppressed is not None
    assert (finding.suppressed.reason, finding.suppressed.owner) == ("known", "me")
    assert finding.suppressed.until == NOW + timedelta(days=1)


def test_an_annotation_mutes_findings_about_its_object_only() -> None:
    world = (a_storage_class(), annotate(a_cron("a"), ON_CRON), a_cron("b"))
    report = evaluate_policy(*world, policy=Policy())
    assert [(f.object.name, f.suppressed is None) for f in report.findings if f.check == "cron-fails"] == [
        ("b", True),
        ("a", False),
    ]
    assert quiet(report) == {"cron-fails": "annotation"}


def test_an_asterisk_mutes_whatever_is_found() -> None:
    world = (a_storage_class(), annotate(a_cron(), "*; reason=a lab; owner=me"))
    assert quiet(evaluate_policy(*world, policy=Policy())) == {"cron-fails": "annotation"}


@pytest.mark.parametrize(
    ("selector", "mutes"),
    [
        ({}, True),
        ({"kind": "DataSource"}, True),
        ({"kind": "DataImportCron"}, False),
        ({"kind": "datasource"}, False),
        ({"namespace": "openshift-*"}, True),
        ({"namespace": ""}, False),
        ({"name": "fed[a-f]ra"}, False),
        ({"name": "f?dora", "namespace": "*images", "kind": "Data*"}, True),
    ],
    ids=str,
)
def test_objects_are_selected_by_patterns(selector: dict[str, str], mutes: bool) -> None:
    report = evaluate_policy(policy=a_policy(a_rule("source-fails", **selector)))
    assert ("source-fails" in quiet(report)) is mutes


def test_patterns_in_an_annotated_name_are_not_patterns() -> None:
    assert ObjectPattern(kind="A", namespace="[*]", name="x")(Ref("A", "*", "x"))
    assert not ObjectPattern(kind="A", namespace="[*]", name="x")(Ref("A", "y", "x"))


def test_what_has_expired_mutes_nothing_any_more() -> None:
    for until, sources in ((NOW, {"no-class": "configuration"}), (NOW - timedelta(seconds=1), {})):
        found = quiet(evaluate_policy(policy=a_policy(a_rule(until=until))))
        assert {check: source for check, source in found.items() if check == "no-class"} == sources


class TestWhatFollows:
    """A cause is accepted with what follows from it, unless that is worse."""

    def test_symptoms_are_muted_with_their_root(self) -> None:
        report = evaluate_policy(policy=a_policy(a_rule("no-class")))
        assert quiet(report) == {"no-class": "configuration", "cron-fails": "cause", "source-fails": "cause"}
        assert report.verdict == "pass"
        (cron,) = [f for f in report.findings if f.check == "cron-fails"]
        assert cron.suppressed is not None
        assert cron.suppressed.reason == "follows from no-class of StorageClass fast: known"
        assert cron.caused_by

    def test_a_worse_symptom_counts_and_is_no_root(self) -> None:
        # What was accepted is the root by itself, though it is shown as bad as what it leads to.
        report = evaluate_policy(policy=a_policy(a_rule("no-class")), checks=chain(Severity.INFO, Severity.CRITICAL))
        assert quiet(report) == {"no-class": "configuration"}
        assert [(f.check, f.root) for f in report.findings if f.suppressed is None] == [
            ("cron-fails", False),
            ("source-fails", False),
        ]
        assert report.verdict == "fail"

    def test_a_symptom_with_a_cause_that_counts_counts(self) -> None:
        world = (annotate(a_storage_class("a"), "no-class; reason=known; owner=me"), a_storage_class("b"), a_cron())
        report = evaluate_policy(*world, policy=Policy())
        assert quiet(report) == {"no-class": "annotation"}
        assert loud(report) == ["no-class", "cron-fails"]

    def test_a_muted_symptom_does_not_make_its_cause_worse(self) -> None:
        checks = chain(Severity.INFO, Severity.CRITICAL)
        report = evaluate_policy(policy=a_policy(a_rule("cron-fails")), checks=checks)
        (root,) = [f for f in report.findings if f.root]
        assert root.severity == "info"
        assert report.verdict == "pass"
        (root,) = [f for f in evaluate_policy(policy=Policy(), checks=checks).findings if f.root]
        assert root.severity == "critical"

    def test_a_root_counts_when_only_its_symptom_is_muted(self) -> None:
        report = evaluate_policy(policy=a_policy(a_rule("cron-fails")))
        assert quiet(report) == {"cron-fails": "configuration", "source-fails": "cause"}
        assert loud(report) == ["no-class"]
        (root,) = [f for f in report.findings if f.root]
        assert root.dependents["DataImportCron"] == 1


class TestWhatElseChanges:
    """Muted findings stay in the report and leave the verdict."""

    def test_the_status_of_a_check_is_about_what_counts(self) -> None:
        report = evaluate_policy(policy=a_policy(a_rule("no-class")))
        assert {c.status for c in report.checks} == {"pass"}
        report = evaluate_policy(policy=a_policy(a_rule("source-fails")))
        assert [(c.check, c.status) for c in report.checks][:3] == [
            ("no-class", "fail"),
            ("cron-fails", "fail"),
            ("source-fails", "pass"),
        ]

    def test_fingerprints_stay(self) -> None:
        muted_ones = {f.fingerprint for f in evaluate_policy(policy=a_policy(a_rule("no-class"))).findings}
        assert muted_ones == {f.fingerprint for f in evaluate_policy(policy=Policy()).findings}


class TestPolicy:
    """What else can be configured about a check."""

    def test_a_severity_is_that_of_all_its_findings_and_of_their_causes_at_least(self) -> None:
        report = evaluate_policy(policy=Policy(severities={"cron-fails": Severity.CRITICAL}))
        assert {f.check: f.severity for f in report.findings} == {
            "no-class": "critical",
            "cron-fails": "critical",
            "source-fails": "warning",
        }

    def test_a_check_that_is_switched_off_finds_nothing_and_gives_no_all_clear(self) -> None:
        report = evaluate_policy(policy=Policy(disabled=frozenset({"no-class"})))
        assert (report.checks[0].check, report.checks[0].status) == ("no-class", "disabled")
        assert loud(report) == ["cron-fails", "source-fails"]
        assert report.findings[0].root

    def test_a_check_that_is_switched_off_leaves_the_verdict_alone(self) -> None:
        everything = frozenset({"no-class", "cron-fails", "source-fails"})
        assert evaluate_policy(policy=Policy(disabled=everything)).verdict == "pass"

    def test_a_threshold(self) -> None:
        slow = Policy(limits={"no-class": {"grace": timedelta(hours=1)}})
        first = evaluate_policy(policy=slow)
        assert "no-class" in loud(first)  # of unknown age at the first look
        from exporter.checks.engine import Memory

        seen = Memory({}, fresh=False)
        assert "no-class" not in loud(evaluate_policy(policy=slow, memory=seen))
        assert "no-class" in loud(evaluate_policy(policy=Policy(), memory=seen))


def machine_template() -> dict[str, Any]:
    machine = a_machine()
    template = {"parameters": [], "virtualMachine": {k: machine[k] for k in ("apiVersion", "kind", "metadata", "spec")}}
    return {"kind": "VirtualMachineTemplate", "metadata": {"name": "t", "namespace": "shop"}, "spec": template}


def an_event() -> dict[str, Any]:
    about = {"kind": "PersistentVolumeClaim", "name": "x"}
    return manifest("v1", "Event", "x", involvedObject=about, reason="ProvisioningFailed", type="Warning")


SPECIAL: dict[Resource[Any], dict[str, Any]] = {
    VIRTUAL_MACHINES: a_machine(),
    TEMPLATES: a_template(),
    VIRTUAL_MACHINE_TEMPLATES: machine_template(),
    DATA_VOLUMES: a_data_volume(phase="ImportInProgress"),
    DATA_SOURCES: a_data_source(),
    EVENTS: an_event(),
}


@pytest.mark.parametrize("resource", WATCHED, ids=str)
def test_the_annotation_of_every_object_that_is_kept_is_seen(resource: Resource[Any]) -> None:
    api_version = "/".join(filter(None, (resource.group, resource.versions[0])))
    metadata = {"name": "x", "ownerReferences": [{"kind": "DataImportCron"}]}
    plain = {"apiVersion": api_version, "kind": resource.kind, "metadata": metadata}
    text = "polling-frozen; reason=known; owner=me"
    changed = annotate(SPECIAL.get(resource, plain), text)
    changed["metadata"]["annotations"]["secret/unrelated"] = "not kept"
    frozen = cluster(changed)
    assert len(frozen[resource]) == 1
    from exporter.checks.suppression import all_statements

    (told,) = all_statements(Policy(), frozen, ["polling-frozen"])
    assert (told[0].kind, told[1].text) == (resource.kind, text)
    assert SUPPRESS in told[1].field


CHECKS = ("a", "b", "c")
cases = st.lists(
    st.tuples(st.sampled_from(CHECKS), st.sampled_from(SEVERITIES), st.sets(st.integers(0, 9), max_size=3)), max_size=10
)


@given(cases, st.lists(st.sampled_from(CHECKS), max_size=2))
def test_whatever_is_muted_is_stated_or_follows_from_muted_findings_as_bad(
    drawn: list[tuple[str, Severity, set[int]]], named: list[str]
) -> None:
    # A case is caused by earlier ones only, as the engine guarantees.
    found = [
        SuppressionCase(str(i), check, Ref("A", "", str(i)), severity, tuple(str(c) for c in sorted(causes) if c < i))
        for i, (check, severity, causes) in enumerate(drawn)
    ]
    statements = {
        Ref("Configuration", "", "suppressions"): tuple(
            Statement(field="suppressions[0]", text="", rule=a_rule(name)) for name in named
        )
    }
    quiet_ones = find_suppressed(found, statements)
    for case in found:
        why = quiet_ones.get(case.fingerprint)
        stated_about = case.check in named
        assert (why is not None and why.source == "configuration") is stated_about
        if why is None and case.causes and all(c in quiet_ones for c in case.causes):
            directly = [found[int(c)].severity for c in case.causes]
            assert SEVERITIES.index(case.severity) > min(map(SEVERITIES.index, directly))
        if why is not None and not stated_about:
            assert case.causes
            assert all(c in quiet_ones for c in case.causes)


def test_the_world_of_these_tests_fails_everywhere() -> None:
    assert len(WORLD) == 3
    assert loud(evaluate_policy(policy=Policy())) == ["no-class", "cron-fails", "source-fails"]
