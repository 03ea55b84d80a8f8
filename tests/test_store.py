"""The store: what readers see, and what counts as a change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    PERSISTENT_VOLUME_CLAIMS,
    VIRTUAL_MACHINES,
    WATCHED,
)
from exporter.cluster.snapshot import (
    STALE_AFTER,
    Given,
    Joint,
    RestrictedView,
    UndeclaredReadError,
    UndecodableError,
    View,
    joint,
)
from exporter.cluster.store import Store
from exporter.kube.contract import Key, State
from exporter.model.wire import ABSENT
from tests.worlds import NOW, Manifest, WorldClock, a_claim, a_cron, a_machine, ago, cluster, merge

CODEC = DATA_IMPORT_CRONS.codec()


@pytest.fixture
def store() -> Store:
    return Store(WATCHED, WorldClock())


def item(manifest: Manifest) -> Any:
    return CODEC.from_value(manifest)


def test_a_reader_keeps_what_it_has_while_the_store_goes_on(store: Store) -> None:
    sink = store.sink(DATA_IMPORT_CRONS)
    sink.apply(item(a_cron("one")))
    before = store.freeze()
    sink.apply(item(a_cron("two")))
    assert [k.name for k in before[DATA_IMPORT_CRONS].rows] == ["one"]
    assert sorted(k.name for k in store.freeze()[DATA_IMPORT_CRONS].rows) == ["one", "two"]


def test_nothing_new_is_the_same_object(store: Store) -> None:
    assert store.freeze() is store.freeze()


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"resourceVersion": "2"}},
        {"metadata": {"managedFields": [{"manager": "x"}]}},
        {"metadata": {"annotations": {"example.org/note": "new"}}},
        {"status": {"nodePlacement": "whatever"}},
    ],
    ids=["version", "managed-fields", "foreign-annotation", "unread-field"],
)
def test_an_event_that_changes_nothing_we_keep_changes_nothing(store: Store, change: Manifest) -> None:
    sink = store.sink(DATA_IMPORT_CRONS)
    sink.apply(item(a_cron()))
    before = store.generation
    sink.apply(item(merge(a_cron(), change)))
    assert store.generation == before


def test_the_status_of_a_virtual_machine_that_we_do_not_read_changes_nothing(store: Store) -> None:
    sink, codec = store.sink(VIRTUAL_MACHINES), VIRTUAL_MACHINES.codec()
    sink.apply(codec.from_value(a_machine(status={"printableStatus": "Starting"})))
    before = store.generation
    sink.apply(codec.from_value(a_machine(status={"printableStatus": "Starting", "memory": "1Gi"})))
    assert store.generation == before


def test_a_virtual_machine_without_a_data_source_has_no_row() -> None:
    machine = a_machine(spec={"dataVolumeTemplates": []})
    assert VIRTUAL_MACHINES.codec().from_value(machine).row is None


def test_a_list_is_swapped_in_whole(store: Store) -> None:
    sink = store.sink(DATA_IMPORT_CRONS)
    sink.apply(item(a_cron("old")))
    new = item(a_cron("new"))
    sink.replace({new.key: new.row}, {})
    assert [k.name for k in store.freeze()[DATA_IMPORT_CRONS].rows] == ["new"]


@pytest.mark.parametrize("state", [State.FORBIDDEN, State.NOT_SERVED, State.DISABLED])
def test_where_nothing_can_be_seen_no_row_stays(store: Store, state: State) -> None:
    sink = store.sink(DATA_IMPORT_CRONS)
    sink.apply(item(a_cron()))
    sink.state(state)
    assert len(store.freeze()[DATA_IMPORT_CRONS]) == 0


def test_a_lost_watch_keeps_its_rows_and_counts_as_known_for_a_while(store: Store) -> None:
    sink = store.sink(DATA_IMPORT_CRONS)
    sink.state(State.LIVE)
    sink.apply(item(a_cron()))
    sink.state(State.STALE, "connection refused")
    table = store.freeze()[DATA_IMPORT_CRONS]
    assert len(table) == 1
    assert table.is_known(NOW + STALE_AFTER - timedelta(seconds=1))
    assert not table.is_known(NOW + STALE_AFTER)
    sink.state(State.STALE, "another reason")
    assert store.freeze()[DATA_IMPORT_CRONS].stale_since == NOW


def test_what_was_last_heard_long_ago_is_not_known_for_five_minutes_more(store: Store) -> None:
    sink = store.sink(DATA_IMPORT_CRONS)
    sink.alive()
    sink.state(State.LIVE)
    store.clock = WorldClock(NOW + timedelta(minutes=2))
    sink.state(State.STALE, "the watch fell silent")
    assert store.freeze()[DATA_IMPORT_CRONS].stale_since == NOW


def test_what_cannot_be_seen_any_more_has_no_watch_that_could_be_old(store: Store) -> None:
    sink = store.sink(DATA_IMPORT_CRONS)
    sink.alive()
    sink.state(State.NOT_SERVED)
    assert store.alive_at(DATA_IMPORT_CRONS) is None


def test_a_part_that_nobody_watches_does_not_hide_when_the_others_were_alive(store: Store) -> None:
    store.settle_part(PERSISTENT_VOLUME_CLAIMS, "-", State.LIVE)
    store.sink(PERSISTENT_VOLUME_CLAIMS, "images").alive()
    assert store.alive_at(PERSISTENT_VOLUME_CLAIMS) == NOW


def test_a_table_of_several_parts_is_as_unknown_as_its_worst(store: Store) -> None:
    one, other = (store.sink(PERSISTENT_VOLUME_CLAIMS, namespace) for namespace in ("a", "b"))
    one.state(State.LIVE)
    assert store.freeze()[PERSISTENT_VOLUME_CLAIMS].state is State.PENDING
    other.state(State.LIVE)
    claim = PERSISTENT_VOLUME_CLAIMS.codec().from_value(a_claim())
    other.apply(claim)
    assert store.freeze()[PERSISTENT_VOLUME_CLAIMS].state is State.LIVE
    store.drop_part(PERSISTENT_VOLUME_CLAIMS, "b")
    assert len(store.freeze()[PERSISTENT_VOLUME_CLAIMS]) == 0


def test_a_rejected_object_is_neither_a_row_nor_absent(store: Store) -> None:
    sink = store.sink(DATA_IMPORT_CRONS)
    sink.apply(item(merge(a_cron(), {"spec": {"schedule": ["x"]}})))
    table = store.freeze()[DATA_IMPORT_CRONS]
    with pytest.raises(UndecodableError, match=r"spec\.schedule"):
        table.get("openshift-virtualization-os-images", "fedora-image-cron")
    assert table.get("openshift-virtualization-os-images", "other") is ABSENT
    sink.apply(item(a_cron()))
    assert store.freeze()[DATA_IMPORT_CRONS].rejected == {}


def test_an_object_without_a_name_is_rejected() -> None:
    nameless = CODEC.from_value({"metadata": {}})
    assert nameless.rejected is not None
    assert nameless.rejected.field == "metadata.name"


def test_absent_is_no_boolean() -> None:
    with pytest.raises(TypeError, match="is ABSENT"):
        bool(ABSENT)


def test_a_watch_is_as_alive_as_its_oldest_part(store: Store) -> None:
    assert store.alive_at(DATA_SOURCES) is None
    one, other = (store.sink(DATA_SOURCES, part) for part in ("a", "b"))
    one.alive()
    assert store.alive_at(DATA_SOURCES) is None
    other.alive()
    assert store.alive_at(DATA_SOURCES) == NOW


def test_a_joint_is_computed_once_per_cluster_and_may_read_only_what_it_declares() -> None:
    computed: list[int] = []

    def count(view: View) -> int:
        computed.append(1)
        return len(view[DATA_IMPORT_CRONS])

    counted: Joint[int] = joint(DATA_IMPORT_CRONS)(count)
    curious: Joint[int] = joint(DATA_SOURCES)(count)
    frozen = cluster(a_cron(metadata={"creationTimestamp": ago(days=1)}))
    assert [frozen.join(counted), frozen.join(counted)] == [1, 1]
    assert len(computed) == 1
    with pytest.raises(UndeclaredReadError, match="dataimportcrons"):
        frozen.join(curious)
    with pytest.raises(UndeclaredReadError, match="dataimportcrons"):
        RestrictedView(frozen, frozenset({DATA_SOURCES})).join(counted)


def test_a_joint_is_computed_again_only_when_one_of_its_tables_has_changed(store: Store) -> None:
    computed: list[int] = []

    def count(view: View) -> int:
        computed.append(1)
        return len(view[DATA_IMPORT_CRONS])

    counted: Joint[int] = joint(DATA_IMPORT_CRONS)(count)
    store.sink(DATA_IMPORT_CRONS).apply(item(a_cron()))
    assert store.freeze().join(counted) == 1
    store.sink(DATA_SOURCES).state(State.LIVE)
    assert store.freeze().join(counted) == 1
    assert len(computed) == 1
    store.sink(DATA_IMPORT_CRONS).apply(item(a_cron("second")))
    assert store.freeze().join(counted) == 2
    assert len(computed) == 2


def test_machines_that_run_from_the_same_source_share_one_row() -> None:
    codec = VIRTUAL_MACHINES.codec()
    one, other = (codec.from_value(a_machine(name, status={"created": True})).row for name in ("a", "b"))
    assert one is other


def test_keys_read_as_people_write_them() -> None:
    assert (str(Key("shop", "web-1")), str(Key("", "fast"))) == ("shop/web-1", "fast")


LIMIT: Given[int] = Given("limit", 3)


@joint(DATA_SOURCES)
def doubled(view: View) -> int:
    return 2 * view.given(LIMIT)


def test_what_is_supplied_is_seen_by_joints_and_changes_the_generation(store: Store) -> None:
    before = store.freeze()
    assert before.join(doubled) == 6
    generation = store.generation
    store.supply(LIMIT, 3)
    assert (store.generation, store.freeze()) == (generation, before)
    store.supply(LIMIT, 5)
    assert store.generation > generation
    assert store.freeze().join(doubled) == 10
    assert before.join(doubled) == 6
