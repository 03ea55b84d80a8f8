from __future__ import annotations

from datetime import timedelta

import pytest

from exporter.checks.datasources import DATASOURCES
from exporter.checks.polling import POLLING
from exporter.checks.references import REFERENCES
from exporter.checks.references.machine_source_missing import machine_source_missing
from exporter.checks.references.template_source_missing import template_source_missing
from exporter.model.wire import SUPPRESS
from tests.checks.references.consumers import (
    DEFERRED,
    SUPPRESSION,
    a_clone,
    a_finished_volume,
    a_template_on,
    a_waiting_machine,
    machine_status,
    not_found,
    source_ref,
)
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import (
    IMAGES,
    NOW,
    Manifest,
    a_cron,
    a_data_source,
    a_machine,
    ago,
    condition,
    evaluate_manifests,
    status,
)

CHECK = machine_source_missing
FAILING = a_machine(failure=not_found())


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_data_source(), FAILING], id="it exists by now"),
        pytest.param([a_machine(), a_finished_volume()], id="its volume is done: history"),
        pytest.param([a_machine(status={"created": True})], id="it runs: history"),
        pytest.param([a_machine(**machine_status())], id="no DataVolume and no complaint: a bare claim"),
        pytest.param(a_waiting_machine(), id="its DataVolume exists: another finding"),
        pytest.param([a_machine(source="x-${Y}", failure=not_found())], id="not a name"),
        pytest.param(
            [
                a_machine(
                    metadata={"creationTimestamp": ago(minutes=4)},
                    status={
                        "conditions": [
                            {
                                **condition("Failure", "True", "FailedCreate", not_found()),
                                "lastTransitionTime": ago(minutes=4),
                            }
                        ]
                    },
                )
            ],
            id="applied before its DataSource, minutes ago",
        ),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, *world) == "pass"


def test_a_machine_that_cannot_get_its_disk_is_no_emergency_of_the_cluster() -> None:
    finding = only_finding(CHECK, FAILING)
    assert finding.summary == f"VirtualMachine web-1 gets no disk: DataSource {IMAGES}/fedora does not exist"
    assert summarize(finding) == (
        "warning",
        "DataSource fedora",
        "VirtualMachine shop/web-1: spec.dataVolumeTemplates[0].spec.sourceRef",
        f"{IMAGES}/fedora: {not_found()}",
        "an existing DataSource",
    )
    assert finding.since == NOW - timedelta(hours=4)
    assert fix_command(finding) == "kubectl edit virtualmachine web-1 -n shop"


def test_without_a_transition_time_it_is_as_old_as_the_machine() -> None:
    failed = {**condition("Failure", "True", "FailedCreate", not_found()), "lastTransitionTime": None}
    assert only_finding(CHECK, a_machine(status={"conditions": [failed]})).since == NOW - timedelta(days=60)


def test_a_machine_whose_volumes_are_made_at_its_start_fails_then() -> None:
    finding = only_finding(CHECK, a_machine(**{**DEFERRED, **machine_status()}))
    assert finding.summary == (
        f"VirtualMachine web-1 gets no disk when it starts: DataSource {IMAGES}/fedora does not exist"
    )
    assert finding.observed == f"{IMAGES}/fedora"


def test_a_forgotten_namespace_is_added_where_the_name_exists_once() -> None:
    finding = only_finding(CHECK, a_data_source(), a_machine(namespace="", failure=not_found()))
    assert finding.observed.startswith("shop/fedora: ")
    assert finding.expected == f"an existing DataSource; {IMAGES}/fedora exists"
    assert fix_command(finding) == (
        "kubectl patch virtualmachine web-1 -n shop --type json -p "
        '\'[{"op":"test","path":"/spec/dataVolumeTemplates/0/metadata/name","value":"web-1-root"},'
        '{"op":"add","path":"/spec/dataVolumeTemplates/0/spec/sourceRef/namespace",'
        f'"value":"{IMAGES}"}}]\''
    )


def test_of_two_namesakes_none_is_chosen() -> None:
    other = a_data_source(metadata={"namespace": "team-a"})
    finding = only_finding(CHECK, a_data_source(), other, a_machine(namespace="", failure=not_found()))
    assert fix_command(finding) == "kubectl edit virtualmachine web-1 -n shop"


def test_a_machine_that_kubevirt_has_not_looked_at_is_unknown() -> None:
    assert status(CHECK, a_machine(status=None)) == "unknown"
    assert status(CHECK, a_data_source(), a_machine(status=None)) == "pass"


def test_each_volume_is_judged_by_itself() -> None:
    refs = [("a", "gone"), ("b", "fedora"), ("c", "${X}"), ("d", "gone-too")]
    volumes = [{"metadata": {"name": name}, "spec": {"sourceRef": source_ref(to, IMAGES)}} for name, to in refs]
    machine = a_machine(
        failure="no", spec={"dataVolumeTemplates": [{"metadata": {"name": "blank"}, "spec": {}}, *volumes]}
    )
    done = a_finished_volume()
    found = evaluate_manifests(CHECK, a_data_source(), machine, done).report.findings
    assert [f.field for f in sorted(found, key=lambda f: f.field)] == [
        "VirtualMachine shop/web-1: spec.dataVolumeTemplates[1].spec.sourceRef",
        "VirtualMachine shop/web-1: spec.dataVolumeTemplates[4].spec.sourceRef",
    ]
    assert len({f.fingerprint for f in found}) == 2


def test_the_cron_that_should_have_made_it_explains_it() -> None:
    cron = a_cron(status=None)
    assert cause_ids((*POLLING, *DATASOURCES, *REFERENCES), CHECK, cron, FAILING) == {"cron-never-reconciled"}


def test_a_datasource_that_templates_miss_too_explains_it() -> None:
    templates = [a_template_on(source_ref("fedora", IMAGES), name=name) for name in ("a", "b")]
    assert cause_ids(DATASOURCES, CHECK, FAILING, *templates) == {"data-source-missing"}


def test_an_undecodable_datasource_is_not_missing() -> None:
    report = evaluate_manifests(CHECK, a_data_source(spec={"source": "nonsense"}), FAILING).report
    assert report.findings == ()
    assert report.checks[0].status == "unknown"


def test_machines_that_name_the_same_datasource_are_one_finding() -> None:
    many = [a_machine(f"web-{i:03d}", failure=not_found()) for i in range(201)]
    finding = only_finding(CHECK, *many)
    assert finding.summary == (
        f"201 VirtualMachines get no disk: DataSource {IMAGES}/fedora does not exist: web-000, web-001, web-002 "
        f"and 198 more"
    )
    assert finding.dependents == {"VirtualMachine": 201}
    assert finding.fix is None
    assert finding.fingerprint == only_finding(CHECK, FAILING).fingerprint


def test_one_that_carries_a_suppression_stands_for_itself() -> None:
    quiet = a_machine("web-2", failure=not_found(), metadata={"annotations": {SUPPRESS: SUPPRESSION}})
    report = evaluate_manifests(CHECK, FAILING, quiet).report
    assert {(f.object.kind, f.object.name, f.suppressed is None) for f in report.findings} == {
        ("DataSource", "fedora", True),
        ("VirtualMachine", "web-2", False),
    }


def test_a_template_that_names_it_too_follows_from_it() -> None:
    template = a_template_on(source_ref("fedora", IMAGES))
    assert cause_ids((CHECK,), template_source_missing, FAILING, template) == {"machine-source-missing"}


def test_a_datavolume_of_its_own_needs_it_too() -> None:
    own = a_clone("disk", {"sourceRef": source_ref("fedora", IMAGES)}, phase="Pending")
    finding = only_finding(CHECK, own)
    assert finding.summary == f"DataVolume disk gets no disk: DataSource {IMAGES}/fedora does not exist"
    assert finding.field == "DataVolume shop/disk: spec.sourceRef"
    assert finding.dependents == {"DataVolume": 1}
    assert finding.fix is None
