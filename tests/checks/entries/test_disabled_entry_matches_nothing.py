from __future__ import annotations

import json
import shlex

import pytest

from exporter.checks.entries.disabled_entry_matches_nothing import disabled_entry_matches_nothing
from exporter.checks.entries.entry_disabled import entry_disabled
from tests.checks.entries.clusters import CORP, ENABLE, off, platform
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding, summarize
from tests.worlds import Manifest, merge, status

CHECK = disabled_entry_matches_nothing
VERSION = {"status": {"versions": [{"name": "operator", "version": "1.21.0"}]}}


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([], id="no entries"),
        pytest.param([off("fedora-image-cron")], id="a common one"),
        pytest.param([off("centos-stream8-image-cron")], id="one of another version"),
        pytest.param([merge(CORP, {"metadata": {"annotations": {ENABLE: "false"}}})], id="an own one"),
    ],
)
def test_passes(entries: list[Manifest]) -> None:
    assert status(CHECK, *platform(entries=entries)) == "pass"


@pytest.mark.parametrize("name", ["fedora", "fedora-image-corn", "fedora-cron"])
def test_the_boot_source_that_is_meant_is_named(name: str) -> None:
    found = only_finding(CHECK, *platform(entries=[off(name)]))
    assert summarize(found)[0] == "warning"
    assert found.expected == "fedora-image-cron"
    assert [fix.kind for fix in found.fixes] == ["safe", "costs"]
    assert json.loads(shlex.split(found.fixes[-1].command)[-1])[-1] == {
        "op": "replace",
        "path": "/spec/workloadSources/dataImportCronTemplates/0/metadata/name",
        "value": "fedora-image-cron",
    }


def test_a_name_like_no_other_is_a_hint_and_may_go() -> None:
    found = only_finding(CHECK, *platform(entries=[off("xyz")]))
    assert found.severity == "info"
    assert json.loads(shlex.split(fix_command(found))[-1])[-1]["op"] == "remove"


def test_a_newer_hco_may_have_common_names_that_we_do_not_know() -> None:
    assert status(CHECK, *platform(entries=[off("xyz")], hco=VERSION)) == "pass"


def test_it_explains_that_the_entry_is_off() -> None:
    world = platform(entries=[off("fedora-image-corn")])
    assert cause_ids((CHECK,), entry_disabled, *world) == {"disabled-entry-matches-nothing"}
