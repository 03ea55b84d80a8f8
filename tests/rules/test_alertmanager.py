"""The routing of the example configuration, by amtool: who hears of what."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from exporter.doctor.labels import labels_of
from exporter.doctor.routing import Alerting, deliveries
from exporter.rules import ALERTS
from exporter.rules.muting import inhibitions
from tests.rig.build import build

FOLDER = Path(__file__).parents[2] / "rules" / "alertmanager"
CONFIG = FOLDER / "alertmanager.yaml"
TABLE = [
    ("alertname=BootSourceMachineCreationBroken severity=critical team=virtualization", "bootsource-critical"),
    ("alertname=BootSourceNotPolled severity=warning team=virtualization", "bootsource-warning"),
    ("alertname=BootSourceFreshnessBudgetBurning severity=warning team=virtualization", "bootsource-warning"),
    ("alertname=BootSourceExporterDown severity=warning team=monitoring", "bootsource-monitoring"),
    ("alertname=BootSourceAuditBlind severity=warning team=monitoring", "bootsource-monitoring"),
    ("alertname=BootSourceOfTomorrow severity=info", "bootsource-warning"),
    ("alertname=CDINoDefaultStorageClass severity=warning", "default"),
    ("alertname=Watchdog severity=none", "default"),
]


def amtool(*words: str) -> str:
    run = subprocess.run([str(build("amtool")), *words], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_configuration_and_its_templates_are_good() -> None:
    assert "SUCCESS" in amtool("check-config", str(CONFIG))


@pytest.mark.parametrize(("labels", "receiver"), TABLE, ids=[labels.split()[0] for labels, _ in TABLE])
def test_an_alert_goes_to(labels: str, receiver: str) -> None:
    command = ("config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receiver}")
    assert amtool(*command, *labels.split()).strip() == receiver


def test_every_alert_of_ours_reaches_somebody() -> None:
    for alert in ALERTS:
        assert all(d.integrations for d in deliveries(CONFIG.read_text(), Alerting(labels_of(alert), None))), alert.name


def test_what_mutes_names_alerts_that_exist_and_says_on_what_they_agree() -> None:
    ours = {alert.name for alert in ALERTS}
    for rule in inhibitions():
        for name, operator, value in (*rule.source, *rule.target):
            if name == "alertname" and operator in ("=", "=~") and value.startswith("BootSource") and "+" not in value:
                assert set(value.split("|")) <= ours
        assert rule.equal or "BootSourceExporterDown" in str(rule.source)


def test_the_custom_resource_mutes_and_routes_the_same() -> None:
    resource = yaml.safe_load((FOLDER / "alertmanagerconfig.yaml").read_text())
    plain = yaml.safe_load(CONFIG.read_text())
    assert resource["kind"] == "AlertmanagerConfig"
    assert len(resource["spec"]["inhibitRules"]) == len(plain["inhibit_rules"])
    (ours,) = plain["route"]["routes"]
    assert [r["receiver"] for r in resource["spec"]["route"]["routes"]] == [r["receiver"] for r in ours["routes"]]
    assert resource["spec"]["route"]["groupBy"] == ours["group_by"]
