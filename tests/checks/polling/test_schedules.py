"""Checks on schedules: what CDI cannot parse, what never fires, what Kubernetes refuses."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from exporter.checks.polling.invalid_schedule import invalid_schedule
from exporter.checks.polling.schedule_never_fires import schedule_never_fires
from exporter.checks.polling.schedule_refused_by_cronjob import schedule_refused_by_cronjob
from tests.checks.storage.assertions import fix_command, only_finding, summarize
from tests.worlds import Manifest, a_cdi, a_cron, ago, an_entry, an_hco, findings, merge, status

POD_PULL = {"template": {"spec": {"source": {"registry": {"url": "docker://quay.io/fedora:42", "pullMethod": None}}}}}


def scheduled(schedule: str, name: str = "corp-image-cron", **changes: Any) -> Manifest:
    return a_cron(name, managed="corp", **merge({"spec": {"schedule": schedule}}, dict(changes)))


@pytest.mark.parametrize("schedule", ["41 7/12 * * *", "@daily", "@every 12h", "", "0 0 31 2 *", "TZ=UTC 0 3 * * *"])
def test_a_schedule_that_cdi_parses_is_no_finding(schedule: str) -> None:
    assert status(invalid_schedule, scheduled(schedule)) == "pass"


@pytest.mark.parametrize("schedule", ["0 4 * * 7", "0 4 * *", "99 * * * *", "0 22-2 * * *", "@reboot", "0 4 L * *"])
def test_a_schedule_that_cdi_cannot_parse_names_the_entry_to_edit(schedule: str) -> None:
    entry = an_entry("corp-image-cron", managed="corp", spec={"schedule": schedule})
    world = [an_hco(entries=[an_entry(), entry], metadata={"managedFields": edited()}), a_cdi()]
    finding = only_finding(invalid_schedule, *world)
    path = "spec.workloadSources.dataImportCronTemplates[name=corp-image-cron].spec.schedule"
    assert summarize(finding) == (
        "warning",
        "HyperConverged kubevirt-hyperconverged",
        path,
        schedule,
        "five cron fields, for example 0 3 * * *",
    )
    assert finding.since is not None
    assert finding.since.isoformat() == "2026-08-21T10:00:00+00:00"


def edited() -> list[Manifest]:
    return [{"manager": "kubectl-edit", "operation": "Update", "time": ago(hours=2), "fieldsV1": {"f:spec": {}}}]


def test_the_fix_of_an_entry_edits_that_entry_and_no_other() -> None:
    entry = an_entry("corp-image-cron", managed="corp", spec={"schedule": "0 4 * * 7"})
    words = shlex.split(fix_command(only_finding(invalid_schedule, an_hco(entries=[an_entry(), entry]), a_cdi())))
    patch = json.loads(words[-1])
    assert words[:3] == ["kubectl", "patch", "hyperconverged"] or words[:3] == ["oc", "patch", "hyperconverged"]
    assert patch[0] == {
        "op": "test",
        "path": "/spec/workloadSources/dataImportCronTemplates/1/metadata/name",
        "value": "corp-image-cron",
    }
    assert patch[1]["path"] == "/spec/workloadSources/dataImportCronTemplates/1/spec/schedule"


@pytest.mark.parametrize(
    ("version", "expected"), [("v1.57.1", "pass"), ("v1.59.0", "fail")], ids=["cronexpr-era", "robfig-era"]
)
def test_the_older_grammar_counts_where_cdi_has_it(version: str, expected: str) -> None:
    assert status(invalid_schedule, scheduled("0 0 4 * * *"), a_cdi(version)) == expected


def test_an_older_schedule_on_an_unknown_version_is_unknown() -> None:
    assert status(invalid_schedule, scheduled("0 0 4 * * *")) == "unknown"


def test_a_disabled_entry_is_not_judged() -> None:
    off = {"metadata": {"annotations": {"dataimportcrontemplate.kubevirt.io/enable": "false"}}}
    entry = an_entry("corp-image-cron", managed="corp", spec={"schedule": "nonsense"}, **off)
    assert status(invalid_schedule, an_hco(entries=[entry], taken=[]), a_cdi()) == "pass"


@pytest.mark.parametrize("schedule", ["0 0 31 2 *", "0 0 31 4,6,9,11 *", ", * * * *"])
def test_a_schedule_without_a_date_never_fires(schedule: str) -> None:
    finding = only_finding(schedule_never_fires, scheduled(schedule))
    assert summarize(finding)[1:4] == ("DataImportCron corp-image-cron", "spec.schedule", schedule)


def test_every_starves_where_the_controller_polls_and_works_where_a_cronjob_does() -> None:
    assert "@every" in only_finding(schedule_never_fires, scheduled("@every 12h"), a_cdi()).summary
    assert findings(schedule_never_fires, scheduled("@every 12h", spec=POD_PULL), a_cdi()) == ()


@pytest.mark.parametrize("schedule", ["41 7/12 * * *", "@daily", "", "nonsense"])
def test_other_schedules_do_fire_or_are_other_findings(schedule: str) -> None:
    assert status(schedule_never_fires, scheduled(schedule)) == "pass"


@pytest.mark.parametrize("prefix", ["TZ", "CRON_TZ"])
def test_kubernetes_refuses_a_time_zone(prefix: str) -> None:
    schedule = f"{prefix}=Europe/Berlin 0 3 * * *"
    finding = only_finding(schedule_refused_by_cronjob, scheduled(schedule, spec=POD_PULL), a_cdi())
    assert summarize(finding)[2:4] == ("spec.schedule", schedule)


def test_kubernetes_refuses_a_name_of_over_43_characters() -> None:
    good, bad = "c" * 43, "c" * 44
    assert findings(schedule_refused_by_cronjob, scheduled("@daily", good, spec=POD_PULL), a_cdi()) == ()
    assert (
        only_finding(schedule_refused_by_cronjob, scheduled("@daily", bad, spec=POD_PULL), a_cdi()).field
        == "metadata.name"
    )


def test_a_cron_that_the_controller_polls_needs_no_cronjob() -> None:
    assert findings(schedule_refused_by_cronjob, scheduled("TZ=UTC 0 3 * * *"), a_cdi()) == ()


def test_a_minute_old_cron_gets_time() -> None:
    young: Manifest = {"metadata": {"creationTimestamp": ago(minutes=1)}, "spec": POD_PULL}
    assert findings(schedule_refused_by_cronjob, scheduled("TZ=UTC 0 3 * * *", **young), a_cdi()) == ()
