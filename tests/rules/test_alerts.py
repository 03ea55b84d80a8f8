"""Every alert by promtool, of today and of OpenShift 4.14: when it fires, when it does not, and what it says."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.rules import ALERTS
from tests.rig.build import build
from tests.rules.cases import CASES, DOWN, Case, Series

RULES = Path(__file__).parent.parent.parent / "rules" / "bootsource.rules.yaml"
PODS = ({"pod": "a", "instance": "10.0.0.1:8080"}, {"pod": "b", "instance": "10.0.0.2:8080"})
OPENSHIFT = {"namespace": "monitoring", "exported_namespace": "elsewhere", "container": "exporter", "job": "bootsource"}
UP = Series("bootsource_exporter_build_info", {"version": "1"})
Test = dict[str, Any]
pytestmark = pytest.mark.monitoring


def written(series: Series, labels: dict[str, str], first: int, last: int) -> dict[str, str]:
    """The series with these labels from the first to the last minute."""
    pairs = ",".join(f'{k}="{v}"' for k, v in {**series.labels, **labels}.items())
    before = f"_x{first} " if first else ""
    return {"series": f"{series.name}{{{pairs}}}", "values": f"{before}{series.value}x{last - first} stale"}


def test_of(name: str, alert: str, series: list[dict[str, str]], expected: dict[int, list[Test]]) -> Test:
    """One world over time, and which instances of the alert fire at which minute."""
    checks = [{"eval_time": f"{at}m", "alertname": alert, "exp_alerts": fire} for at, fire in expected.items()]
    return {"name": f"{alert}: {name}", "interval": "1m", "input_series": series, "alert_rule_test": checks}


test_of.__test__ = False  # type: ignore[attr-defined]


def instance(case: Case, at: int | None = None) -> list[Test]:
    """The one instance that is to fire, as of a minute."""
    annotations = case.annotations(case.fires_at if at is None else at)
    return [{"exp_labels": case.labels, "exp_annotations": annotations}]


def surroundings(case: Case) -> list[dict[str, str]]:
    """What goes on when the problem is over."""
    last = case.fires_at + 60 + case.lingers + case.keeps
    return [written(series, PODS[0], 0, last) for series in case.around]


def worlds(case: Case) -> Iterator[Test]:
    """All that an alert must withstand."""
    end, fires = case.fires_at + 30, instance(case)
    around = surroundings(case)

    def of(pods: tuple[dict[str, str], ...] = PODS[:1], first: int = 0, last: int = end) -> list[dict[str, str]]:
        return [*(written(series, pod, first, last) for pod in pods for series in case.series), *around]

    at = {case.fires_at - 1: [], case.fires_at: fires}
    yield test_of("just before and just after", case.alert, of(), at)
    gone = end + case.lingers + case.keeps
    yield test_of("cleared", case.alert, of(), {gone + 3: []})
    yield test_of("absent", case.alert, [written(UP, {}, 0, end)], {case.fires_at: []})
    yield test_of("two replicas", case.alert, of(PODS), at)
    half = case.fires_at // 2
    restarted = list({str(each): each for each in (*of(PODS[:1], 0, half), *of(PODS[1:], half + 1, end))}.values())
    if "_total" not in case.series[0].name:
        yield test_of("a pod is replaced", case.alert, restarted, at)
    yield test_of("labels of OpenShift", case.alert, of(tuple({**pod, **OPENSHIFT} for pod in PODS)), at)


def kept(case: Case) -> Test:
    """What an alert says for a while after it was last seen: its value is that of the last time."""
    end = case.fires_at + 30
    series = [*(written(one, PODS[0], 0, end) for one in case.series), *surroundings(case)]
    return test_of("goes on for a while", case.alert, series, {end + case.keeps - 1: instance(case, end)})


def down() -> Iterator[Test]:
    """The alert that fires because there is nothing."""
    up, end = DOWN.series[0], 60
    yield test_of("just before and just after", DOWN.alert, [], {9: [], 10: instance(DOWN)})
    yield test_of("cleared", DOWN.alert, [written(up, PODS[0], 20, end)], {19: instance(DOWN), 20: []})
    yield test_of("present", DOWN.alert, [written(up, PODS[0], 0, end)], {50: []})
    one_gone = [written(up, PODS[0], 0, 5), written(up, PODS[1], 0, end)]
    yield test_of("one of two replicas is gone", DOWN.alert, one_gone, {50: []})
    restart = [written(up, PODS[0], 0, 20), written(up, PODS[1], 25, end)]
    yield test_of("a pod is replaced", DOWN.alert, restart, {35: []})
    yield test_of("labels of OpenShift", DOWN.alert, [written(up, {**PODS[0], **OPENSHIFT}, 0, end)], {50: []})


def run(promtool: str, tests: list[Test], directory: Path) -> None:
    """Have promtool run the tests; it says which of them failed, and how."""
    group = [{"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}]
    file = directory / "tests.yaml"
    file.write_text(yaml.safe_dump(group[0], sort_keys=False))
    outcome = subprocess.run([build(promtool), "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def named(case: Case) -> str:
    """What tells a case from the others."""
    return "-".join(
        (f"{case.alert}{case.anchor}", *(case.labels[x] for x in ("reason", "cluster") if x in case.labels))
    )


@pytest.mark.parametrize("promtool", ["promtool", "promtool-old"])
@pytest.mark.parametrize("case", CASES, ids=named)
def test_an_alert(case: Case, promtool: str, tmp_path: Path) -> None:
    settled = [kept(case)] if case.keeps and not case.lingers else []
    run(promtool, [*worlds(case), *settled], tmp_path)


@pytest.mark.parametrize("promtool", ["promtool", "promtool-old"])
def test_the_alert_that_the_exporter_is_down(promtool: str, tmp_path: Path) -> None:
    run(promtool, list(down()), tmp_path)


@pytest.mark.parametrize("promtool", ["promtool", "promtool-old"])
def test_a_configuration_that_one_of_two_replicas_refuses(promtool: str, tmp_path: Path) -> None:
    case = next(each for each in CASES if each.labels.get("reason") == "configuration-refused")
    refused = case.series[0]
    taken = Series(refused.name, {}, "1+0")
    series = [written(refused, PODS[0], 0, 60), written(taken, PODS[1], 0, 60)]
    both = [written(taken, pod, 0, 60) for pod in PODS]
    at = {case.fires_at - 1: [], case.fires_at: instance(case)}
    tests = [
        test_of("one of two refuses it", case.alert, series, at),
        test_of("both take it", case.alert, both, {50: []}),
        test_of("there is no file", case.alert, [written(UP, PODS[0], 0, 60)], {50: []}),
    ]
    run(promtool, tests, tmp_path)


@pytest.mark.parametrize("promtool", ["promtool", "promtool-old"])
def test_promtool_has_nothing_to_say_against_the_rules(promtool: str) -> None:
    command = [str(build(promtool)), "check", "rules", "--lint=all", "--lint-fatal", str(RULES)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_every_alert_has_a_case() -> None:
    assert {alert.name for alert in ALERTS} == {case.alert for case in (*CASES, DOWN)}
    assert len(ALERTS) <= 15
