"""What people read: the messages about ten different findings, in chat, by mail, on a pager and by the operator.

The goldens are in `messages/`; `python -m tests.rules.test_messages` writes them. Read them as somebody who is woken.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from exporter.checks import CHECKS
from exporter.rules import ALERTS
from exporter.rules.groups import build_groups
from tests.rig.build import build
from tests.rules.cases import RUNBOOKS

pytestmark = pytest.mark.monitoring
SHIPPED: Final = Path(__file__).parents[2] / "rules" / "alertmanager"
GOLDEN: Final = Path(__file__).parent / "messages"
IMAGES: Final = "openshift-virtualization-os-images"
LONGEST: Final = 400
BY_ID: Final = {check.id: check for check in CHECKS}
FINDINGS: Final = (
    ("no-default-storage-class", "critical", "Cluster", "", "", 12),
    ("cdi-degraded", "critical", "CDI", "", "cdi-kubevirt-hyperconverged", 43),
    ("data-source-not-ready", "critical", "DataSource", IMAGES, "fedora", 1),
    ("ssp-paused", "warning", "SSP", "openshift-cnv", "ssp-kubevirt-hyperconverged", 0),
    ("entry-without-source", "warning", "HyperConverged", "openshift-cnv", "kubevirt-hyperconverged", 3),
    ("multiple-virt-default-storage-classes", "warning", "Cluster", "", "", 8),
    ("polling-frozen", "warning", "DataImportCron", IMAGES, "rhel9-image-cron", 2),
    ("import-failing", "warning", "DataVolume", IMAGES, "fedora-0123456789ab", 3),
    ("data-source-not-following-cron", "warning", "DataSource", IMAGES, "centos-stream9", 1),
    ("machine-source-missing", "warning", "VirtualMachine", "team-a", "web-1", 0),
)
"""Check, severity, kind, namespace and name of the object, and how many objects are affected."""
_PAGED: Final = ("description", "component", "client_url")
IDS: Final = [finding[0] for finding in FINDINGS]


def annotations_of(check_id: str, kind: str, namespace: str, name: str, affected: int, alert: str) -> dict[str, str]:
    """Those of the alert, as the rules of OpenShift write them; `tests.rules.test_alerts` proves each by promtool."""
    check, thing = BY_ID[check_id], f"{kind} {f'{namespace}/' if namespace else ''}{name}"
    number = f" ({affected} affected)" if affected else ""
    look = f"oc describe {kind.lower()} {name}{f' -n {namespace}' if namespace else ''}"
    return {
        "summary": f"{check.summary}{'' if kind == 'Cluster' else f': {thing}'}{number}",
        "description": f"Effect: {check.impact} Affected objects: {affected}",
        "since": "2026-11-25T03:00:00Z (3h 0m 0s)",
        "command": "oc get storageclass,hyperconverged,ssp,cdi -A" if kind == "Cluster" else look,
        "page_url": f"/checks/{check_id}",
        "runbook_url": f"{RUNBOOKS}/{alert}.md#{check_id}",
        "dashboard_url": "/d/bootsource-overview",
    }


def alert_of(check_id: str, severity: str) -> str:
    """The name of the alert that fires for a root cause of this severity."""
    return next(a.name for a in ALERTS if a.severity.value == severity and BY_ID[check_id] in (*a.checks, *a.also))


def notification(finding: tuple[str, str, str, str, str, int], status: str = "firing") -> dict[str, Any]:
    """What Alertmanager hands to a template."""
    check_id, severity, kind, namespace, name, affected = finding
    alert = alert_of(check_id, severity)
    labels = {
        "alertname": alert,
        "check": check_id,
        "cluster": "prod",
        "severity": severity,
        "kind": kind,
        "object_namespace": namespace,
        "object": name,
    }
    texts = annotations_of(check_id, kind, namespace, name, affected, alert)
    one = {"status": status, "labels": labels, "annotations": texts, "startsAt": "2026-11-25T03:15:00Z"}
    common = {"groupLabels": labels, "commonLabels": labels, "commonAnnotations": texts}
    return {"receiver": "r", "status": status, "alerts": [one], "externalURL": "http://alertmanager", **common}


def rendered(text: str, data: dict[str, Any]) -> str:
    """A template of Alertmanager, by its own tool."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(data, file)
        file.flush()
        command = (str(build("amtool")), "template", "render", f"--template.glob={SHIPPED / 'bootsource.tmpl'}")
        run = subprocess.run(
            [*command, f"--template.data={file.name}", f"--template.text={text}"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def receivers(file: str) -> dict[str, Any]:
    document = yaml.safe_load((SHIPPED / file).read_text())
    return {each["name"]: each for each in document.get("receivers") or document["spec"]["receivers"]}


def messages(finding: tuple[str, str, str, str, str, int]) -> str:
    """All that is sent about one finding, from its begin to its end."""
    data, over = notification(finding), notification(finding, "resolved")
    chat = receivers("alertmanager.yaml")["bootsource-critical"]["slack_configs"][0]
    mail = receivers("alertmanager.yaml")["bootsource-critical"]["email_configs"][0]
    pager = receivers("pagerduty-teams.yaml")["bootsource-critical"]["pagerduty_configs"][0]
    operator = receivers("alertmanagerconfig.yaml")["bootsource-critical"]["slackConfigs"][0]
    parts = {
        "chat": f"{rendered(chat['title'], data)}\n\n{rendered(chat['text'], data)}",
        "chat, resolved": f"{rendered(chat['title'], over)}\n\n{rendered(chat['text'], over)}",
        "mail": f"{rendered(mail['headers']['Subject'], data)}\n\n{rendered(mail['html'], data)}",
        "pager": "\n".join(
            f"{key}: {rendered(pager[key], data)}" for key in ("description", "component", "client_url")
        ),
    }
    assert rendered(operator["title"], data) == rendered(chat["title"], data)
    assert rendered(operator["text"], data) == rendered(chat["text"], data)
    return "\n\n".join(f"== {name} ==\n{text}" for name, text in parts.items()) + "\n"


@pytest.mark.parametrize("finding", FINDINGS, ids=IDS)
def test_the_messages_about_a_finding(finding: tuple[str, str, str, str, str, int]) -> None:
    assert messages(finding) == (GOLDEN / f"{finding[0]}.txt").read_text()


def test_no_two_problems_have_the_same_title() -> None:
    assert len({check.summary for check in CHECKS}) == len(CHECKS)


def test_annotations_are_short_enough_for_a_page_of_rules() -> None:
    for group in build_groups()["groups"]:
        for rule in group["rules"]:
            assert all(len(text) < LONGEST for text in rule.get("annotations", {}).values()), rule["alert"]


@pytest.mark.parametrize("finding", FINDINGS, ids=IDS)
def test_a_message_names_cluster_object_effect_age_and_command(finding: tuple[str, str, str, str, str, int]) -> None:
    chat = messages(finding).partition("== chat, resolved ==")[0]
    assert re.search(r"^PROBLEM: prod: .+$", chat, re.MULTILINE)
    for wanted in (
        "Fix, verification and cost: https://",
        "Effect: ",
        "Since: 2026-",
        "Look at it: oc ",
        "Dashboard: https://",
    ):
        assert wanted in chat
    assert finding[4] in chat


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in FINDINGS:
        (GOLDEN / f"{each[0]}.txt").write_text(messages(each))
