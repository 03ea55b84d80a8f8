"""Several clusters in one exposition: every series says of which it is, and nothing else changes."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.metrics.block import EvaluatedCluster
from exporter.metrics.exposition import Exposition
from exporter.metrics.families import FAMILIES
from tests.metrics.scraping import HandClock, a_telemetry, counts, expose, family, parse_exposition
from tests.worlds import NOW, a_cron, a_data_source, a_storage_class, cluster

ONE = (a_cron(), a_data_source(), a_storage_class(virt="true"))
OTHER = (a_cron("rhel-image-cron", managed="rhel"), a_storage_class(virt="true"), a_storage_class("b", virt="true"))
Found = dict[str, list[tuple[str, dict[str, str], float]]]


def exposition(worlds: Mapping[str, ClusterSnapshot]) -> Exposition:
    def judged(frozen: ClusterSnapshot) -> EvaluatedCluster:
        return EvaluatedCluster(frozen, reports[id(frozen)])

    reports = {id(frozen): evaluate_cluster(frozen, NOW).report for frozen in worlds.values()}
    sources = {name: (lambda frozen=frozen: judged(frozen)) for name, frozen in worlds.items()}
    return Exposition(FAMILIES, sources, a_telemetry(*map(counts, worlds)), HandClock())


def about_clusters(found: Found) -> Found:
    return {each.name: found[each.name] for each in FAMILIES}


@pytest.mark.parametrize("as_openmetrics", [False, True])
def test_each_cluster_has_the_series_that_it_has_alone_and_its_name_on_them(as_openmetrics: bool) -> None:
    accept = "application/openmetrics-text; version=1.0.0" if as_openmetrics else ""
    both = exposition({"one": cluster(*ONE), "other": cluster(*OTHER)}).scrape(accept)
    found = about_clusters(parse_exposition(both.body, as_openmetrics=as_openmetrics))
    for name, world in (("one", ONE), ("other", OTHER)):
        alone = about_clusters(parse_exposition(expose(*world).scrape(accept).body, as_openmetrics=as_openmetrics))
        labelled = {
            each: [(sample, {"cluster": name, **labels}, value) for sample, labels, value in samples]
            for each, samples in alone.items()
        }
        of_it = {f: [s for s in samples if s[1]["cluster"] == name] for f, samples in found.items()}
        assert of_it == labelled
    for each in FAMILIES:
        assert both.body.decode().count(f"# HELP {each.name} ") == 1


def test_the_compressed_form_says_the_same() -> None:
    both = exposition({"one": cluster(*ONE), "other": cluster(*OTHER)})
    assert gzip.decompress(both.scrape(gzip=True).body) == both.scrape().body


def test_a_single_cluster_has_no_label_for_it() -> None:
    assert b"cluster=" not in expose(*ONE).scrape().body


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_of_a_context_is_a_label_value(name: str) -> None:
    verdict = family("verdict").with_cluster(name, first=True)
    told = "".join((verdict.header, *verdict.render([(("pass",), 1)])))
    assert parse_exposition(told.encode(), as_openmetrics=False) == {
        "bootsource_verdict": [("bootsource_verdict", {"cluster": name, "verdict": "pass"}, 1.0)]
    }
