"""Since when, how long nobody is bothered, and the whole command: of every check on polling that has them."""

from __future__ import annotations

import pytest

from exporter.checks.check import Check
from exporter.checks.imports.source_on_wrong_storage_class import source_on_wrong_storage_class
from exporter.checks.polling.external_digest_missing import external_digest_missing
from exporter.checks.polling.image_pinned_by_digest import image_pinned_by_digest
from exporter.checks.polling.image_stream_missing import image_stream_missing
from exporter.checks.polling.image_stream_tag_missing import image_stream_tag_missing
from exporter.checks.polling.invalid_schedule import invalid_schedule
from exporter.checks.polling.poller_image_pull_failing import poller_image_pull_failing
from exporter.checks.polling.polling_frozen import polling_frozen
from exporter.checks.polling.rival_cron import rival_cron
from exporter.checks.polling.schedule_never_fires import schedule_never_fires
from exporter.checks.polling.schedule_refused_by_cronjob import schedule_refused_by_cronjob
from exporter.checks.polling.source_claim_missing import source_claim_missing
from exporter.checks.polling.source_claim_unauthorized import source_claim_unauthorized
from tests.checks.polling.test_sources import SILENT, a_pod, a_stream, copying, following, said
from tests.checks.storage.assertions import cause_ids, fix_command, only_finding
from tests.worlds import (
    Manifest,
    a_cdi,
    a_cron,
    a_data_source,
    a_storage_class,
    ago,
    condition,
    findings,
    manifest,
    merge,
)

POD_PULL: Manifest = {"spec": {"template": {"spec": {"source": {"registry": {"pullMethod": None}}}}}}
PINNED: Manifest = {"spec": {"template": {"spec": {"source": {"registry": {"url": "docker://quay.io/a@sha256:1"}}}}}}


def created(**span: float) -> Manifest:
    return {"metadata": {"creationTimestamp": ago(**span)}}


def refused(**span: float) -> Manifest:
    return {"status": {"conditions": [condition("Progressing", "False", "NotAuthorized", "may not", **span)]}}


def emptied(**span: float) -> Manifest:
    return merge({"spec": {"schedule": ""}}, said("False", "NoDigest", **span))


def zoned(**span: float) -> Manifest:
    return a_cron(**merge(merge(POD_PULL, created(**span)), {"spec": {"schedule": "TZ=UTC 0 3 * * *"}}))


def world(check: Check, **span: float) -> list[Manifest]:
    """A cluster with the problem that the check finds, this old."""
    worlds = {
        "image-stream-missing": [following("rhel9-guest", **created(**span))],
        "image-stream-tag-missing": [following("rhel9-guest:gone", **created(**span)), a_stream("latest")],
        "rival-cron": [a_cron(), a_cron("hourly", **merge(created(**span), SILENT)), a_data_source()],
        "schedule-refused-by-cronjob": [zoned(**span), a_cdi()],
        "source-claim-missing": [copying(**created(**span))],
        "source-claim-unauthorized": [copying(**refused(**span))],
        "external-digest-missing": [a_cron(**emptied(**span))],
    }
    return worlds[check.id]


PATIENT = (
    image_stream_missing,
    image_stream_tag_missing,
    rival_cron,
    schedule_refused_by_cronjob,
    source_claim_missing,
    source_claim_unauthorized,
    external_digest_missing,
)


@pytest.mark.parametrize("check", PATIENT, ids=lambda c: c.id)
def test_a_problem_is_as_old_as_its_object_says(check: Check) -> None:
    finding = only_finding(check, *world(check, days=3))
    assert finding.since is not None
    assert finding.since.strftime("%Y-%m-%dT%H:%M:%SZ") == ago(days=3)


@pytest.mark.parametrize("check", PATIENT, ids=lambda c: c.id)
def test_a_problem_of_a_few_seconds_is_none_yet(check: Check) -> None:
    assert findings(check, *world(check, seconds=10)) == ()


def test_a_url_that_is_pinned_is_so_since_the_cron_was_made() -> None:
    finding = only_finding(image_pinned_by_digest, a_cron(**merge(PINNED, created(days=3))))
    assert finding.since is not None
    assert finding.since.strftime("%Y-%m-%dT%H:%M:%SZ") == ago(days=3)


def test_a_schedule_that_never_fires_does_so_since_the_cron_was_made() -> None:
    finding = only_finding(schedule_never_fires, a_cron(**merge(created(days=3), {"spec": {"schedule": "0 0 31 2 *"}})))
    assert finding.since is not None
    assert finding.since.strftime("%Y-%m-%dT%H:%M:%SZ") == ago(days=3)


def test_two_entries_with_invalid_schedules_are_two_findings() -> None:
    bad: Manifest = {"spec": {"schedule": "nonsense"}}
    found = findings(invalid_schedule, a_cron(**bad), a_cron("b-image-cron", managed="b", **bad))
    assert len({f.fingerprint for f in found}) == len(found) == 2


def test_the_permission_to_copy_is_one_command() -> None:
    finding = only_finding(source_claim_unauthorized, copying(**refused(days=3)))
    assert fix_command(finding) == (
        "kubectl create rolebinding clone-gold-image-cron -n team-a --clusterrole=cdi.kubevirt.io:clone-sourcer "
        "--serviceaccount=openshift-virtualization-os-images:default"
    )
    assert finding.fix is not None
    assert finding.fix.verify == (
        "kubectl auth can-i create datavolumes.cdi.kubevirt.io --subresource=source -n team-a "
        "--as=system:serviceaccount:openshift-virtualization-os-images:default"
    )


def test_the_service_account_is_that_of_the_data_import_cron_and_the_role_that_of_the_version() -> None:
    cron = merge(copying(**refused(days=3)), {"spec": {"serviceAccountName": "cloner"}})
    words = fix_command(only_finding(source_claim_unauthorized, cron, a_cdi("v1.65.0")))
    assert "--clusterrole=cdi.kubevirt.io:view" in words
    assert "--clusterrole=cdi.kubevirt.io:clone-sourcer" in words
    assert words.endswith("--serviceaccount=openshift-virtualization-os-images:cloner")


def test_a_claim_without_a_namespace_lies_beside_its_cron() -> None:
    beside: Manifest = {"spec": {"template": {"spec": {"source": {"pvc": {"name": "gold", "namespace": None}}}}}}
    finding = only_finding(source_claim_unauthorized, copying(**merge(beside, refused(days=3))))
    assert "-n openshift-virtualization-os-images" in fix_command(finding)


def a_poller(**status: str) -> Manifest:
    labels = {
        "cdi.kubevirt.io/dataImportCron": "fedora-image-cron",
        "cdi.kubevirt.io/dataImportCronNs": "openshift-virtualization-os-images",
    }
    return manifest("batch/v1", "CronJob", "fedora-1", "openshift-cnv", metadata={"labels": labels}, status=status)


def frozen(**changes: Manifest) -> Manifest:
    at = ago(days=12)
    marks: Manifest = {"metadata": {"annotations": {"cdi.kubevirt.io/storage.import.lastCronTime": at}}}
    return a_cron(**merge(merge(marks, {"status": {"lastExecutionTimestamp": at}}), changes))


def test_a_frozen_cron_is_polled_by_hand_where_its_version_polls() -> None:
    assert fix_command(only_finding(polling_frozen, frozen(), a_cdi())) == (
        "kubectl annotate dataimportcron fedora-image-cron -n openshift-virtualization-os-images "
        "cdi.kubevirt.io/storage.import.nextCronTime=2000-01-01T00:00:00Z --overwrite"
    )
    by_job = fix_command(only_finding(polling_frozen, frozen(**POD_PULL), a_poller(), a_cdi()))
    assert by_job.startswith("kubectl create job --from=cronjob/fedora-1 poll-fedora-image-cron -n ")


@pytest.mark.parametrize(
    ("check", "extra"),
    [
        (poller_image_pull_failing, [a_pod("ErrImagePull")]),
        (source_on_wrong_storage_class, [a_storage_class("slow", virt="true")]),
    ],
    ids=lambda value: value.id if isinstance(value, Check) else "",
)
def test_what_stops_polls_explains_the_freeze(check: Check, extra: list[Manifest]) -> None:
    assert cause_ids((check,), polling_frozen, frozen(), *extra) == {check.id}


def test_a_cron_that_never_learnt_a_digest_is_not_frozen_but_unknown() -> None:
    silent = merge({"status": {"lastExecutionTimestamp": ago(days=12)}}, said("False", "NoDigest", days=12))
    assert findings(polling_frozen, a_cron(**silent)) == ()
