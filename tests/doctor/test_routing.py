"""Where alerts go, by Alertmanager's rules; amtool says the same of the same configurations."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from exporter.doctor.routing import RoutingError, deliveries, possible
from tests.rig.build import build

RECEIVERS = """
receivers:
- name: nobody
- name: chat
  slack_configs: [{api_url: 'https://chat.example/hook', channel: '#alerts'}]
- name: mail
  email_configs: [{to: a@b.example, from: c@d.example, smarthost: 'mail.example:25'}]
  webhook_configs: [{url: 'https://hook.example/'}]
"""
TREES = {
    "only the root": "route: {receiver: chat}",
    "matchers": """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['severity="critical"']}
  - {receiver: mail, matchers: [severity=~"warn.*"]}
""",
    "the first that matches ends it": """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['alertname=~"BootSource.+"']}
  - {receiver: mail, matchers: ['severity="critical"']}
""",
    "continue": """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['alertname=~"BootSource.+"'], continue: true}
  - {receiver: mail, matchers: ['severity="critical"']}
""",
    "nested, receivers inherited": """
route:
  receiver: nobody
  routes:
  - receiver: chat
    matchers: ['team=virtualization']
    routes:
    - {matchers: ['severity=critical'], continue: true}
    - {receiver: mail, matchers: ['check!=""']}
""",
    "old forms": """
route:
  receiver: nobody
  routes:
  - {receiver: chat, match: {severity: critical, team: virtualization}}
  - {receiver: mail, match_re: {alertname: 'Boot(Source|Image).*'}}
""",
    "several in braces, quotes and commas": """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['{severity="critical", alertname!~"A,B|C", absent=""}']}
""",
    "flags": """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['severity=~"(?i)CRITICAL"']}
  - {receiver: mail, matchers: ['severity!~"(?i)WARN.*"']}
""",
    "anchored": """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['alertname=~"Boot"']}
  - {receiver: mail, matchers: ['alertname!~"Boot"']}
""",
}
ALERTS = (
    {"alertname": "BootSourceNotPolled", "severity": "warning", "team": "virtualization"},
    {"alertname": "BootSourceDown", "severity": "critical", "team": "virtualization", "check": "x"},
    {"alertname": "Other", "severity": "none"},
)


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
@pytest.mark.parametrize("labels", ALERTS, ids=lambda a: a["alertname"])
def test_the_receivers_are_those_that_amtool_names(tmp_path: Path, tree: str, labels: dict[str, str]) -> None:
    config = tmp_path / "alertmanager.yaml"
    config.write_text(tree + RECEIVERS)
    command = [str(build("amtool")), "config", "routes", "test", f"--config.file={config}"]
    run = subprocess.run(
        [*command, *(f"{name}={value}" for name, value in labels.items())], capture_output=True, text=True, check=True
    )
    assert ",".join(d.receiver for d in deliveries(config.read_text(), labels)) == run.stdout.strip()


def test_what_receivers_send_by_and_when() -> None:
    tree = """
route:
  receiver: nobody
  routes:
  - {receiver: mail, matchers: [a=b], mute_time_intervals: [nights], active_time_intervals: [week]}
"""
    (found,) = deliveries(tree + RECEIVERS, {"a": "b"})
    assert (found.integrations, found.intervals) == (("email", "webhook"), ("nights", "week"))
    (found,) = deliveries(tree + RECEIVERS, {"a": "c"})
    assert (found.receiver, found.integrations) == ("nobody", ())


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[]",
        "route: 1",
        "{",
        "receivers: []",
        "route: {receiver: a, routes: [{matchers: ['=x']}]}",
        "route: {receiver: a, routes: [{matchers: ['a=~\"(\"']}]}",
        "route: {receiver: a, routes: [{matchers: ['a=~\"[[:alpha:]]+\"']}]}",
    ],
)
def test_what_cannot_be_read_is_an_error_of_its_own(config: str) -> None:
    with pytest.raises(RoutingError):
        deliveries(config, {"a": "b"})


def ends(tree: str, labels: dict[str, str]) -> list[str]:
    return [d.receiver for d in possible(tree + RECEIVERS, labels)]


@pytest.mark.parametrize("labels", ALERTS, ids=lambda a: a["alertname"])
def test_what_is_possible_is_what_is_certain_where_every_label_is_known(labels: dict[str, str]) -> None:
    known = {"alertname": "", "severity": "", "team": "", "check": "", "absent": "", **labels}
    for tree in TREES.values():
        assert possible(tree + RECEIVERS, known) == deliveries(tree + RECEIVERS, known)


def test_what_other_labels_could_lead_to() -> None:
    tree = """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['namespace="ops"', 'severity="critical"']}
  - {receiver: mail, matchers: ['severity="critical"']}
  - {receiver: chat, matchers: ['severity!=""']}
"""
    assert ends(tree, {"severity": "critical"}) == ["chat", "mail"]
    assert ends(tree, {"severity": "warning"}) == ["chat"]
