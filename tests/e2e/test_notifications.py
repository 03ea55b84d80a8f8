"""From a broken cluster to the message on somebody's phone, all of it real, and back.

Rules and configuration are those that ship; only their times are shortened, all by the same factor.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.checks.imports.manifests import a_content
from tests.e2e.receivers import Hooks, Mails
from tests.e2e.test_serve import Running, running
from tests.e2e.test_watching import WORLD
from tests.rig.cluster import Cluster
from tests.rig.monitoring import Alertmanager, Prometheus
from tests.rules.hurried import ROOT, hurried_config, hurried_rules
from tests.worlds import NOW, Manifest, a_storage_class

DOCS = ROOT / "docs" / "notifications.md"
FASTER = 120
CRITICAL, DOWN = "BootSourceMachineCreationBroken", "BootSourceExporterDown"


def today(manifests: Iterable[Manifest]) -> list[Manifest]:
    """The same objects, as old as they are meant to be."""
    passed = datetime.now(UTC) - NOW

    def moved(match: re.Match[str]) -> str:
        return (datetime.fromisoformat(match[0]) + passed).strftime("%Y-%m-%dT%H:%M:%SZ")

    text = re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", moved, json.dumps(list(manifests)))
    return list(json.loads(text))


@dataclass
class Site:
    """Everything that is needed to be woken at night."""

    cluster: Cluster
    replicas: list[Running]
    prometheus: Prometheus
    alertmanager: Alertmanager
    hooks: Hooks
    mails: Mails

    def until(self, true: Callable[[], bool], seconds: float = 90) -> None:
        """Wait until this is so."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, (self.prometheus.alerts(), self.alertmanager.alerts(), self.hooks.got)
            time.sleep(0.2)

    def messages(self) -> int:
        """How many somebody has got."""
        return len(self.hooks.got) + len(self.mails.got)


@pytest.fixture
def site(real: Cluster, kubeconfig: Path, tmp_path: Path) -> Iterator[Site]:
    """A small healthy cluster, two replicas of the exporter, and all that hangs on them."""
    healthy = today((*WORLD, a_content("content-fedora-0123456789ab")))
    real.load(healthy)
    with ExitStack() as stack:
        hooks, mails = stack.enter_context(Hooks()), stack.enter_context(Mails())
        replicas = [stack.enter_context(running("serve", "--kubeconfig", str(kubeconfig))) for _ in range(2)]
        for each in replicas:
            each.ready()
            each.until(lambda each=each: not each.blind())  # type: ignore[misc]
        alertmanager = stack.enter_context(
            Alertmanager(tmp_path / "am", yaml.safe_dump(hurried_config(hooks, mails, FASTER)))
        )
        targets = [each.url.removeprefix("http://") for each in replicas]
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager.port}"]}]}]},
            "scrape_configs": [{"job_name": "bootsource-exporter", "static_configs": [{"targets": targets}]}],
        }
        prometheus = stack.enter_context(
            Prometheus(tmp_path / "prometheus", yaml.safe_dump(config), {"rules.yaml": hurried_rules(FASTER)})
        )
        yield Site(real, replicas, prometheus, alertmanager, hooks, mails)
    real.empty(healthy)


def said(message: dict[str, Any]) -> str:
    """Title and text of a chat message; the instant, which is another one each time, made plain."""
    (attachment,) = message["attachments"]
    text = f"{attachment['title'].strip()}\n\n{attachment['text'].strip()}"
    return timeless(text)


def timeless(text: str) -> str:
    """The instant, which is another one each time, made plain."""
    return re.sub(r"Since: \S+ \([^)]+\)", "Since: 2026-11-25T03:00:00Z (3h 0m 0s)", text)


def plain(mail: EmailMessage) -> str:
    """What somebody reads whose mail program shows no HTML."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").strip()


def names(site: Site) -> set[str]:
    """The alerts that Prometheus fires."""
    return {a["labels"]["alertname"] for a in site.prometheus.alerts() if a["state"] == "firing"}


def test_a_root_cause_is_told_once_and_its_end_too_and_the_end_of_the_exporter(site: Site) -> None:
    site.until(lambda: len(site.prometheus.query("up == 1")) == 2)
    assert site.messages() == 0

    site.cluster.apply(a_storage_class())  # nobody is default any more
    site.until(lambda: len(site.hooks.at("/chat")) == 1 and len(site.mails.got) == 1 and len(site.hooks.got) == 2)
    (chat,), (hook,), (mail,) = site.hooks.at("/chat"), site.hooks.at("/hook"), site.mails.got
    assert chat["channel"] == "#virtualization-critical"
    assert f"```text\n{said(chat)}\n```" in DOCS.read_text(), said(chat)
    assert [(a["labels"]["alertname"], a["labels"]["check"]) for a in hook["alerts"]] == [
        (CRITICAL, "no-default-storage-class")
    ]
    assert hook["commonAnnotations"]["summary"] in plain(mail)
    assert mail["Subject"] == chat["attachments"][0]["title"].strip()

    site.cluster.apply(a_storage_class(virt="true"))
    site.until(lambda: len(site.hooks.at("/chat")) == 2 and len(site.hooks.at("/hook")) == 2)
    assert f"```text\n{said(site.hooks.at('/chat')[1])}\n```" in DOCS.read_text(), said(site.hooks.at("/chat")[1])
    assert site.hooks.at("/hook")[1]["status"] == "resolved"

    site.cluster.apply(a_storage_class())
    site.until(lambda: len(site.hooks.at("/chat")) == 3 and len(site.hooks.at("/hook")) == 3)
    before = len(site.mails.to("monitoring@example.com"))
    for each in site.replicas:
        each.process.kill()
        each.process.wait()
    site.until(lambda: len(site.mails.to("monitoring@example.com")) > before)
    site.until(lambda: names(site) == {CRITICAL, DOWN})
    told = site.messages()
    site.until(lambda: {a["labels"]["alertname"] for a in site.alertmanager.alerts()} >= {DOWN})
    (mail,) = site.mails.to("monitoring@example.com")
    assert f"```text\n{mail['Subject']}\n\n{plain(mail)}\n```" in DOCS.read_text(), plain(mail)
    assert len(site.hooks.at("/chat")) == 3, "nobody is told that a problem is over which just cannot be seen"
    assert site.messages() == told


def test_one_replica_of_two_that_ends_is_nobodys_business(site: Site) -> None:
    site.until(lambda: len(site.prometheus.query("up == 1")) == 2)
    site.until(lambda: not names(site) and not site.alertmanager.alerts())  # a slow start may have counted as down
    before = begun(site)
    site.replicas[0].process.kill()
    site.replicas[0].process.wait()
    site.until(lambda: len(site.prometheus.query("up == 0")) == 1)
    time.sleep(6)  # longer than it takes, at this speed, until the exporter counts as down
    assert names(site) == set()
    assert begun(site) == before


def begun(site: Site) -> list[str]:
    """The subjects of mails about problems that begin, not about those that end."""
    return [mail["Subject"] for mail in site.mails.got if "resolved" not in mail["Subject"].lower()]
