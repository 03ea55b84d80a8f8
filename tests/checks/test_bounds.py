"""What one object may cost: who may write it decides neither how long an evaluation takes nor how much is kept."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.base.excerpts import excerpt
from exporter.checks import CHECKS
from exporter.checks.annotation import LONGEST_LINE, MOST_LINES
from exporter.checks.evaluate import evaluate_cluster
from exporter.checks.runner import MOST_FINDINGS
from exporter.model.bounds import LONGEST_ANNOTATION, MOST_REFERENCES
from exporter.model.quantity import bytes_of
from exporter.model.wire import SUPPRESS
from exporter.report import Report
from tests.worlds import (
    NOW,
    Manifest,
    a_cron,
    a_data_source,
    a_data_volume,
    a_machine,
    a_storage_class,
    a_template,
    an_hco,
    an_ssp,
    cluster,
    condition,
    evaluate_manifests,
    manifest,
)

SECONDS = 30
"""Of CPU for one evaluation, which takes a few hundredths; the attacks took minutes, or did not end."""
BYTES = 200 * 2**20
"""Of memory while one is decoded and evaluated."""
SMALL_CLUSTER = (an_hco(), an_ssp(), a_storage_class(), a_cron(), a_data_source())


def frugal(*manifests: Manifest) -> Report:
    """The report on a small cluster with these objects besides, made within the bounds."""
    tracemalloc.start()
    started = time.process_time()
    try:
        evaluation = evaluate_cluster(cluster(*SMALL_CLUSTER, *manifests), NOW)
        seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert evaluation.crashed == {}
    assert seconds < SECONDS
    assert peak < BYTES
    return evaluation.report


def a_machine_that_says(annotation: str) -> Manifest:
    return a_machine(metadata={"annotations": {SUPPRESS: annotation}})


def templates(*names: str) -> Manifest:
    """A virtual machine with a volume of each of these DataSources."""
    volumes = [
        {"metadata": {"name": f"v{n}"}, "spec": {"sourceRef": {"kind": "DataSource", "namespace": "x", "name": name}}}
        for n, name in enumerate(names)
    ]
    return a_machine("many", spec={"dataVolumeTemplates": volumes})


def a_machine_template(name: str, **parameter: Any) -> Manifest:
    machine = templates(name)
    return manifest(
        "template.kubevirt.io/v1alpha1",
        "VirtualMachineTemplate",
        "open",
        "shop",
        spec={"virtualMachine": machine, "parameters": [{"name": "A", **parameter}]},
    )


ATTACKS = {
    "an annotation of malformed lines": a_machine_that_says("a\n" * 124_000),
    "an annotation of one long line": a_machine_that_says("import-outdated; reason=" + "x" * 250_000),
    "an annotation of many checks": a_machine_that_says(",".join(f"check-{n}" for n in range(30_000))),
    "an annotation of separators": a_machine_that_says(";=" * 120_000),
    "parameters side by side": a_machine_template("".join(f"${{P{n}}}" for n in range(60)) + "!"),
    "a parameter named a thousand times": a_machine_template("${A}" * 200, value="x" * 900_000),
    "a parameter with a value in a thousand places": a_machine_template("${A}" * 250, value="x" * 1000),
    "more references than disks": templates(*(f"gone-{n}" for n in range(15_000))),
    "a name of a megabyte": templates("x" * 1_000_000),
    "a message of a megabyte": a_machine(failure="exceeded quota: " * 60_000),
    "conditions without end": a_data_source(
        "many", status={"conditions": [condition("Ready", "False", "x" * 50, "y" * 50) for _ in range(5000)]}
    ),
    "a schedule of a megabyte": a_cron("odd", spec={"schedule": "1," * 400_000 + "1 * * * *"}),
    "labels without end": a_data_volume(
        "many", metadata={"labels": {f"x{n}.kubevirt.io/y": "z" * 60 for n in range(8000)}}
    ),
    "a version of five thousand digits": an_hco(
        status={"versions": [{"name": "operator", "version": "9" * 5000 + ".1"}]}
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_one_object_costs_little(attack: str) -> None:
    report = frugal(ATTACKS[attack])
    assert all(len(f.summary) <= 2000 >= len(f.observed) for f in report.findings)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.sampled_from(["*", "import-outdated", ";", "reason=", "owner=x", "until=", "\n", "=", ","]))
        .map("".join)
        .flatmap(lambda text: st.integers(1, 3000).map(lambda times: text * times)),
        max_size=12,
    ).map("".join)
)
def test_no_annotation_costs_much(text: str) -> None:
    report = frugal(a_machine_that_says(text))
    about = [f for f in report.findings if f.check.startswith("suppression-")]
    assert len(about) <= MOST_LINES + 1


def test_what_is_left_out_of_an_annotation_is_told() -> None:
    report = frugal(a_machine_that_says("nonsense\n" * 30))
    summaries = {f.summary for f in report.findings if f.check == "suppression-malformed"}
    assert any("10 of its 30 lines are left out" in summary for summary in summaries)
    report = frugal(a_machine_that_says("x" * (LONGEST_ANNOTATION + 5)))
    (finding,) = [f for f in report.findings if f.check == "suppression-malformed"]
    assert f"longer than {LONGEST_ANNOTATION} characters" in finding.summary
    assert finding.fix is not None
    assert "edit" in finding.fix.command  # a command that rewrites the annotation would lose what was not read


def test_a_long_line_is_malformed() -> None:
    report = frugal(a_machine_that_says(f"import-outdated; owner=me; reason={'x' * LONGEST_LINE}"))
    (finding,) = [f for f in report.findings if f.check == "suppression-malformed"]
    assert f"more than {LONGEST_LINE}" in finding.summary


def test_what_is_too_large_is_not_read_and_makes_nothing_pass() -> None:
    report = frugal(templates(*(f"gone-{n}" for n in range(MOST_REFERENCES + 1))))
    (machines,) = [r for r in report.resources if r.resource == "virtualmachines"]
    assert machines.rejected == 1
    assert str(MOST_REFERENCES) in machines.rejections[0]


def test_findings_of_one_object_are_bounded_and_counted() -> None:
    template = a_template(objects=[templates(*(f"gone-{n}" for n in range(MOST_REFERENCES)))])
    check = next(c for c in CHECKS if c.id == "template-source-missing")
    report = evaluate_manifests(check, template).report
    assert len(report.findings) == MOST_FINDINGS
    left = MOST_REFERENCES - MOST_FINDINGS
    assert [why for why in report.checks[0].unknown if f"{left} of {MOST_REFERENCES} findings are left out" in why]


@given(st.text(max_size=300), st.integers(45, 200))
def test_an_excerpt_has_both_ends_and_tells_what_is_missing(text: str, most: int) -> None:
    short = excerpt(text, most)
    assert len(short) <= most + 20
    assert short[:3] == text[:3]
    assert short[-3:] == text[-3:]
    assert (short == text) is (len(text) <= most)


@pytest.mark.parametrize(
    "quantity", ["1e999999", "1e-999999999999999999999", "9" * 5000, "1" * 64 + "Ei", "NaN", "Infinity"]
)
def test_a_quantity_beyond_all_disks_is_none(quantity: str) -> None:
    size = bytes_of(quantity)
    assert size is None or len(f"{size:f}") < 200


@pytest.mark.parametrize("fields", [7, "x", [], {}, {"f:metadata": 7}, {"f:metadata": {"f:annotations": 7}}, None])
@pytest.mark.parametrize("make", [an_hco, an_ssp, a_storage_class])
def test_managed_fields_may_be_anything(make: Any, fields: object) -> None:
    odd = make(metadata={"managedFields": [{"time": "2026-01-01T00:00:00Z", "fieldsV1": fields}, 7, None]})
    report = evaluate_cluster(cluster(odd), NOW).report
    assert sum(r.rejected for r in report.resources) == 0
    assert sum(r.rows for r in report.resources) == 1
