"""Formats, caches, and what survives hostile names and defects."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.exposition import choose_encoder

from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES, WATCHED
from exporter.cluster.store import Store
from exporter.kube.contract import State
from exporter.metrics.block import EvaluatedCluster
from exporter.metrics.exposition import OWN, TIMELY, Exposition, negotiate
from exporter.metrics.families import FAMILIES
from exporter.metrics.family import Facts, Sample, per_cluster, per_row
from exporter.model.cdi import DataImportCron
from tests.metrics.reports import a_finding, a_report
from tests.metrics.scraping import HandClock, a_telemetry, expose, exposition_of, parse_exposition
from tests.worlds import a_cron, a_data_source, a_storage_class, cluster

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


class World:
    """A store with an exposition in front, whose clock is moved by hand."""

    def __init__(self, *families: Any) -> None:
        self.clock = HandClock()
        self.store = Store(WATCHED, self.clock)
        for resource in WATCHED:
            self.store.sink(resource).state(State.LIVE)
        self.telemetry = a_telemetry()
        self.exposition = Exposition(
            families or FAMILIES, {"": lambda: EvaluatedCluster(self.store.freeze(), None)}, self.telemetry, self.clock
        )

    def apply(self, manifest: Any) -> None:
        resource = next(r for r in WATCHED if r.kind == manifest["kind"])
        self.store.sink(resource).apply(resource.codec().from_value(manifest))

    def value(self, name: str) -> float:
        told = parse_exposition(self.telemetry.exposition(openmetrics=True), as_openmetrics=True)
        return next(value for samples in told.values() for sample, _, value in samples if sample == name)


@pytest.mark.parametrize("accept", ["", OPENMETRICS, "text/plain", PROMETHEUS_3])
@pytest.mark.parametrize(
    "manifests", [(), (a_cron(), a_data_source(), a_storage_class(virt="true"))], ids=["empty", "full"]
)
def test_both_formats_parse(accept: str, manifests: Any) -> None:
    scrape = expose(*manifests).scrape(accept)
    as_openmetrics = scrape.content_type.startswith("application/openmetrics-text")
    assert as_openmetrics == ("openmetrics" in accept)
    found = parse_exposition(scrape.body, as_openmetrics=as_openmetrics)
    assert {"bootsource_verdict", "bootsource_exporter_build_info", "python_info"} <= set(found)
    assert scrape.body.count(b"# EOF") == as_openmetrics
    assert scrape.body.endswith(b"# EOF\n") == as_openmetrics
    assert b"_created" not in scrape.body


def test_before_the_first_report_there_are_no_findings_and_no_statuses() -> None:
    scrape = exposition_of(cluster(), None).scrape(OPENMETRICS)
    found = parse_exposition(scrape.body, as_openmetrics=True)
    for name in ("finding", "check_status", "verdict", "resource_state"):
        assert found[f"bootsource_{name}"] == []


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_gzip_is_the_same_text(accept: str) -> None:
    exposition = expose(a_cron())
    plain, zipped = exposition.scrape(accept), exposition.scrape(accept, gzip=True)
    assert zipped.gzipped
    assert gzip.decompress(zipped.body) == plain.body


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "text/plain", "text/plain;version=1.0.0", "application/openmetrics-text", OPENMETRICS, PROMETHEUS_3],
)
def test_negotiation_is_that_of_prometheus_client(accept: str) -> None:
    assert negotiate(accept) == choose_encoder(accept)[1]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/openmetrics-text;version=2.0.0", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ("application/openmetrics-text;version=new", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;version=0.0.1", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
def test_versions_that_we_do_not_write_are_not_promised(accept: str, expected: str) -> None:
    assert negotiate(accept) == expected


@settings(deadline=None, max_examples=40)
@given(
    name=st.text(st.characters(), min_size=1, max_size=12),
    namespace=st.text(st.sampled_from('ab"\\\n\r\t{},= #\ud800')),
)
def test_hostile_names_parse_and_come_back(name: str, namespace: str) -> None:
    class_ = a_storage_class(virt="true")
    class_["metadata"]["name"] = name
    cron = a_cron()
    cron["metadata"] |= {"name": name, "namespace": namespace}
    frozen = cluster(class_, cron)
    exposition = exposition_of(frozen, a_report(a_finding(name)))
    told = exposition.scrape(OPENMETRICS).body
    found = parse_exposition(told, as_openmetrics=True)
    assert found.keys() >= set(parse_exposition(exposition.scrape().body, as_openmetrics=False)) - {
        "python_gc",
        "process_cpu_seconds",
    }
    if not any("\ud800" <= c <= "\udfff" for c in name):
        assert found["bootsource_storageclass_info"][0][1]["storageclass"] == name
        assert found["bootsource_finding"][0][1]["object"] == name


def test_nothing_is_rendered_while_nothing_changes() -> None:
    world = World()
    first = world.exposition.scrape(gzip=True)
    renders = world.value("bootsource_exporter_family_renders_total")
    again = world.exposition.scrape(gzip=True)
    assert again.pieces is first.pieces
    assert world.value("bootsource_exporter_family_renders_total") == renders == len(FAMILIES)


def test_only_what_has_changed_is_rendered() -> None:
    world = World()
    world.exposition.scrape()
    before = world.value("bootsource_exporter_family_renders_total")
    world.apply(a_storage_class())
    world.exposition.scrape()
    readers = [f for f in FAMILIES if any(str(r) == "storageclasses" for r in f.reads)]
    assert world.value("bootsource_exporter_family_renders_total") - before == len(readers) > 0


def test_only_rows_that_have_changed_are_rendered() -> None:
    seen: list[str] = []

    @per_row(DATA_IMPORT_CRONS, "bootsource_x", labels=("cron",), help="Which crons were rendered.")
    def watched(cron: DataImportCron) -> Iterator[Sample]:
        seen.append(cron.metadata.name)
        yield (cron.metadata.name,), len(cron.status.conditions)

    world = World(watched)
    world.apply(a_cron("one"))
    world.apply(a_cron("two"))
    world.exposition.scrape()
    world.apply(a_cron("two", status={"conditions": None}))
    body = world.exposition.scrape().body
    assert seen == ["one", "two", "two"]
    assert b'bootsource_x{cron="one"} 2\n' in body
    assert b'bootsource_x{cron="two"} 0\n' in body
    world.store.sink(DATA_IMPORT_CRONS).remove(next(iter(world.store.freeze()[DATA_IMPORT_CRONS].rows)))
    assert b'bootsource_x{cron="one"}' not in world.exposition.scrape().body


def test_an_event_that_changes_nothing_costs_no_rendering() -> None:
    world = World()
    world.apply(a_cron())
    first = world.exposition.scrape()
    world.apply(a_cron(metadata={"resourceVersion": "2"}))
    assert world.exposition.scrape().pieces is first.pieces


def test_schedules_move_on_when_only_time_passes() -> None:
    world = World()
    world.apply(a_cron(spec={"schedule": "* * * * *"}))
    name = "bootsource_dataimportcron_schedule_next_timestamp_seconds"

    def upcoming() -> float:
        return parse_exposition(world.exposition.scrape().body, as_openmetrics=False)[name][0][2]

    at_first = upcoming()
    world.clock.passed += timedelta(minutes=1)
    assert upcoming() == at_first + 60


def test_timely_families_are_not_rendered_too_often() -> None:
    world = World()
    world.exposition.scrape()
    before = world.value("bootsource_exporter_family_renders_total")
    world.clock.passed += timedelta(seconds=TIMELY - 1)
    world.exposition.scrape()
    assert world.value("bootsource_exporter_family_renders_total") == before
    world.clock.passed += timedelta(seconds=1)
    world.exposition.scrape()
    timely = [f for f in FAMILIES if f.timely]
    assert world.value("bootsource_exporter_family_renders_total") == before + len(timely)


def test_own_metrics_are_fresh_after_a_second() -> None:
    world = World()
    first = world.exposition.scrape(OPENMETRICS)
    world.telemetry.count_answer("/metrics", 200)
    assert world.exposition.scrape(OPENMETRICS).pieces is first.pieces
    world.clock.passed += timedelta(seconds=OWN)
    body = world.exposition.scrape(OPENMETRICS).body
    assert b'bootsource_exporter_http_requests_total{code="200",route="/metrics"} 1.0' in body


def test_a_stale_table_becomes_unknown_without_any_event() -> None:
    world = World()
    world.apply(a_data_source())
    world.store.sink(DATA_SOURCES).state(State.STALE, "reset by peer")
    assert b"bootsource_datasource_ready{" in world.exposition.scrape().body
    world.clock.passed += timedelta(minutes=5)
    assert b"bootsource_datasource_ready{" not in world.exposition.scrape().body


def test_a_family_that_fails_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    @per_cluster("bootsource_broken", labels=(), help="Always raises an exception.", reads=(DATA_SOURCES,))
    def broken(facts: Facts) -> Iterator[Sample]:
        yield (), 1
        raise ZeroDivisionError(f"at {len(facts[DATA_SOURCES])}")

    whole = next(f for f in FAMILIES if f.name == "bootsource_default_storageclasses")
    world = World(broken, whole)
    with caplog.at_level(logging.ERROR):
        found = parse_exposition(world.exposition.scrape().body, as_openmetrics=False)
        world.exposition.scrape()
        world.apply(a_data_source())
        world.exposition.scrape()
        world.apply(a_data_source("other", ready=False, cron=""))
        world.exposition.scrape()
    assert found["bootsource_broken"] == []
    assert len(found["bootsource_default_storageclasses"]) == 3
    told = world.telemetry.exposition(openmetrics=True)
    assert b'bootsource_exporter_family_failures_total{family="bootsource_broken"} 3.0' in told
    # Once per problem, not once per scrape; the message differs with the number of DataSources.
    assert [r.__dict__["family"] for r in caplog.records] == ["bootsource_broken"] * 3


def test_series_are_counted() -> None:
    world = World()
    world.apply(a_storage_class())
    body = world.exposition.scrape().body.decode()
    lines = [line for line in body.splitlines() if line.startswith("bootsource_") and "exporter" not in line]
    assert world.value("bootsource_exporter_series") == len(lines)
