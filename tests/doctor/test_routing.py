"""Where alerts go, by Alertmanager's rules; amtool says the same of the same configurations."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from exporter.doctor.routing import AlertLabels, RoutingError, find_deliveries, match
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
    assert ",".join(d.receiver for d in find_deliveries(config.read_text(), AlertLabels(labels))) == run.stdout.strip()


def test_what_receivers_send_by_and_when() -> None:
    tree = """
route:
  receiver: nobody
  routes:
  - {receiver: mail, matchers: [a=b], mute_time_intervals: [nights], active_time_intervals: [week]}
"""
    (found,) = find_deliveries(tree + RECEIVERS, AlertLabels({"a": "b"}))
    assert (found.integrations, found.intervals) == (("email", "webhook"), ("nights", "week"))
    (found,) = find_deliveries(tree + RECEIVERS, AlertLabels({"a": "c"}))
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
    ],
)
def test_what_cannot_be_read_is_an_error_of_its_own(config: str) -> None:
    with pytest.raises(RoutingError):
        find_deliveries(config, AlertLabels({"a": "b"}))


def ends(tree: str, labels: dict[str, str], varying: frozenset[str] | None = None) -> list[tuple[str, ...]]:
    """Each end's receiver and doubts."""
    return [(d.receiver, *d.doubts) for d in find_deliveries(tree + RECEIVERS, AlertLabels(labels, varying))]


BRANCHES = """
route:
  receiver: nobody
  routes:
  - {receiver: chat, matchers: ['namespace="ops"', 'severity="critical"']}
  - {receiver: mail, matchers: ['severity="critical"']}
  - {receiver: chat, matchers: ['cluster=""'], continue: true}
  - {receiver: mail, matchers: ['team="us"']}
"""


def test_labels_that_are_not_known_leave_in_doubt_what_depends_on_them() -> None:
    namespace, cluster, team = 'namespace="ops"', 'cluster=""', 'team="us"'
    assert ends(BRANCHES, {"severity": "critical"}) == [("chat", namespace), ("mail", namespace)]
    assert ends(BRANCHES, {"severity": "warning"}) == [("chat", cluster), ("mail", team), ("nobody", cluster, team)]
    assert ends(BRANCHES, {"severity": "warning", "cluster": "", "team": "us"}) == [("chat",), ("mail",)]


def test_labels_that_an_alert_does_not_have_are_empty() -> None:
    assert ends(BRANCHES, {"severity": "warning"}, frozenset({"object"})) == [("chat",)]
    assert ends(BRANCHES, {"severity": "warning"}, frozenset({"cluster"})) == [
        ("chat", 'cluster=""'),
        ("nobody", 'cluster=""'),
    ]


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "[[:alpha:]]+",
            r"\pL+",
            r"\P{Greek}+",
            r"\Qx\E",
            r"x\z",
            "(?U)x+",
            "x(?i)x",
            "(?<name>x)",
            "(",
            "[[x]]",
            "x{,2}",
        ),
        *(r"\x{78}", r"\Cx"),
    ],
)
def test_an_expression_that_only_go_can_read_leaves_one_route_in_doubt(expression: str) -> None:
    tree = f"""
route:
  receiver: nobody
  routes:
  - {{receiver: chat, matchers: ['alertname=~"{expression}"']}}
  - {{receiver: mail, matchers: ['severity="critical"']}}
"""
    doubt = f'alertname=~"{expression}"'
    assert ends(tree, {"alertname": "xx", "severity": "critical"}) == [("chat", doubt), ("mail", doubt)]


@pytest.mark.parametrize("labels", ALERTS, ids=lambda a: a["alertname"])
@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_what_may_come_to_pass_includes_what_does(tree: str, labels: dict[str, str]) -> None:
    does = {d.receiver for d in find_deliveries(tree + RECEIVERS, AlertLabels(labels))}
    for hidden in labels:
        known = {name: value for name, value in labels.items() if name != hidden}
        may = find_deliveries(tree + RECEIVERS, AlertLabels(known, frozenset({hidden})))
        assert does <= {d.receiver for d in may}
        assert {d.receiver for d in may if not d.doubts} <= does


def test_a_matcher_of_a_label_that_is_not_known() -> None:
    for operator in ("=", "!=", "=~", "!~"):
        assert match(("a", operator, "b"), AlertLabels({}, None)) is None
