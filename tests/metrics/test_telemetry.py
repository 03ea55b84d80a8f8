"""What the exporter says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from exporter.cluster.resources import WATCHED
from exporter.kube.stats import OUTCOMES
from exporter.metrics.exporter_families import OWN_FAMILIES
from exporter.metrics.telemetry import Telemetry
from tests.metrics.scraping import a_telemetry, counts, parse_exposition
from tests.worlds import NOW


@dataclass
class Counts:
    requests: dict[str, int] = field(default_factory=lambda: {"ok": 3, "gone": 1})
    lists: int = 2
    watches: int = 2
    events: int = 40


def told(telemetry: Telemetry) -> dict[tuple[str, tuple[str, ...]], float]:
    found = parse_exposition(telemetry.exposition(openmetrics=True), as_openmetrics=True)
    labels = {f.name: f.labels for f in OWN_FAMILIES}
    return {
        (sample.removeprefix("bootsource_exporter_"), tuple(values[label] for label in labels.get(sample, ()))): value
        for samples in found.values()
        for sample, values, value in samples
        if sample.startswith("bootsource_exporter_")
    }


def test_every_family_is_exposed_with_its_declared_name_and_type() -> None:
    text = a_telemetry().exposition(openmetrics=False).decode()
    for one in OWN_FAMILIES:
        assert f"# TYPE {one.name} {one.kind}\n" in text
        assert f"# HELP {one.name} {one.help}\n" in text
    assert "process_cpu_seconds_total" in text
    assert "_created" not in text


def test_counters_begin_at_zero_for_every_known_label_value() -> None:
    found = told(a_telemetry())
    assert found["watch_requests_total", ("nodes", "forbidden")] == 0
    assert sum(name == "watch_requests_total" for name, _ in found) == len(WATCHED) * len(OUTCOMES)
    assert found["check_failures_total", ("polling-frozen",)] == 0
    assert found["family_failures_total", ("bootsource_verdict",)] == 0
    assert found["http_requests_total", ("/metrics", "500")] == 0
    assert found["evaluation_duration_seconds_count", ()] == 0
    assert ("last_evaluation_timestamp_seconds", ()) not in found


def test_watches_are_summed_and_never_go_back() -> None:
    cluster, one, other = counts(), Counts(), Counts()
    telemetry = a_telemetry(cluster)
    cluster.watch("nodes", one)
    cluster.watch("nodes", other)
    assert told(telemetry)["watch_events_total", ("nodes",)] == 80
    cluster.unwatch("nodes", one)
    other.events += 1
    found = told(telemetry)
    assert found["watch_events_total", ("nodes",)] == 81
    assert found["watch_requests_total", ("nodes", "gone")] == 2
    assert found["watch_lists_total", ("nodes",)] == 4


def test_a_watch_that_was_never_alive_has_no_sample() -> None:
    found = told(a_telemetry())
    assert found["watch_last_alive_timestamp_seconds", ("nodes",)] == NOW.timestamp()
    assert ("watch_last_alive_timestamp_seconds", ("pods",)) not in found


def test_evaluations_and_failures_are_counted() -> None:
    cluster = counts()
    telemetry = a_telemetry(cluster)
    cluster.count_evaluation(0.25, NOW, ["polling-frozen"])
    cluster.count_evaluation(0.5, NOW, [])
    telemetry.count_answer("/metrics", 200)
    found = told(telemetry)
    assert found["evaluation_duration_seconds_count", ()] == 2
    assert found["evaluation_duration_seconds_sum", ()] == 0.75
    assert found["last_evaluation_timestamp_seconds", ()] == NOW.timestamp()
    assert found["check_failures_total", ("polling-frozen",)] == 1
    assert found["http_requests_total", ("/metrics", "200")] == 1


def test_the_configuration_that_counts_and_whether_the_newest_does() -> None:
    telemetry = a_telemetry()
    assert "\nbootsource_config_" not in telemetry.exposition(openmetrics=False).decode()
    telemetry.note_configuration(NOW, "00000000000f" + "0" * 52)
    text = telemetry.exposition(openmetrics=False).decode()
    assert "\nbootsource_config_last_reload_successful 1.0\n" in text
    (told,) = [line for line in text.splitlines() if line.startswith("bootsource_config_last_reload_success_time")]
    assert float(told.split()[1]) == NOW.timestamp()
    assert "\nbootsource_config_hash 15.0\n" in text
    telemetry.configuration_refused()
    text = telemetry.exposition(openmetrics=False).decode()
    assert "\nbootsource_config_last_reload_successful 0.0\n" in text
    assert "\nbootsource_config_hash 15.0\n" in text


def test_several_clusters_are_told_apart_by_a_label_where_it_makes_sense() -> None:
    clusters = counts("one"), counts("two")
    clusters[1].count_evaluation(0.5, NOW, [])
    found = parse_exposition(a_telemetry(*clusters).exposition(openmetrics=True), as_openmetrics=True)
    evaluations = found["bootsource_exporter_evaluation_duration_seconds"]
    counted = {labels["cluster"]: value for name, labels, value in evaluations if name.endswith("_count")}
    assert counted == {"one": 0, "two": 1}
    assert all("cluster" not in labels for _, labels, _ in found["bootsource_exporter_http_requests"])


def test_authorization_and_certificates_are_counted() -> None:
    telemetry = a_telemetry()
    before = told(telemetry)
    assert before["auth_decisions_total", ("unavailable",)] == 0
    assert ("tls_last_reload_successful", ()) not in before
    telemetry.count_decision("forbidden")
    telemetry.certificates(good=True, expires=NOW)
    telemetry.certificates(good=False, expires=NOW)
    found = told(telemetry)
    assert found["auth_decisions_total", ("forbidden",)] == 1
    assert found["tls_reloads_total", ("ok",)] == found["tls_reloads_total", ("failed",)] == 1
    assert found["tls_last_reload_successful", ()] == 0
    assert found["tls_certificate_expiry_timestamp_seconds", ()] == NOW.timestamp()


def test_the_freshness_target_is_told_to_the_rules() -> None:
    telemetry = a_telemetry()
    telemetry.promises(timedelta(days=3))
    assert "\nbootsource_freshness_target_seconds 259200.0\n" in telemetry.exposition(openmetrics=False).decode()
