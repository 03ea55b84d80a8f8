"""The rules and the configuration that ship, with all times shortened by one factor and addresses of tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.receivers import Hooks, Mails

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules" / "bootsource.rules.yaml"
SHIPPED = ROOT / "rules" / "alertmanager"
UNITS = {"s": 1, "m": 60, "h": 3600}


def shorter(duration: str, faster: int) -> str:
    """A duration of Prometheus, at least a second."""
    return f"{max(1, int(duration[:-1]) * UNITS[duration[-1]] // faster)}s"


def hurried_rules(faster: int) -> str:
    """The rules that ship, in a hurry."""
    document = yaml.safe_load(RULES.read_text())
    for group in document["groups"]:
        group.pop("interval", None)
        for rule in group["rules"]:
            for key in ("for", "keep_firing_for"):
                if key in rule:
                    rule[key] = shorter(rule[key], faster)
    return yaml.safe_dump(document)


def hurried_config(hooks: Hooks, mails: Mails, faster: int) -> dict[str, Any]:
    """The configuration that ships, in a hurry, with other addresses."""
    text = (SHIPPED / "alertmanager.yaml").read_text()
    text = re.sub(r"https://hooks\.slack\.example\.com/services/\w+", f"{hooks.url}/chat", text)
    text = text.replace("https://alerts.example.com/bootsource", f"{hooks.url}/hook")
    text = text.replace("mail.example.com:25", mails.address)
    document: dict[str, Any] = yaml.safe_load(text)
    document["global"]["smtp_require_tls"] = False
    document["templates"] = [str(SHIPPED / "bootsource.tmpl")]
    (ours,) = document["route"]["routes"]
    for key in ("group_wait", "group_interval"):
        ours[key] = shorter(ours[key], faster)
    return document


def to_the_pager(document: dict[str, Any], hooks: Hooks) -> dict[str, Any]:
    """All of our alerts go to one webhook, and nothing else does."""
    (ours,) = document["route"]["routes"]
    ours |= {"receiver": "pager", "routes": []}
    pager = {"name": "pager", "webhook_configs": [{"url": f"{hooks.url}/pager", "send_resolved": True}]}
    return {**document, "receivers": [{"name": "default"}, pager]}
