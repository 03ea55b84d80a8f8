"""The page that foresees what a switch leads to."""

from __future__ import annotations

from typing import Any

from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.report import Report
from tests.metrics.reports import a_report
from tests.web.client import get
from tests.web.pages import shown
from tests.web.test_routes import State
from tests.whatif.recorded import cluster

PATH = "/what-if"


def judged() -> tuple[Report, ClusterSnapshot]:
    found, at = cluster("h01")
    return evaluate_cluster(found, at).report, found


def test_it_offers_what_the_cluster_has_and_foresees_nothing_by_itself() -> None:
    report, found = judged()
    text = shown(report, PATH, frozen=found)
    for expected in ("ceph-rbd", "gp3", "fedora-image-cron: off", "Common boot images", "Nothing is changed."):
        assert expected in text
    assert "What happens" not in text


def test_a_switch_shows_steps_what_is_lost_and_what_cannot_be_undone() -> None:
    report, found = judged()
    text = shown(report, PATH, frozen=found, gate="off")
    for expected in ("SSP deletes DataImportCron", "Irreversible", "Loss", "Not usable for some time"):
        assert expected in text
    assert "3 images deleted" in text


def test_several_switches_are_turned_together() -> None:
    report, found = judged()
    query: dict[str, Any] = {"virt-default": "ceph-rbd", "entry": "-fedora-image-cron"}
    text = shown(report, PATH, frozen=found, **query)
    assert "StorageClass ceph-rbd is the only virt default and entry fedora-image-cron is disabled" in text


def test_what_is_not_there_is_refused_without_repeating_it() -> None:
    report, found = judged()
    text = shown(report, PATH, frozen=found, gate="<script>")
    assert "names what this cluster does not have" in text
    assert "script>" not in text


def test_before_the_first_report_it_waits() -> None:
    assert "has not been read yet" in shown(None, PATH, gate="off")


def test_who_asks_too_much_has_to_wait_and_what_was_asked_before_is_there() -> None:
    report, found = judged()
    state = State(report, found)
    with state.served() as server:
        answers = [get(server, f"{PATH}?gate=off") for _ in range(20)]
        assert all(b"3 images deleted" in a.body for a in answers)
        names = ("fedora", "centos-stream9", "centos-stream10")
        asked = [
            f"gate={gate}&entry={sign}{name}-image-cron" for gate in ("on", "off") for name in names for sign in "-+"
        ]
        others = [get(server, f"{PATH}?{query.replace('+', '%2B')}") for query in asked]
    assert any(b"try again in some seconds" in a.body for a in others)


def test_it_reads_no_more_than_is_there() -> None:
    assert "What if" in shown(a_report(), PATH)
