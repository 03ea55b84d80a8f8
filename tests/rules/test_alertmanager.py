"""The routing of the example configuration, by amtool: who hears of what."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from exporter.doctor.labels import static_labels_of
from exporter.doctor.routing import AlertLabels, find_deliveries
from exporter.rules import ALERTS
from exporter.rules.inhibition import inhibitions
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


@pytest.mark.parametrize("name", ["alertmanager", "pagerduty-teams"])
def test_the_configurations_and_their_templates_are_good(name: str) -> None:
    assert "SUCCESS" in amtool("check-config", str(FOLDER / f"{name}.yaml"))


@pytest.mark.parametrize(("labels", "receiver"), TABLE, ids=[labels.split()[0] for labels, _ in TABLE])
def test_an_alert_goes_to(labels: str, receiver: str) -> None:
    command = ("config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receiver}")
    assert amtool(*command, *labels.split()).strip() == receiver


def test_every_alert_of_ours_reaches_somebody() -> None:
    for alert in ALERTS:
        assert all(
            d.integrations for d in find_deliveries(CONFIG.read_text(), AlertLabels(static_labels_of(alert), None))
        ), alert.name


def test_what_inhibits_is_as_severe_as_what_it_inhibits_and_of_the_same_cluster() -> None:
    ours = {alert.name for alert in ALERTS}
    order = ["warning", "critical"]
    for rule in inhibitions():
        source, target = ({name: value for name, _, value in side} for side in (rule.source, rule.target))
        assert source["alertname"] not in ours, "the end of an alert of ours would be lost"
        assert target["alertname"] in ours
        worst = target["severity"].split("|")[-1]
        assert order.index(worst) <= order.index(source["severity"])
        assert rule.equal == ("cluster", "managed_cluster")


def test_the_custom_resource_mutes_and_routes_the_same() -> None:
    resource = yaml.safe_load((FOLDER / "alertmanagerconfig.yaml").read_text())
    plain = yaml.safe_load(CONFIG.read_text())
    assert resource["kind"] == "AlertmanagerConfig"
    assert len(resource["spec"]["inhibitRules"]) == len(plain["inhibit_rules"])
    (ours,) = plain["route"]["routes"]
    assert [r["receiver"] for r in resource["spec"]["route"]["routes"]] == [r["receiver"] for r in ours["routes"]]
    assert resource["spec"]["route"]["groupBy"] == ours["group_by"]


def test_the_custom_resource_says_the_same_as_the_templates() -> None:
    """It cannot refer to our templates, so their words stand in it."""
    (critical, *_) = yaml.safe_load((FOLDER / "alertmanagerconfig.yaml").read_text())["spec"]["receivers"]
    (slack,) = critical["slackConfigs"]
    templates = (FOLDER / "bootsource.tmpl").read_text()
    for name, text in (("title", slack["title"]), ("text", slack["text"])):
        assert f'{{{{ define "bootsource.{name}" }}}}{text}{{{{ end }}}}' in templates
