"""What the dashboards say of several clusters and replicas at once, and of what nobody knows: the worst of it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.dashboards.documents import GRAFANA, panels
from tests.rig.build import build

pytestmark = pytest.mark.monitoring

VALUES: Final = {
    "job": ".+",
    "instance": ".+",
    "cluster": ".*",
    "object_namespace": ".+",
    "dataimportcron": "fedora",
    "datasource_name": "fedora",
}
NOW: Final = 30 * 86400
HOUR: Final = 3600
CRON: Final = "bootsource_dataimportcron_"
Told = tuple[str, dict[str, str], float]


def cron(cluster: str, polled: float | None, *, scheduled: bool = True) -> Iterator[Told]:
    """Of a DataImportCron that CDI calls up to date."""
    labels = {"cluster": cluster, "object_namespace": "images", "dataimportcron": "fedora"}
    yield f"{CRON}info", {**labels, "datasource": "fedora", "polling": "cronjob"}, 1
    yield f"{CRON}up_to_date", labels, 1
    yield "bootsource_freshness_target_seconds", {}, 24 * HOUR
    if scheduled:
        yield f"{CRON}schedule_interval_seconds", labels, 12 * HOUR
    if polled is not None:
        yield f"{CRON}proven_newest_timestamp_seconds", labels, polled
        yield f"{CRON}last_execution_timestamp_seconds", labels, polled


def condition(name: str, status: str) -> Iterator[Told]:
    """Of SSP, with the status that it has."""
    for each in ("true", "false", "unknown"):
        labels = {"cluster": "east", "object_namespace": "ssp", "ssp": "ssp", "condition": name, "status": each}
        yield "bootsource_ssp_condition", labels, float(each == status)


def source(cluster: str, ready: float | None) -> Iterator[Told]:
    """Of its DataSource, which has not said whether it is ready if that is None."""
    labels = {"cluster": cluster, "object_namespace": "images", "datasource": "fedora"}
    yield "bootsource_datasource_info", {**labels, "source": "pvc"}, 1
    if ready is not None:
        yield "bootsource_datasource_ready", labels, ready


FRESH: Final = (*cron("east", NOW - HOUR),)
FROZEN: Final = (*cron("west", 0),)
NEVER: Final = (*cron("west", None),)
SILENT: Final = (*(each for each in cron("west", None, scheduled=False) if each[0] == f"{CRON}info"),)
UNASKED: Final = (*cron("west", None, scheduled=False),)


@pytest.mark.parametrize(
    ("told", "title", "number", "value"),
    [
        ((*FRESH, *FROZEN), "Proven newest", 0, NOW),
        ((*FRESH, *FROZEN), "Last polled", 0, NOW),
        ((*FRESH, *FROZEN), "Is its image the newest?", 0, 2),
        ((*FRESH, *FROZEN), "Polling and import", 0, 0),
        ((*FRESH, *FROZEN), "Polling and import", 1, 4),
        ((*FRESH, *FROZEN), "Hours since it was proven newest", 0, NOW // HOUR),
        (FRESH, "Proven newest", 0, HOUR),
        (FRESH, "Is its image the newest?", 0, 1),
        (FRESH, "Polling and import", 0, 1),
        (NEVER, "Is its image the newest?", 0, 2),
        (NEVER, "Proven newest", 0, -1),
        (NEVER, "Last polled", 0, -1),
        (NEVER, "Polling and import", 0, 0),
        ((*FRESH, *NEVER), "Proven newest", 0, -1),
        ((*FRESH, *NEVER), "Last polled", 0, -1),
        ((*FRESH, *NEVER), "Polling and import", 0, 0),
        ((*FRESH, *UNASKED), "Last polled", 0, HOUR),
        ((*FRESH, *NEVER), "Is its image the newest?", 0, 2),
        (UNASKED, "Is its image the newest?", 0, 1),
        ((*FRESH, *SILENT), "Is its image the newest?", 0, 3),
        ((*FRESH, *SILENT), "Polling and import", 1, 5),
        ((*source("east", 1), *source("west", None)), "Can machines use it?", 0, 2),
        ((*source("east", 0), *source("west", None)), "Can machines use it?", 0, 0),
        ((*source("east", 1), *source("west", 1)), "Can machines use it?", 0, 1),
        ((*source("east", 1), *source("west", None)), "Polling and import", 3, 5),
    ],
)
@pytest.mark.parametrize("replicas", [1, 2])
def test_a_fresh_boot_source_does_not_hide_another_of_its_name(
    told: tuple[Told, ...], title: str, number: int, value: float, replicas: int, tmp_path: Path
) -> None:
    asked(told, replicas, query("bootsource-detail", title, number), [{"labels": "{}", "value": value}], tmp_path)


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_condition_that_its_operator_cannot_tell_is_neither_good_nor_bad(replicas: int, tmp_path: Path) -> None:
    told = (*condition("Available", "unknown"), *condition("Degraded", "unknown"), *condition("Progressing", "false"))
    told = (*told, *condition("TaintedConfiguration", "true"))
    said = [("Available", 2), ("Degraded", 2), ("TaintedConfiguration", 0)]
    labels = '{{cluster="east",condition="{}",operator="SSP"}}'
    expected = [{"labels": labels.format(name), "value": value} for name, value in said]
    title = "Conditions of the operators"
    asked(told, replicas, query("bootsource-overview", title, 0), expected, tmp_path)


@pytest.mark.parametrize(("told", "value"), [(NEVER, 2), (UNASKED, 1), (FROZEN, 2)])
def test_a_boot_source_that_should_be_polled_and_never_was_is_not_called_newest(
    told: tuple[Told, ...], value: float, tmp_path: Path
) -> None:
    labels = '{cluster="west",object_namespace="images",dataimportcron="fedora"}'
    expr = query("bootsource-overview", "Freshness of each boot source, stalest first", 2)
    asked(told, 2, expr, [{"labels": labels, "value": value}], tmp_path)


def test_what_was_never_polled_leads_the_table_and_every_row_names_its_cluster_for_the_link(tmp_path: Path) -> None:
    told = (*cron("east", None), *cron("west", NOW - HOUR), *cron("", None, scheduled=False))
    expr = query("bootsource-overview", "Freshness of each boot source, stalest first", 0)
    labels = 'object_namespace="images",dataimportcron="fedora"'
    expected = [
        {"labels": f'{{cluster="east",scope="var-cluster=east",{labels}}}', "value": 1e12},
        {"labels": f'{{cluster="west",scope="var-cluster=west",{labels}}}', "value": HOUR},
        {"labels": f'{{scope="var-cluster=",{labels}}}', "value": 0},
    ]
    asked(told, 2, expr, expected, tmp_path)


def found(kind: str, namespace: str, name: str) -> Told:
    labels = {"check": "c", "severity": "warning", "kind": kind, "object_namespace": namespace, "object": name}
    return "bootsource_finding", {"cluster": "east", **labels}, 1


def test_findings_of_a_boot_source_are_those_about_its_own_objects(tmp_path: Path) -> None:
    own = [("DataImportCron", "fedora"), ("DataSource", "fedora"), ("DataVolume", "fedora-0a1b2c3d4e5f")]
    others = [("VirtualMachine", "fedora"), ("StorageClass", "fedora"), ("DataVolume", "fedora-gold-0a1b2c3d4e5f")]
    told = [found(kind, "images", name) for kind, name in (*own, *others)]
    told.append(found("DataSource", "elsewhere", "fedora"))
    expr = query("bootsource-detail", "Its findings", 0, object_namespace="images")
    labels = '{{cluster="east",check="c",severity="warning",kind="{}",object_namespace="images",object="{}"}}'
    asked(tuple(told), 2, expr, [{"labels": labels.format(*each), "value": 1} for each in own], tmp_path)


@pytest.mark.parametrize(
    ("ready", "machines", "templates_are", "machines_are"), [(1, 2, 1, 3), (0, 2, 0, 0), (0, 0, 0, 1)]
)
def test_the_chain_ends_at_what_is_made_of_it(
    ready: int, machines: int, templates_are: int, machines_are: int, tmp_path: Path
) -> None:
    source = {"cluster": "east", "object_namespace": "images", "datasource": "fedora"}
    told: tuple[Told, ...] = (
        ("bootsource_datasource_ready", source, ready),
        ("bootsource_datasource_info", {**source, "reason": "R", "source": "pvc"}, 1),
        ("bootsource_datasource_templates", source, 12),
        ("bootsource_datasource_virtualmachines", source, machines),
    )
    labels = '{{cluster="east",object_namespace="images",step="{}",says="{}"}}'
    steps = [
        ("7 DataSource", "R", ready),
        ("8 Source of the DataSource", "pvc", 1),
        ("9 Templates that name it", "12", templates_are),
        ("10 Machines waiting", str(machines), machines_are),
    ]
    expected = [{"labels": labels.format(step, says), "value": value} for step, says, value in steps]
    asked(told, 2, query("bootsource-detail", "Its chain, from the HyperConverged to machines", 0), expected, tmp_path)


@pytest.mark.parametrize(("since", "value"), [(NOW - HOUR, HOUR), (None, -1)])
def test_what_is_mended_has_no_date_any_more(since: float | None, value: float, tmp_path: Path) -> None:
    told: tuple[Told, ...] = (("bootsource_verdict", {"cluster": "east", "verdict": "fail"}, 1),)
    if since is not None:
        _, labels, _ = found("SSP", "ssp", "ssp")
        told = (*told, ("bootsource_finding_root_dependents", labels, 3))
        told = (*told, ("bootsource_finding_since_timestamp_seconds", labels, since))
    asked(told, 2, query("bootsource-overview", "Since when?", 0), [{"labels": "{}", "value": value}], tmp_path)


def query(uid: str, title: str, number: int, **values: str) -> str:
    """One of a panel, with the values of variables."""
    expr: str = next(panel for panel in panels(GRAFANA[uid]) if panel["title"] == title)["targets"][number]["expr"]
    return re.sub(r"\$([a-z_]+)", lambda name: {**VALUES, **values}[name[1]], expr)


def named(metric: str, labels: dict[str, str]) -> str:
    """A series as promtool reads it."""
    pairs = ",".join(f'{label}="{value}"' for label, value in {**labels, "job": "bootsource-exporter"}.items())
    return f"{metric}{{{pairs}}}"


def asked(told: tuple[Told, ...], replicas: int, expr: str, expected: list[dict[str, Any]], directory: Path) -> None:
    """Have promtool compare the answer with what is expected; it says how they differ."""
    series = {
        named(name, {**labels, "instance": str(n)}): value for name, labels, value in told for n in range(replicas)
    }
    test = {
        "interval": "1m",
        "input_series": [{"series": each, "values": f"_x{NOW // 60 - 1} {value}x1"} for each, value in series.items()],
        "promql_expr_test": [{"expr": expr, "eval_time": f"{NOW}s", "exp_samples": expected}],
    }
    file = directory / "test.yaml"
    file.write_text(yaml.safe_dump({"evaluation_interval": "1m", "tests": [test]}))
    outcome = subprocess.run(
        [build("promtool"), "test", "rules", str(file)], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
