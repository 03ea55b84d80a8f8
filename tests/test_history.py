"""The history of boot sources: what is noticed between two evaluations, and that it stays small."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exporter.cluster.resources import DATA_IMPORT_CRONS, DATA_SOURCES
from exporter.cluster.snapshot import ClusterSnapshot
from exporter.history import MOST, MOST_OF_SOURCE, EventKind, History, extend_history
from exporter.kube.contract import Key, State
from exporter.report import CheckStatus, ObjectRef, Report
from tests.metrics.reports import a_finding, a_report
from tests.worlds import IMAGES, NOW, a_cron, a_data_source, ago, cluster

FEDORA = Key(IMAGES, "fedora")


def told(*steps: ClusterSnapshot | tuple[ClusterSnapshot, Report]) -> list[tuple[str, str]]:
    """What the history says of Fedora after these evaluations."""
    history = History(begun=NOW)
    for step in steps:
        frozen, report = step if isinstance(step, tuple) else (step, a_report())
        history = extend_history(history, frozen, report)
    return [(event.kind.value, event.text) for event in history.of(FEDORA)]


def polled(minutes: float, **status: Any) -> ClusterSnapshot:
    return cluster(a_cron(status={"lastExecutionTimestamp": ago(minutes=minutes), **status}), a_data_source())


def test_what_is_there_at_first_is_nothing_new() -> None:
    assert told(cluster(a_cron(), a_data_source())) == []
    assert told(polled(5), polled(5)) == []


def test_polls_in_a_row_are_one_event_with_the_time_of_the_last() -> None:
    history = History(begun=NOW)
    for minutes in (3, 2, 1):
        history = extend_history(history, polled(minutes), a_report())
    (event,) = history.of(FEDORA)
    assert (event.kind, event.count, event.at) == (EventKind.POLL, 2, NOW - timedelta(minutes=1))


def test_an_import_and_the_changes_that_it_makes_are_told() -> None:
    newer = cluster(
        a_cron(
            status={
                "currentImports": [{"DataVolumeName": "fedora-new", "Digest": "sha256:1"}],
                "lastImportTimestamp": ago(minutes=1),
            }
        ),
        a_data_source(spec={"source": {"snapshot": {"namespace": IMAGES, "name": "fedora-new"}}}),
    )
    texts = [text for _, text in told(cluster(a_cron(), a_data_source()), newer)]
    assert "Newer image found: fedora-new" in texts
    assert "Image imported" in texts
    assert any(text.startswith("Stands for VolumeSnapshot") for text in texts)


def test_creation_and_deletion_are_told() -> None:
    both = cluster(a_cron(), a_data_source())
    assert ("state", "DataSource deleted") in told(both, cluster(a_cron()))
    assert ("state", "DataImportCron fedora-image-cron created") in told(cluster(a_data_source()), both)


def test_what_cannot_be_seen_has_not_changed() -> None:
    both = cluster(a_cron(), a_data_source())
    hidden = cluster(states=dict.fromkeys((DATA_IMPORT_CRONS, DATA_SOURCES), State.FORBIDDEN))
    assert told(both, hidden, both) == []


def test_problems_come_and_go_and_a_blind_check_solves_none() -> None:
    both = cluster(a_cron(), a_data_source())
    about = ObjectRef(kind="DataImportCron", namespace=IMAGES, name="fedora-image-cron")
    problem = a_report(a_finding("fedora-image-cron", object=about))
    blind = a_report(checks=(CheckStatus(check="polling-frozen", status="blind", blind_on=("jobs",)),))
    said = ("problem", "fedora-image-cron is not polled")
    assert told((both, a_report()), (both, problem)) == [said]
    assert told((both, a_report()), (both, problem), (both, blind), (both, problem)) == [said]
    assert told((both, a_report()), (both, problem), (both, a_report())) == [said, ("solved", said[1])]


def test_it_stays_small_whatever_happens() -> None:
    history = History(begun=NOW)
    about = ObjectRef(kind="DataSource", namespace=IMAGES, name="fedora")
    for number in range(100):
        report = a_report(*([a_finding("fedora", object=about)] if number % 2 else []))
        history = extend_history(history, cluster(), report)
    assert len(history.of(FEDORA)) == MOST_OF_SOURCE
    one, other = ([a_finding(f"{half}{i}", kind="DataSource") for i in range(MOST)] for half in ("a", "b"))
    for findings in ([], one, other):
        history = extend_history(history, cluster(), a_report(*findings))
    assert sum(map(len, history.events.values())) <= MOST
    assert history.of(Key("images", f"a{MOST - 1}"))
    assert not history.of(FEDORA)
