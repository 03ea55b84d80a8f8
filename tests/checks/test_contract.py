"""What every check owes, whatever it is about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.kube.contract import State
from tests import worlds
from tests.clusters.files import load_cluster

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
WISHES = [(c, r) for c in CHECKS for r in sorted(c.wishes, key=str)]
INPUTS = [(c, r) for c in CHECKS for r in sorted(c.tables, key=str)]


def test_ids_are_unique_and_kebab_case() -> None:
    ids = [c.id for c in CHECKS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i) for i in ids)


@each_check
def test_a_check_is_named_like_its_module_and_its_function(check: Check) -> None:
    name = check.id.replace("-", "_")
    assert (check.judge.__name__, check.judge.__module__.rpartition(".")[2]) == (name, name)


@each_check
def test_its_texts_are_there_for_people(check: Check) -> None:
    for text in (check.summary, check.meaning, check.impact, check.diagnosis, check.mitigation, check.judge.__doc__):
        assert text
        assert len(text) >= 12
    assert not check.summary.endswith(".")


@each_check
def test_its_scenarios_exist(check: Check) -> None:
    assert all(re.fullmatch(r"F(0[1-9]|[1-6][0-9]|7[01])", s) for s in check.scenarios)


@pytest.mark.parametrize(("check", "resource"), INPUTS, ids=[f"{c.id} without {r}" for c, r in INPUTS])
def test_without_any_input_it_is_blind(check: Check, resource: Resource[Any]) -> None:
    told = worlds.evaluate_manifests(check, states={resource: State.FORBIDDEN}).report
    assert (told.checks[0].status, told.checks[0].blind_on) == ("blind", (str(resource),))
    assert told.findings == ()


@pytest.mark.parametrize(("check", "resource"), WISHES, ids=[f"{c.id} without {r}" for c, r in WISHES])
def test_without_what_it_only_consults_it_judges_all_the_same(check: Check, resource: Resource[Any]) -> None:
    told = worlds.evaluate_manifests(check, *HEALTHY, states={resource: State.FORBIDDEN}).report
    assert told.checks[0].status == worlds.evaluate_manifests(check, *HEALTHY).report.checks[0].status != "blind"


@each_check
def test_an_empty_cluster_is_no_alarm(check: Check) -> None:
    report = worlds.evaluate_manifests(check).report
    assert report.checks[0].status in ("pass", "fail")
    assert all(f.severity == "info" for f in report.findings)


def test_every_cause_that_a_check_names_is_a_check() -> None:
    ids = {c.id for c in CHECKS}
    root = Path(__file__).parents[2] / "exporter" / "checks"
    named = {m for p in root.rglob("*.py") for m in re.findall(r'Cause\(\s*"([^"]+)"', p.read_text("utf-8"))}
    assert named
    assert named <= ids


RARE = (
    *("ImageStream", "CronJob", "Pod", "ResourceQuota", "VirtualMachineTemplate"),
    *("VolumeSnapshotContent", "Namespace", "Node", "Event"),
)
"""Kinds for which there is no builder of small worlds, but a sample cluster."""
HOLDING_THEM = ("image-stream-import-failing", "poller-image-pull-failing", "quota-exhausted", "scratch-space-quota")
IN_SAMPLES = {o["kind"]: o for name in (*HOLDING_THEM, "machine-template-source-missing") for o in load_cluster(name)}
HEALTHY = (
    *(worlds.a_cron(), worlds.a_data_source(), worlds.a_snapshot(), worlds.a_storage_class(virt="true")),
    *(worlds.a_storage_profile(), worlds.a_snapshot_class(), worlds.an_hco(commons=[worlds.an_entry()])),
    *(worlds.an_ssp(entries=[worlds.an_entry()]), worlds.a_cdi(), worlds.a_template()),
    *(worlds.a_machine(), worlds.a_data_volume(), worlds.a_claim()),
    *(IN_SAMPLES[kind] for kind in RARE),
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("0001-01-01T00:00:00Z"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=4,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a manifest."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(p for k, v in inner for p in paths(v, (*at, k)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with something else at one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_object_however_odd_makes_a_check_crash(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(HEALTHY) - 1))
    places = [p for p in paths(HEALTHY[index]) if p and p[0] not in ("kind", "apiVersion") and p != ("metadata",)]
    odd = changed(HEALTHY[index], data.draw(st.sampled_from(places)), data.draw(junk))
    world = [*HEALTHY[:index], odd, *HEALTHY[index + 1 :]]
    assert worlds.evaluate_manifests(CHECKS, *world).crashed == {}


def test_watched_resources_have_names_and_purposes_of_their_own() -> None:
    assert len({r.plural for r in WATCHED}) == len(WATCHED)
    assert all(r.purpose and not r.purpose.endswith(".") for r in WATCHED)
