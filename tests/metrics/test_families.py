"""What each family says of small worlds."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.cluster.resources import DATA_SOURCES, STORAGE_CLASSES, VIRTUAL_MACHINES, WATCHED
from exporter.cluster.snapshot import UndeclaredReadError
from exporter.kube.contract import State
from exporter.metrics.block import Block, EvaluatedCluster
from exporter.metrics.exporter_families import OWN_FAMILIES
from exporter.metrics.families import FAMILIES
from exporter.metrics.family import (
    Family,
    FromFacts,
    FromReport,
    FromRows,
    bounded_reason,
    format_number,
    per_cluster,
    unix_seconds,
)
from exporter.model.cdi import LAST_CRON_TIME
from exporter.schedule.timetable import Timetable
from tests.checks.references.consumers import a_clone, image, source_ref
from tests.metrics.scraping import Samples, expose, parse_exposition, samples_of
from tests.worlds import (
    IMAGES,
    NOW,
    OPERATORS,
    a_cdi,
    a_cron,
    a_data_source,
    a_machine,
    a_snapshot,
    a_storage_class,
    a_storage_profile,
    a_template,
    an_entry,
    an_hco,
    an_ssp,
    cluster,
    condition,
)

GOLDEN = Path(__file__).parent / "golden_families.txt"
HCO = (OPERATORS, "kubevirt-hyperconverged")
PROVEN = "dataimportcron_proven_newest_timestamp_seconds"
FEDORA = (IMAGES, "fedora-image-cron")


def contract() -> str:
    """Every name, type, label and help: what dashboards and alerts of other people rely on."""
    lines = [f"{f.name} gauge {{{','.join(f.labels)}}}\n    {f.help}\n" for f in FAMILIES]
    lines += [f"{f.name} {f.kind} {{{','.join(f.labels)}}}\n    {f.help}\n" for f in OWN_FAMILIES]
    return "".join(lines)


def test_names_labels_and_help_are_a_contract() -> None:
    # After a wanted change: python -m tests.metrics.test_families
    assert contract() == GOLDEN.read_text()


def test_names_are_unique_also_with_our_own() -> None:
    names = [f.name for f in FAMILIES] + [f.name.removesuffix("_total") for f in OWN_FAMILIES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("one", OWN_FAMILIES, ids=lambda f: f.name)
def test_own_families_keep_the_rules(one: Any) -> None:
    assert len(one.help) >= 20
    assert one.name.endswith("_total") == (one.kind == "counter")


CASES: list[tuple[str, str, list[Any], Samples]] = [
    ("hco info", "hyperconverged_info", [an_hco(version="1.18.1")], {(*HCO, "1.18.1"): 1}),
    ("gate on", "hyperconverged_gate_enabled", [an_hco()], {HCO: 1}),
    (
        "gate off",
        "hyperconverged_gate_enabled",
        [an_hco(spec={"workloadSources": {"enableCommonBootImageImport": False}})],
        {HCO: 0},
    ),
    ("no dead gate", "hyperconverged_gate_dead_fields", [an_hco()], {HCO: 0}),
    (
        "a dead gate",
        "hyperconverged_gate_dead_fields",
        [an_hco(spec={"featureGates": [{"name": "enableCommonBootImageImport"}]})],
        {HCO: 1},
    ),
    ("multi-arch off", "hyperconverged_multi_arch_enabled", [an_hco()], {HCO: 0}),
    ("status behind", "hyperconverged_generation_lag", [an_hco(metadata={"generation": 6})], {HCO: 2}),
    ("status silent", "hyperconverged_generation_lag", [an_hco(status={"observedGeneration": None})], {}),
    ("ssp paused", "ssp_paused", [an_ssp(status={"paused": True})], {(OPERATORS, "ssp-kubevirt-hyperconverged"): 1}),
    ("ssp lag", "ssp_generation_lag", [an_ssp()], {(OPERATORS, "ssp-kubevirt-hyperconverged"): 0}),
    ("cdi info", "cdi_info", [a_cdi("v1.65.0")], {("cdi-kubevirt-hyperconverged", "v1.65.0"): 1}),
    (
        "cdi conditions",
        "cdi_condition",
        [a_cdi(status={"conditions": [condition("Available", "Weird"), condition("Fancy", "True")]})],
        {
            ("cdi-kubevirt-hyperconverged", "Available", "true"): 0,
            ("cdi-kubevirt-hyperconverged", "Available", "false"): 0,
            ("cdi-kubevirt-hyperconverged", "Available", "unknown"): 1,
        },
    ),
    (
        "cron info",
        "dataimportcron_info",
        [a_cron(), a_cdi()],
        {(*FEDORA, "fedora", "registry", "node", "true"): 1},
    ),
    (
        "cron of an unknown age of CDI",
        "dataimportcron_info",
        [a_cron(spec={"schedule": ""})],
        {(*FEDORA, "fedora", "registry", "external", "true"): 1},
    ),
    ("up to date", "dataimportcron_up_to_date", [a_cron()], {(*FEDORA, "UpToDate"): 1}),
    (
        "outdated",
        "dataimportcron_up_to_date",
        [a_cron(status={"conditions": [condition("UpToDate", "False", "Outdated")]})],
        {(*FEDORA, "Outdated"): 0},
    ),
    (
        "a reason of the future",
        "dataimportcron_up_to_date",
        [a_cron(status={"conditions": [condition("UpToDate", "False", "Sulking")]})],
        {(*FEDORA, "Other"): 0},
    ),
    (
        "neither true nor false",
        "dataimportcron_up_to_date",
        [a_cron(status={"conditions": [condition("UpToDate", "Unknown")]})],
        {},
    ),
    ("never touched", "dataimportcron_up_to_date", [a_cron(status={"conditions": None})], {}),
    ("never touched", "dataimportcron_conditions", [a_cron(status={"conditions": None})], {FEDORA: 0}),
    ("both conditions", "dataimportcron_conditions", [a_cron()], {FEDORA: 2}),
    ("progressing", "dataimportcron_progressing", [a_cron()], {(*FEDORA, "NoImport"): 0}),
    (
        "a phase without a name",
        "dataimportcron_progressing",
        [a_cron(status={"conditions": [condition("Progressing", "False", "")]})],
        {(*FEDORA, ""): 0},
    ),
    (
        "last poll",
        "dataimportcron_last_execution_timestamp_seconds",
        [a_cron()],
        {FEDORA: (NOW - timedelta(minutes=19)).timestamp()},
    ),
    (
        "last poll is Go's zero time",
        "dataimportcron_last_execution_timestamp_seconds",
        [
            a_cron(
                metadata={"annotations": {"cdi.kubevirt.io/storage.import.lastCronTime": None}},
                status={"lastExecutionTimestamp": "0001-01-01T00:00:00Z"},
            )
        ],
        {},
    ),
    (
        "never imported",
        "dataimportcron_last_import_timestamp_seconds",
        [a_cron(status={"lastImportTimestamp": None})],
        {},
    ),
    ("proven by a poll", PROVEN, [a_cron()], {(*FEDORA, "cdi"): (NOW - timedelta(minutes=19)).timestamp()}),
    (
        "not proven since it became outdated",
        PROVEN,
        [a_cron(status={"conditions": [condition("UpToDate", "False", "Outdated", days=2)]})],
        {(*FEDORA, "cdi"): (NOW - timedelta(days=2)).timestamp()},
    ),
    ("nothing to prove without an image", PROVEN, [a_cron(status={"lastImportTimestamp": None})], {}),
    ("no proof before CDI has spoken", PROVEN, [a_cron(status={"conditions": []})], {}),
    (
        "no proof by a condition that is unknown",
        PROVEN,
        [a_cron(status={"conditions": [condition("UpToDate", "Unknown", "Sulking")]})],
        {},
    ),
    (
        "no proof without a poll",
        PROVEN,
        [a_cron(status={"lastExecutionTimestamp": None}, metadata={"annotations": {LAST_CRON_TIME: None}})],
        {},
    ),
    (
        "class by default",
        "dataimportcron_storageclass_info",
        [a_cron(), a_storage_class(virt="true")],
        {(*FEDORA, "fast", "false"): 1},
    ),
    (
        "class that does not exist",
        "dataimportcron_storageclass_info",
        [a_cron(spec={"template": {"spec": {"storage": {"storageClassName": "gone"}}}}), a_storage_class(virt="true")],
        {(*FEDORA, "", "true"): 1},
    ),
    ("schedule valid", "dataimportcron_schedule_fires", [a_cron()], {(*FEDORA, "valid"): 1}),
    ("schedule empty", "dataimportcron_schedule_fires", [a_cron(spec={"schedule": ""})], {(*FEDORA, "disabled"): 0}),
    ("schedule wrong", "dataimportcron_schedule_fires", [a_cron(spec={"schedule": "x"})], {(*FEDORA, "invalid"): 0}),
    (
        "schedule on 31 February",
        "dataimportcron_schedule_fires",
        [a_cron(spec={"schedule": "0 0 31 2 *"})],
        {(*FEDORA, "never_fires"): 0},
    ),
    ("interval", "dataimportcron_schedule_interval_seconds", [a_cron()], {FEDORA: 12 * 3600}),
    (
        "previous run",
        "dataimportcron_schedule_previous_timestamp_seconds",
        [a_cron()],
        {FEDORA: (NOW - timedelta(minutes=19)).timestamp()},
    ),
    (
        "next run",
        "dataimportcron_schedule_next_timestamp_seconds",
        [a_cron()],
        {FEDORA: (NOW + timedelta(minutes=701)).timestamp()},
    ),
    ("no grid", "dataimportcron_schedule_next_timestamp_seconds", [a_cron(spec={"schedule": "@every 1h"})], {}),
    ("no grid", "dataimportcron_schedule_interval_seconds", [a_cron(spec={"schedule": "@every 1h"})], {FEDORA: 3600}),
    ("ready", "datasource_ready", [a_data_source()], {(IMAGES, "fedora", "Ready"): 1}),
    ("not ready", "datasource_ready", [a_data_source(ready=False)], {(IMAGES, "fedora", "SnapshotNotReady"): 0}),
    (
        "data source info",
        "datasource_info",
        [a_data_source()],
        {(IMAGES, "fedora", "snapshot", "cron", "fedora-image-cron"): 1},
    ),
    (
        "data source of nothing",
        "datasource_info",
        [a_data_source(cron="", spec={"source": {"snapshot": None}})],
        {(IMAGES, "fedora", "none", "unmanaged", ""): 1},
    ),
    (
        "templates of a source",
        "datasource_templates",
        [a_data_source(), a_template(), a_template("other", source="gone")],
        {(IMAGES, "fedora"): 1},
    ),
    (
        "machines that wait",
        "datasource_virtualmachines",
        [a_data_source(), a_machine(failure="not found"), a_machine("web-2", status={"created": True})],
        {(IMAGES, "fedora"): 1},
    ),
    (
        "the images that volumes came from",
        "datasource_cloned_volumes",
        [
            a_data_source(),
            a_clone("a", phase="Succeeded"),
            a_clone("b", phase="Succeeded"),
            a_clone("c", image("fedora-ffffffffffff"), phase="Succeeded"),
            a_clone("d", {"sourceRef": source_ref("fedora", IMAGES)}, phase="Succeeded"),
            a_clone("e"),
        ],
        {
            (IMAGES, "fedora", "current"): 2,
            (IMAGES, "fedora", "kept"): 0,
            (IMAGES, "fedora", "gone"): 1,
            (IMAGES, "fedora", "unknown"): 1,
        },
    ),
    (
        "class info",
        "storageclass_info",
        [a_storage_class(virt="true", beta="true", default="True", volumeBindingMode="Strange")],
        {("fast", "Other", "true", "false", "true"): 1},
    ),
    (
        "effective default",
        "storageclass_effective_default",
        [a_storage_class(virt="true"), a_storage_class("slow", default="true")],
        {("fast",): 1, ("slow",): 0},
    ),
    (
        "effective default of an old CDI",
        "storageclass_effective_default",
        [a_storage_class(virt="true"), a_storage_class("slow", default="true"), a_cdi("v1.57.0")],
        {("fast",): 0, ("slow",): 1},
    ),
    (
        "claims",
        "default_storageclasses",
        [a_storage_class(virt="true"), a_storage_class("slow", virt="true")],
        {("virt",): 2, ("kubernetes",): 0, ("beta",): 0},
    ),
    ("profile", "storageprofile_info", [a_storage_profile()], {("fast", "snapshot"): 1}),
    ("profile complete", "storageprofile_complete", [a_storage_profile()], {("fast",): 1}),
    (
        "profile incomplete",
        "storageprofile_complete",
        [a_storage_profile(status={"claimPropertySets": None})],
        {("fast",): 0},
    ),
    ("profile silent", "storageprofile_complete", [a_storage_profile(status=None)], {}),
    (
        "template resolves",
        "template_resolves",
        [a_data_source(), a_template()],
        {("openshift", "fedora-server-small", "resolved"): 1},
    ),
    ("template dangles", "template_resolves", [a_template()], {("openshift", "fedora-server-small", "missing"): 0}),
    ("template cannot be told", "template_resolves", [a_template(parameters=[])], {}),
]


@pytest.mark.parametrize(
    ("name", "manifests", "expected"), [c[1:] for c in CASES], ids=[f"{c[1]}: {c[0]}" for c in CASES]
)
def test_family(name: str, manifests: list[Any], expected: Samples) -> None:
    assert samples_of(name, *manifests) == expected


def test_boot_sources_are_counted_by_origin_and_state() -> None:
    custom = an_entry("custom", managed="custom")
    disabled = an_entry("off", metadata={"annotations": {"dataimportcrontemplate.kubevirt.io/enable": "false"}})
    hco = an_hco(commons=[an_entry()], entries=[custom, disabled], taken=[{**custom, "status": {}}])
    counts = samples_of("boot_sources", hco)
    assert {labels: n for labels, n in counts.items() if n} == {
        ("common", "enabled"): 1,
        ("custom", "enabled"): 1,
        ("custom", "disabled"): 1,
    }
    assert len(counts) == 12
    assert samples_of("boot_source_info", hco)["custom", "custom", "custom", "enabled"] == 1


def test_references_are_counted_by_kind_and_state() -> None:
    told = samples_of(
        "references",
        a_data_source(),
        a_template(),
        a_template("dangling", source="gone"),
        a_machine(failure="not found"),
        a_machine("old", status={"created": True}),
        a_machine("odd"),
    )
    assert {labels: n for labels, n in told.items() if n} == {
        ("Template", "resolved"): 1,
        ("Template", "missing"): 1,
        ("VirtualMachine", "resolved"): 1,
        ("VirtualMachine", "provisioned"): 1,
        ("VirtualMachine", "unclear"): 1,
    }


def test_machines_counted_together_are_what_each_counts_alone() -> None:
    """Machines that run share rows and are counted by them: that must give what looking at each gives."""
    machines = [
        a_machine(
            f"web-{number}",
            source=("fedora", "rhel9", "gone")[number % 3],
            namespace=("", IMAGES)[number % 2],
            failure=("", "no such thing")[number % 5 == 0],
            status=({"created": True}, {"printableStatus": "Stopped"}, {})[number % 4 % 3],
        )
        for number in range(60)
    ]
    around = (a_data_source(), a_data_source("rhel9"))
    alone: Counter[tuple[str, ...]] = Counter()
    for machine in machines:
        alone.update({labels: int(n) for labels, n in samples_of("references", *around, machine).items()})
    assert samples_of("references", *around, *machines) == dict(alone)
    assert len([n for n in alone.values() if n]) >= 4


def test_datavolumes_of_their_own_are_references() -> None:
    own = [
        a_clone(f"d{i}", {"sourceRef": source_ref(name, IMAGES)}, phase=phase)
        for i, (name, phase) in enumerate([("fedora", "Pending"), ("gone", "Pending"), ("gone", "Succeeded")])
    ]
    told = samples_of("references", a_data_source(), *own)
    assert {state: n for (kind, state), n in told.items() if kind == "DataVolume" and n} == {
        "resolved": 1,
        "missing": 1,
        "provisioned": 1,
    }


def test_a_kind_that_is_not_known_costs_only_its_own_counts() -> None:
    told = samples_of("references", a_data_source(), a_template(), states={VIRTUAL_MACHINES: State.DISABLED})
    assert {kind for kind, _ in told} == {"Template", "VirtualMachineTemplate"}
    assert samples_of("datasource_virtualmachines", a_data_source(), states={VIRTUAL_MACHINES: State.DISABLED}) == {}


@pytest.mark.parametrize("state", [State.PENDING, State.FORBIDDEN, State.FAILED, State.DISABLED])
@pytest.mark.parametrize("one", [f for f in FAMILIES if f.required], ids=lambda f: f.name)
def test_unknown_input_gives_no_samples(one: Family, state: State) -> None:
    name = one.name.removeprefix("bootsource_")
    for resource in one.required:
        assert samples_of(name, states={resource: state}) == {}


@pytest.mark.parametrize("one", FAMILIES, ids=lambda f: f.name)
def test_families_declare_inputs_that_are_watched(one: Family) -> None:
    match one.source:
        case FromFacts(required=required, optional=optional):
            assert required, "a family about the cluster has an input"
            assert required | optional <= set(WATCHED)
        case FromRows(resource=resource):
            assert resource in WATCHED
        case FromReport():
            assert samples_of(one.name.removeprefix("bootsource_"), report=None) == {}


def test_an_undeclared_read_fails() -> None:
    @per_cluster("bootsource_x", labels=(), help="Something that nobody needs.", reads=(DATA_SOURCES,))
    def greedy(facts: Any) -> Any:
        yield (), len(facts[STORAGE_CLASSES])

    block = Block(greedy)
    block.refresh(EvaluatedCluster(cluster(), None), NOW, Timetable(), aged=False)
    assert block.crash is not None
    assert UndeclaredReadError.__name__ in block.crash.summary


def test_the_wrong_number_of_label_values_fails() -> None:
    with pytest.raises(TypeError):
        next(f for f in FAMILIES if len(f.labels) == 2).render([(("only one",), 1)])


@pytest.mark.parametrize(
    ("name", "labels", "help_"),
    [
        ("other_x", (), "Long enough to be understood."),
        ("bootsource_X", (), "Long enough to be understood."),
        ("bootsource_x_total", (), "Long enough to be understood."),
        ("bootsource_x", ("namespace",), "Long enough to be understood."),
        ("bootsource_x", ("a", "a"), "Long enough to be understood."),
        ("bootsource_x", (), "Too short."),
        ("bootsource_x", (), 'Says "so" in words with quotes.'),
    ],
)
def test_a_declaration_against_the_rules_is_refused(name: str, labels: tuple[str, ...], help_: str) -> None:
    with pytest.raises(ValueError, match=r"bootsource|other"):
        Family(name, help_, labels, FromReport(lambda report: ()))


@pytest.mark.parametrize(
    ("value", "expected"), [(True, "1"), (0, "0"), (1.5, "1.5"), (1.0, "1"), (2**31, "2147483648")]
)
def test_numbers(value: float, expected: str) -> None:
    assert format_number(value) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none(value: float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        format_number(value)


def test_reasons_are_bounded() -> None:
    known = frozenset({"A"})
    assert [bounded_reason(known, reason) for reason in ("A", "", "B")] == ["A", "", "Other"]
    assert unix_seconds(None) is None


_PER_OBJECT = tuple(
    f"bootsource_{kind}" for kind in ("dataimportcron", "datasource", "storage", "template", "virtualmachinetemplate")
)


def test_cardinality_budget() -> None:
    """Two worlds that differ by one object differ by no more series than its budget."""

    def count(*manifests: Any) -> int:
        body = expose(*manifests).scrape().body
        told = parse_exposition(body, as_openmetrics=False)
        return sum(len(samples) for name, samples in told.items() if name.startswith(_PER_OBJECT))

    base = count()
    assert count(a_cron(), a_cdi()) - base <= 12
    assert count(a_data_source()) - base <= 8
    disks = [a_clone(f"d{n}", image(f"fedora-{n:012x}"), phase="Succeeded") for n in range(30)]
    sized = a_snapshot(status={"restoreSize": "30Gi"})
    assert count(a_cron(), a_cdi(), a_data_source(), sized, *disks) - count(a_cron(), a_cdi()) <= 8 + 13
    assert count(a_storage_class(virt="true"), a_storage_profile()) - base <= 4
    assert count(a_template()) - base <= 3


if __name__ == "__main__":
    GOLDEN.write_text(contract())
