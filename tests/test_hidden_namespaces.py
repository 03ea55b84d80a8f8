"""Namespaces that are not visible: what is concluded of them, and how it is said."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.engine import Evaluation
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resource import Scope
from exporter.cluster.resources import IMAGE_STREAMS, PERSISTENT_VOLUME_CLAIMS, WATCHED
from exporter.cluster.snapshot import ClusterSnapshot, HiddenError
from exporter.cluster.store import ELSEWHERE, WHERE, Store
from exporter.kube.contract import State
from exporter.metrics.block import Block, EvaluatedCluster
from exporter.metrics.families import FAMILIES
from exporter.model.wire import ABSENT
from exporter.schedule.timetable import Timetable
from exporter.watch.namespaces import watch_scope
from tests.worlds import IMAGES, NOW, Manifest, WorldClock, a_claim, a_cron, a_data_source, an_entry, an_hco, an_ssp

SCOPED = [resource for resource in WATCHED if resource.scope is Scope.BOOT_SOURCES]
SEVERAL = frozenset(f"ns-{number}" for number in range(17))


def partial(*manifests: Manifest, **parts: State) -> Store:
    """A store whose scoped tables consist of these namespaces; an underscore stands for a dash."""
    store = Store(WATCHED, WorldClock())
    for resource in WATCHED:
        if resource not in SCOPED:
            store.settle(resource, State.LIVE)
            continue
        store.settle_part(resource, WHERE, State.LIVE)
        for name, state in parts.items():
            store.settle_part(resource, name.replace("_", "-"), state, "as the test says")
    for manifest in manifests:
        resource = next(r for r in WATCHED if r.kind == manifest["kind"])
        part = manifest["metadata"]["namespace"] if resource in SCOPED else ""
        store.sink(resource, part).apply(resource.codec().from_value(manifest))
    return store


def judged(store: Store) -> tuple[ClusterSnapshot, Evaluation]:
    cluster = store.freeze()
    return cluster, evaluate_cluster(cluster, NOW)


class TestTable:
    def test_a_403_in_one_of_several_namespaces_hides_that_one(self) -> None:
        table = partial(a_claim(), **{IMAGES: State.LIVE, "lab": State.FORBIDDEN}).freeze()[PERSISTENT_VOLUME_CLAIMS]
        assert (table.state, dict(table.hidden)) == (State.LIVE, {"lab": State.FORBIDDEN})
        assert table.detail == "not visible in lab (forbidden)"
        assert table.is_known(NOW)
        assert table.get(IMAGES, a_claim()["metadata"]["name"]) is not ABSENT
        assert table.get(IMAGES, "other") is ABSENT
        with pytest.raises(HiddenError, match="PersistentVolumeClaim objects in namespace lab are not visible"):
            table.get("lab", "other")

    def test_a_403_everywhere_is_the_state_of_the_table(self) -> None:
        table = partial(lab=State.FORBIDDEN, desk=State.FORBIDDEN).freeze()[PERSISTENT_VOLUME_CLAIMS]
        assert (table.state, dict(table.hidden)) == (State.FORBIDDEN, {})

    def test_a_403_for_all_namespaces_at_once_is_too(self) -> None:
        store = Store(WATCHED, WorldClock())
        store.settle(PERSISTENT_VOLUME_CLAIMS, State.FORBIDDEN)
        assert store.freeze()[PERSISTENT_VOLUME_CLAIMS].state is State.FORBIDDEN

    def test_what_a_namespace_that_is_visible_does_not_tell_yet_counts(self) -> None:
        table = partial(lab=State.FORBIDDEN, desk=State.PENDING).freeze()[PERSISTENT_VOLUME_CLAIMS]
        assert table.state is State.PENDING

    def test_what_is_left_out_by_the_administrator_is_hidden_with_all_that_was_not_named(self) -> None:
        store = partial(lab=State.LIVE)
        store.look_only_in(frozenset({"lab"}))
        store.leave_out(frozenset({"desk"}))
        table = store.freeze()[PERSISTENT_VOLUME_CLAIMS]
        assert (table.state, dict(table.hidden)) == (State.LIVE, {"desk": State.DISABLED})
        assert table.detail == "not visible in desk (left out of --namespaces)"
        assert table.get("lab", "x") is ABSENT
        for namespace in ("desk", "never-heard-of"):
            with pytest.raises(HiddenError):
                table.get(namespace, "x")

    def test_what_the_cluster_does_not_serve_is_absent_in_every_namespace(self) -> None:
        store = partial(lab=State.NOT_SERVED)
        store.look_only_in(frozenset({"lab"}))
        store.leave_out(frozenset({"desk"}))
        table = store.freeze()[IMAGE_STREAMS]
        assert (table.state, dict(table.hidden)) == (State.NOT_SERVED, {})
        assert table.get("desk", "x") is ABSENT

    def test_a_long_list_is_cut_and_says_how_many_are_left(self) -> None:
        store = partial(lab=State.LIVE)
        store.leave_out(SEVERAL)
        detail = store.freeze()[PERSISTENT_VOLUME_CLAIMS].detail
        assert detail == "not visible in ns-0, ns-1, ns-10, ns-11, ns-12 and 12 more (left out of --namespaces)"

    def test_the_proof_of_life_is_that_of_the_namespaces_that_are_watched(self) -> None:
        store = partial(lab=State.LIVE, desk=State.FORBIDDEN)
        store.sink(PERSISTENT_VOLUME_CLAIMS, "lab").alive()
        assert store.alive_at(PERSISTENT_VOLUME_CLAIMS) == NOW


@pytest.mark.parametrize(
    ("needed", "only", "watched", "left_out"),
    [
        ({"a", "b"}, None, {"a", "b"}, set()),
        (SEVERAL, None, {""}, set()),
        ({"a", "b"}, {"b", "c"}, {"b"}, {"a"}),
        (SEVERAL, SEVERAL, SEVERAL, set()),
        ({""}, {"b", "c"}, {"b", "c"}, {ELSEWHERE}),
        (set(), {"b"}, set(), set()),
    ],
    ids=["a watch each", "one for all", "what is allowed", "many that are allowed", "not known where", "nothing yet"],
)
def test_where_to_watch(needed: set[str], only: set[str] | None, watched: set[str], left_out: set[str]) -> None:
    allowed = None if only is None else frozenset(only)
    assert watch_scope(frozenset(needed), allowed) == (frozenset(watched), frozenset(left_out))


SOURCE: Any = {
    "spec": {"template": {"spec": {"source": {"registry": None, "pvc": {"name": "golden", "namespace": "lab"}}}}}
}


class TestVerdict:
    def test_an_object_in_a_hidden_namespace_is_unknown_and_not_missing(self) -> None:
        _, seen = judged(partial(a_cron(**SOURCE), **{IMAGES: State.LIVE, "lab": State.LIVE}))
        assert "source-claim-missing" in {finding.check for finding in seen.report.findings}
        _, hidden = judged(partial(a_cron(**SOURCE), **{IMAGES: State.LIVE, "lab": State.FORBIDDEN}))
        assert "source-claim-missing" not in {finding.check for finding in hidden.report.findings}
        (check,) = (c for c in hidden.report.checks if c.check == "source-claim-missing")
        assert (check.status, check.blind_on) == ("unknown", ("persistentvolumeclaims",))
        assert "namespace lab are not visible" in check.unknown[0]

    def test_checks_that_read_a_hidden_namespace_give_no_all_clear(self) -> None:
        _, seen = judged(partial(**{IMAGES: State.LIVE, "lab": State.LIVE}))
        _, hidden = judged(partial(**{IMAGES: State.LIVE, "lab": State.FORBIDDEN}))
        was = {check.check: check.status for check in seen.report.checks}
        now = {check.check: check for check in hidden.report.checks}
        different = {name for name, status in was.items() if now[name].status != status}
        assert different
        for name in different:
            assert (was[name], now[name].status) == ("pass", "unknown")
            assert set(now[name].blind_on) <= {str(resource) for resource in SCOPED}
        assert hidden.report.findings == seen.report.findings

    def test_a_hidden_image_namespace_crashes_nothing_and_makes_no_finding(self) -> None:
        world = (an_hco(commons=[an_entry()]), an_ssp(entries=[an_entry()]), a_data_source(), a_cron())
        _, seen = judged(partial(*world, **{IMAGES: State.LIVE, "lab": State.LIVE}))
        cluster, hidden = judged(partial(*world, **{IMAGES: State.FORBIDDEN, "lab": State.LIVE}))
        assert not hidden.crashed
        assert {f.fingerprint for f in hidden.report.findings} <= {f.fingerprint for f in seen.report.findings}
        for family in FAMILIES:
            block = Block(family)
            block.refresh(EvaluatedCluster(cluster, hidden.report), NOW, Timetable(), aged=False)
            assert block.crash is None, family.name

    def test_a_suppression_of_what_cannot_be_seen_is_not_called_unused(self) -> None:
        line = "source-claim-missing; reason=the claim comes later; owner=us"
        note: Any = {"metadata": {"annotations": {"bootsource.kubevirt.io/suppress": line}}}
        cron = a_cron(**{**SOURCE, **note})
        golden = a_claim("golden", metadata={"namespace": "lab"})
        _, seen = judged(partial(cron, golden, **{IMAGES: State.LIVE, "lab": State.LIVE}))
        assert "suppression-unused" in {finding.check for finding in seen.report.findings}
        _, hidden = judged(partial(cron, **{IMAGES: State.LIVE, "lab": State.FORBIDDEN}))
        assert "suppression-unused" not in {finding.check for finding in hidden.report.findings}


def test_the_report_and_the_metrics_say_what_is_hidden() -> None:
    store = partial(**{IMAGES: State.LIVE, "lab": State.FORBIDDEN})
    store.leave_out(frozenset({"desk", "attic"}))
    cluster, evaluation = judged(store)
    (status,) = (r for r in evaluation.report.resources if r.resource == "persistentvolumeclaims")
    assert status.hidden_namespaces == {"lab": "forbidden", "attic": "disabled", "desk": "disabled"}
    (family,) = (f for f in FAMILIES if f.name == "bootsource_resource_hidden_namespaces")
    block = Block(family)
    block.refresh(EvaluatedCluster(cluster, evaluation.report), NOW, Timetable(), aged=False)
    lines = block.text.decode().splitlines()
    assert f'{family.name}{{resource="persistentvolumeclaims",state="forbidden"}} 1' in lines
    assert f'{family.name}{{resource="persistentvolumeclaims",state="disabled"}} 2' in lines
    assert f'{family.name}{{resource="pods",state="forbidden"}} 1' in lines
