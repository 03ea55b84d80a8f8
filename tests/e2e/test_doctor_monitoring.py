"""The doctor before a real Prometheus and a real Alertmanager alone: rules as they are printed, silences, routes."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.rules import ALERTS, RECORDINGS
from tests.e2e.test_serve import PROGRAM
from tests.rig.monitoring import Alertmanager, Prometheus

RULES = Path(__file__).parents[2] / "rules"
OPERATOR = "operator/prometheusrule.yaml"
SENDS = "{name: chat, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}"
ALL = f"route: {{receiver: chat}}\nreceivers: [{SENDS}]\n"
BY_NAMESPACE = f"""
route: {{receiver: nobody, routes: [{{receiver: chat, matchers: ['namespace="bootsource-exporter"']}}]}}
receivers: [{{name: nobody}}, {SENDS}]
"""
pytestmark = pytest.mark.monitoring


@pytest.fixture
def alertmanager(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Alertmanager]:
    with Alertmanager(tmp_path / "alertmanager", getattr(request, "param", ALL)) as running:
        yield running


def prometheus(folder: Path, rules: object) -> Prometheus:
    """One that has these rules, and nothing to evaluate them on."""
    config = "global: {evaluation_interval: 1s}\nrule_files: [rules.yaml]\n"
    return Prometheus(folder, config, {"rules.yaml": yaml.safe_dump(rules)})


def lines(folder: Path, subject: str, *words: str) -> list[dict[str, Any]]:
    """What is said of a subject, without a cluster."""
    environ = {k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST")}
    command = [*PROGRAM, "doctor", "--output", "json", *words]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=environ | {"HOME": str(folder)}
    )
    assert run.stderr == ""
    return [line for line in json.loads(run.stdout)["lines"] if line["subject"] == subject]


@pytest.mark.parametrize(
    "form", ["bootsource.rules.yaml", "operator/prometheusrule.yaml", "kubevirt/prometheusrule.yaml"]
)
def test_all_forms_of_our_rules_are_ours_however_they_are_printed(tmp_path: Path, form: str) -> None:
    document = yaml.safe_load((RULES / form).read_text())
    with prometheus(tmp_path / "prometheus", document.get("spec", document)) as running:
        (told,) = lines(tmp_path, "rules", "--prometheus", running.url)
    number = len(ALERTS) + len(RECORDINGS)
    assert (told["status"], told["said"]) == ("ok", f"all {number} are loaded, as they should be, and healthy")


def test_rules_that_somebody_has_changed(tmp_path: Path) -> None:
    document = yaml.safe_load((RULES / "bootsource.rules.yaml").read_text())
    rules = {rule["alert"]: rule for group in document["groups"] for rule in group["rules"] if "alert" in rule}
    rules["BootSourceNotPolled"]["for"] = "30m"
    rules["BootSourceImportFailing"]["labels"]["severity"] = "info"
    down = rules["BootSourceExporterDown"]
    down["expr"] = down["expr"].replace("build_info", "build")
    with prometheus(tmp_path / "prometheus", document) as running:
        (told,) = lines(tmp_path, "rules", "--prometheus", running.url)
    assert told["status"] == "problem"
    assert told["said"] == (
        "another version of the rule is loaded: BootSourceExporterDown (expr), BootSourceImportFailing (severity), "
        "BootSourceNotPolled (for)"
    )


def test_a_silence_is_seen_before_the_alert_fires(tmp_path: Path, alertmanager: Alertmanager) -> None:
    (before,) = lines(tmp_path, "silences", "--alertmanager", alertmanager.url)
    assert before["status"] == "ok"
    now = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "alertname", "value": "BootSource.+", "isRegex": True, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ops",
        "comment": "storage is being moved",
    }
    request = urllib.request.Request(
        f"{alertmanager.url}/api/v2/silences", json.dumps(silence).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        number = json.load(answer)["silenceID"]
    (told,) = lines(tmp_path, "silences", "--alertmanager", alertmanager.url)
    assert told["status"] == "problem"
    assert told["said"].startswith(f"nobody is told of all {len(ALERTS)} alerts, by silence {number} of ops")
    assert number in told["remedy"]


@pytest.mark.parametrize("alertmanager", [BY_NAMESPACE], indirect=True)
def test_a_route_by_namespace_is_judged_by_the_rules_that_are_loaded(
    tmp_path: Path, alertmanager: Alertmanager
) -> None:
    (alone,) = lines(tmp_path, "routes", "--alertmanager", alertmanager.url)
    assert alone["status"] == "unknown"
    with_namespace = yaml.safe_load((RULES / "openshift-platform" / "prometheusrule.yaml").read_text())["spec"]
    without = yaml.safe_load((RULES / "bootsource.rules.yaml").read_text())
    for rules, expected in ((with_namespace, "ok"), (without, "problem")):
        with prometheus(tmp_path / expected, rules) as running:
            words = ("--prometheus", running.url, "--alertmanager", alertmanager.url)
            told = {line["status"]: line["said"] for line in lines(tmp_path, "routes", *words)}
        # Alerts about a tenant's object carry the namespace of that object, which the rules do not tell.
        assert set(told) == {expected, "unknown"}
        assert told["unknown"].startswith("whether BootSourceReferenceBroken would reach chat")
