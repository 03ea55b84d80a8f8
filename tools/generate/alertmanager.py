"""rules/alertmanager/: who is notified of what, as configuration files and as an AlertmanagerConfig."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from exporter.rules.inhibition import CLUSTER, Inhibition, Matcher, inhibitions
from tools.generate.manifests import dump_documents
from tools.generate.messages import EXPORTER, HTML, TEXT, TITLE, reference, templates
from tools.generate.output import Output

_SOURCE: Final = "exporter/rules/inhibition.py and tools/generate/alertmanager.py"
_OURS: Final[Matcher] = ("alertname", "=~", "BootSource.+")
_GROUPED: Final = ["alertname", *CLUSTER, "check"]
"""One message per kind of problem and cluster: twelve crons that the same registry refuses are one message."""
_ROUTES: Final[tuple[tuple[str, tuple[Matcher, ...], str], ...]] = (
    ("bootsource-monitoring", (("team", "=", "monitoring"),), "12h"),
    ("bootsource-critical", (("severity", "=", "critical"),), "4h"),
    ("bootsource-warning", (("severity", "=", "warning"),), "24h"),
)
"""Receiver, what it gets, and after how long it is reminded. The first that matches wins."""
_SLACK: Final = "https://hooks.slack.example.com/services/bootsource"
_TEAMS: Final = "https://teams.example.com/workflows/bootsource"
_WEBHOOK: Final = "https://alerts.example.com/bootsource"
_TITLE: Final = reference("title")
_TEXT: Final = reference("text")
_HTML: Final = reference("html")


def _format_matcher(matcher: Matcher) -> str:
    name, operator, value = matcher
    return f'{name} {operator} "{value}"'


def _inhibition(rule: Inhibition) -> dict[str, Any]:
    return {
        "source_matchers": [_format_matcher(m) for m in rule.source],
        "target_matchers": [_format_matcher(m) for m in rule.target],
        "equal": list(rule.equal),
    }


def _receivers() -> list[dict[str, Any]]:
    slack = {"api_url": _SLACK, "send_resolved": True, "title": _TITLE, "text": _TEXT, "fallback": _TITLE}
    mail = {
        "to": "virtualization@example.com",
        "send_resolved": True,
        "headers": {"Subject": _TITLE},
        "text": _TEXT,
        "html": _HTML,
    }
    webhook = {"url": _WEBHOOK, "send_resolved": True}
    return [
        {"name": "default"},
        {
            "name": "bootsource-critical",
            "slack_configs": [{**slack, "channel": "#virtualization-critical"}],
            "email_configs": [mail],
            "webhook_configs": [webhook],
        },
        {"name": "bootsource-warning", "slack_configs": [{**slack, "channel": "#virtualization"}]},
        {"name": "bootsource-monitoring", "email_configs": [{**mail, "to": "monitoring@example.com"}]},
    ]


def _with_pager() -> list[dict[str, Any]]:
    """PagerDuty for what is critical, Microsoft Teams for the rest."""
    pager = {
        "routing_key_file": "/etc/alertmanager/secrets/pagerduty/routing-key",
        "send_resolved": True,
        "description": _TITLE,
        "severity": '{{ if eq .CommonLabels.severity "critical" }}critical{{ else }}warning{{ end }}',
        "class": "{{ .CommonLabels.check }}",
        "component": "{{ .CommonLabels.kind }} {{ .CommonLabels.object }}",
        "group": "{{ .CommonLabels.cluster }}{{ .CommonLabels.managed_cluster }}",
        "client": "bootsource-exporter",
        "client_url": f"{EXPORTER}{{{{ .CommonAnnotations.page_url }}}}",
        "details": {"text": _TEXT},
    }
    teams = {"webhook_url": _TEAMS, "send_resolved": True, "title": _TITLE, "text": _TEXT}
    mail = {"to": "monitoring@example.com", "send_resolved": True, "headers": {"Subject": _TITLE}, "text": _TEXT}
    return [
        {"name": "default"},
        {"name": "bootsource-critical", "pagerduty_configs": [pager]},
        {"name": "bootsource-warning", "msteams_configs": [teams]},
        {"name": "bootsource-monitoring", "email_configs": [{**mail, "html": _HTML}]},
    ]


def alertmanager_file(receivers: Callable[[], list[dict[str, Any]]]) -> str:
    """For an Alertmanager that reads a file."""
    routes = [
        {"receiver": name, "matchers": [_format_matcher(m) for m in matchers], "repeat_interval": repeat}
        for name, matchers, repeat in _ROUTES
    ]
    ours = {
        "receiver": "bootsource-warning",
        "matchers": [_format_matcher(_OURS)],
        "group_by": _GROUPED,
        "group_wait": "1m",
        "group_interval": "5m",
        "routes": routes,
    }
    return dump_documents(
        {
            "global": {"smtp_smarthost": "mail.example.com:25", "smtp_from": "alertmanager@example.com"},
            "templates": ["bootsource.tmpl"],
            "route": {"receiver": "default", "routes": [ours]},
            "inhibit_rules": [_inhibition(rule) for rule in inhibitions()],
            "receivers": receivers(),
        }
    )


def _matcher(matcher: Matcher) -> dict[str, str]:
    name, operator, value = matcher
    return {"name": name, "matchType": operator, "value": value}


def alertmanager_manifest() -> str:
    """For the Prometheus Operator, whose Alertmanager has no templates of ours: the same words are written out.

    Every operator serves v1alpha1; v1beta1 has the same fields, and needs a webhook of the operator.
    """
    secret = {"name": "bootsource-notifications", "key": "slack-url"}
    slack = {"apiURL": secret, "sendResolved": True, "title": TITLE, "text": TEXT, "fallback": TITLE}
    mail: dict[str, Any] = {
        "to": "virtualization@example.com",
        "from": "alertmanager@example.com",
        "smarthost": "mail.example.com:25",
    }
    mail |= {"headers": [{"key": "Subject", "value": TITLE}], "text": TEXT, "html": HTML, "sendResolved": True}
    webhook = {"urlSecret": {"name": "bootsource-notifications", "key": "webhook-url"}, "sendResolved": True}
    routes = [
        {"receiver": name, "matchers": [_matcher(m) for m in matchers], "repeatInterval": repeat}
        for name, matchers, repeat in _ROUTES
    ]
    spec = {
        "route": {
            "receiver": "bootsource-warning",
            "matchers": [_matcher(_OURS)],
            "groupBy": _GROUPED,
            "groupWait": "1m",
            "groupInterval": "5m",
            "routes": routes,
        },
        "inhibitRules": [
            {
                "sourceMatch": [_matcher(m) for m in rule.source],
                "targetMatch": [_matcher(m) for m in rule.target],
                "equal": list(rule.equal),
            }
            for rule in inhibitions()
        ],
        "receivers": [
            {
                "name": "bootsource-critical",
                "slackConfigs": [{**slack, "channel": "#virtualization-critical"}],
                "emailConfigs": [mail],
                "webhookConfigs": [webhook],
            },
            {"name": "bootsource-warning", "slackConfigs": [{**slack, "channel": "#virtualization"}]},
            {"name": "bootsource-monitoring", "emailConfigs": [{**mail, "to": "monitoring@example.com"}]},
        ],
    }
    return dump_documents(
        {
            "apiVersion": "monitoring.coreos.com/v1alpha1",
            "kind": "AlertmanagerConfig",
            "metadata": {"name": "bootsource-exporter", "namespace": "bootsource-exporter"},
            "spec": spec,
        }
    )


ALERTMANAGER: Final = (
    Output("rules/alertmanager/alertmanager.yaml", _SOURCE, partial(alertmanager_file, _receivers)),
    Output("rules/alertmanager/pagerduty-teams.yaml", _SOURCE, partial(alertmanager_file, _with_pager)),
    Output("rules/alertmanager/bootsource.tmpl", "tools/generate/messages.py", templates),
    Output("rules/alertmanager/alertmanagerconfig.yaml", _SOURCE, alertmanager_manifest),
)
