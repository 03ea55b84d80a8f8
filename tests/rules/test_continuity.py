"""Outages of the exporter, on a running Prometheus and Alertmanager with two clusters and a pager that keeps books.

Times are shortened sixty times: a minute is a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.e2e.receivers import Hooks, Mails
from tests.rig.monitoring import Alertmanager, Prometheus
from tests.rules.exporters import Books, Exporter, Root, scraping
from tests.rules.hurried import hurried_config, hurried_rules, to_the_pager

FASTER = 60
MINUTE = 60 / FASTER
NO_DEFAULT: Root = ("no-default-storage-class", "critical", "Cluster", "", "", 12)
LOST: Root = ("image-volume-lost", "critical", "PersistentVolumeClaim", "images", "fedora-1", 3)
BROKEN = "BootSourceMachineCreationBroken no-default-storage-class"
DOWN = "BootSourceExporterDown"
pytestmark = [pytest.mark.monitoring, pytest.mark.timeout(600)]


@dataclass
class Site:
    """Two clusters, one Prometheus, one Alertmanager, one pager."""

    one: Exporter
    two: Exporter
    prometheus: Prometheus
    alertmanager: Alertmanager
    books: Books

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until this is so."""
        deadline = time.monotonic() + 240
        while not true():
            assert time.monotonic() < deadline, (self.books.entries(), self.prometheus.alerts())
            time.sleep(0.2)

    def pass_minutes(self, minutes: float) -> None:
        """Wait until Prometheus has evaluated the rules for so long: what must not happen has had its time."""
        began = self._now()
        self.until(lambda: self._now() - began >= minutes * MINUTE)

    def _now(self) -> float:
        """The last instant at which rules were evaluated."""
        found = self.prometheus.query("max(timestamp(ALERTS))")
        return found[0][1] if found else 0.0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        hooks, mails = stack.enter_context(Hooks()), stack.enter_context(Mails())
        one, two = stack.enter_context(Exporter(NO_DEFAULT)), stack.enter_context(Exporter(NO_DEFAULT))
        config = to_the_pager(hurried_config(hooks, mails, FASTER), hooks)
        alertmanager = stack.enter_context(Alertmanager(tmp_path / "am", yaml.safe_dump(config)))
        scraped = scraping({"one": one, "two": two}, alertmanager.port, 2)
        rules = {"rules.yaml": hurried_rules(FASTER)}
        prometheus = stack.enter_context(Prometheus(tmp_path / "prometheus", yaml.safe_dump(scraped), rules))
        yield Site(one, two, prometheus, alertmanager, Books(hooks))


def test_an_outage_ends_nothing_and_hides_nothing(site: Site) -> None:
    books = site.books
    site.until(lambda: books.open() == [("one", BROKEN), ("two", BROKEN)])

    # The exporter of one cluster is down for 25 minutes. The other cluster is fixed meanwhile, and breaks elsewhere.
    site.one.down = True
    site.until(lambda: ("one", DOWN) in books.open())
    site.two.roots = [LOST]
    site.until(lambda: ("two", BROKEN) not in books.open())
    site.until(lambda: ("two", "BootSourceMachineCreationBroken image-volume-lost") in books.open())
    site.pass_minutes(25)
    assert ("one", BROKEN, "closed") not in books.entries(), "nobody fixed it"

    # It is back, and nothing was fixed.
    site.one.down = False
    site.until(lambda: ("one", DOWN) not in books.open())
    site.pass_minutes(25)
    assert [entry for entry in books.entries() if entry[:2] == ("one", BROKEN)] == [("one", BROKEN, "opened")]

    # It is down once more, and what was broken is fixed before it is back.
    site.one.down = True
    site.until(lambda: ("one", DOWN) in books.open())
    site.one.roots = []
    site.pass_minutes(25)
    assert ("one", BROKEN) in books.open(), "nobody can know yet that it is fixed"
    site.one.down = False
    site.until(lambda: [key for key in books.open() if key[0] == "one"] == [])
    assert books.entries().count(("one", BROKEN, "closed")) == 1


def test_nothing_begins_to_fire_while_its_exporter_is_down(site: Site) -> None:
    """What was pending at the last look may be over by now."""
    site.until(lambda: site.books.open() == [("one", BROKEN), ("two", BROKEN)])
    site.one.roots = [NO_DEFAULT, LOST]
    site.until(
        lambda: bool(site.prometheus.query('root:bootsource_finding_root_dependents:max{check="image-volume-lost"}'))
    )
    site.one.down = True
    site.until(lambda: ("one", DOWN) in site.books.open())
    site.pass_minutes(20)
    assert site.books.open() == [("one", DOWN), ("one", BROKEN), ("two", BROKEN)]
