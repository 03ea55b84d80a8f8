"""Checks on what crons look at: ImageStreams, claims, pods, registries, rivals."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.checks.check import Check
from exporter.checks.polling import POLLING
from exporter.checks.polling.cron_never_reconciled import cron_never_reconciled
from exporter.checks.polling.digest_unknown import digest_unknown
from exporter.checks.polling.external_digest_missing import external_digest_missing
from exporter.checks.polling.image_pinned_by_digest import image_pinned_by_digest
from exporter.checks.polling.image_stream_import_failing import image_stream_import_failing
from exporter.checks.polling.image_stream_missing import image_stream_missing
from exporter.checks.polling.image_stream_tag_missing import image_stream_tag_missing
from exporter.checks.polling.poller_image_pull_failing import poller_image_pull_failing
from exporter.checks.polling.rival_cron import rival_cron
from exporter.checks.polling.source_claim_missing import source_claim_missing
from exporter.checks.polling.source_claim_unauthorized import source_claim_unauthorized
from exporter.cluster.resource import Resource
from exporter.cluster.resources import IMAGE_STREAMS
from exporter.kube.contract import State
from tests.checks.storage.assertions import (
    advice_of,
    blind_rows,
    cause_ids,
    fix_command,
    goes_blind,
    only_finding,
    summarize,
)
from tests.worlds import (
    IMAGES,
    Manifest,
    a_cdi,
    a_claim,
    a_cron,
    a_data_source,
    ago,
    condition,
    findings,
    manifest,
    merge,
    status,
)


def following(stream: str, **changes: Any) -> Manifest:
    registry = {"url": None, "imageStream": stream, "pullMethod": "node"}
    source = {"spec": {"template": {"spec": {"source": {"registry": registry}}}}}
    return a_cron("rhel9-image-cron", managed="rhel9", **merge(source, dict(changes)))


def a_stream(*tags: str, failing: str = "", items: bool = True, **span: float) -> Manifest:
    listed: list[Manifest] = []
    for tag in tags:
        entry: Manifest = {"tag": tag, "items": [{"image": "sha256:1"}] if items else None}
        if failing:
            entry["conditions"] = [condition("ImportSuccess", "False", failing, "no access", **(span or {"days": 2}))]
        listed.append(entry)
    return manifest("image.openshift.io/v1", "ImageStream", "rhel9-guest", IMAGES, status={"tags": listed})


def said(status_: str, reason: str, **span: float) -> Manifest:
    return {"status": {"conditions": [condition("UpToDate", status_, reason, "No source digest", **span)]}}


def test_an_image_stream_that_is_there_is_fine() -> None:
    for check in (image_stream_missing, image_stream_tag_missing, image_stream_import_failing):
        assert status(check, following("rhel9-guest"), a_stream("latest")) == "pass"


def test_an_image_stream_of_another_namespace_does_not_count() -> None:
    elsewhere = merge(a_stream("latest"), {"metadata": {"namespace": "team-a"}})
    finding = only_finding(image_stream_missing, following("rhel9-guest"), elsewhere)
    assert summarize(finding)[1:4] == (
        "DataImportCron rhel9-image-cron",
        "spec.template.spec.source.registry.imageStream",
        "not found",
    )


def test_a_cluster_without_image_streams_says_so() -> None:
    finding = only_finding(image_stream_missing, following("rhel9-guest"), states={IMAGE_STREAMS: State.NOT_SERVED})
    assert finding.observed == "this cluster does not serve ImageStreams"


def test_a_tag_that_is_missing_is_named_with_those_there_are() -> None:
    finding = only_finding(image_stream_tag_missing, following("rhel9-guest:9.6"), a_stream("9.4", "latest"))
    assert (finding.observed, finding.expected) == ("9.4, latest", "tag 9.6")


def test_without_a_tag_the_first_one_counts_and_not_latest() -> None:
    world = (following("rhel9-guest"), a_stream("9.4", failing="Unauthorized"))
    assert "rhel9-guest:9.4" in only_finding(image_stream_import_failing, *world).summary


@pytest.mark.parametrize(("items", "left"), [(True, "an older image"), (False, "no image was ever imported")])
def test_a_failing_import_tells_what_is_left(items: bool, left: str) -> None:
    world = (following("rhel9-guest"), a_stream("latest", failing="Unauthorized", items=items))
    finding = only_finding(image_stream_import_failing, *world)
    assert left in finding.summary
    assert finding.observed == "Unauthorized: no access"
    assert fix_command(finding).endswith(f"import-image rhel9-guest:latest -n {IMAGES}")


def test_one_failed_attempt_gets_an_hour() -> None:
    world = (following("rhel9-guest"), a_stream("latest", failing="Unauthorized", minutes=30))
    assert findings(image_stream_import_failing, *world) == ()


def copying(**changes: Any) -> Manifest:
    source = {"registry": None, "pvc": {"name": "gold", "namespace": "team-a"}}
    return a_cron(
        "gold-image-cron", managed="gold", **merge({"spec": {"template": {"spec": {"source": source}}}}, dict(changes))
    )


def test_the_claim_to_copy_must_exist() -> None:
    there = merge(a_claim("gold", cron=""), {"metadata": {"namespace": "team-a"}})
    assert status(source_claim_missing, copying(), there) == "pass"
    assert "team-a/gold" in only_finding(source_claim_missing, copying()).summary


def test_a_refused_copy_names_the_permission() -> None:
    refused = {"status": {"conditions": [condition("Progressing", "False", "NotAuthorized", "may not", hours=2)]}}
    finding = only_finding(source_claim_unauthorized, copying(**refused))
    assert finding.observed == "may not"
    assert "--serviceaccount=openshift-virtualization-os-images:default" in fix_command(finding)
    assert status(source_claim_unauthorized, copying()) == "pass"


def a_pod(reason: str = "", phase: str = "Pending", **span: float) -> Manifest:
    waiting = [{"state": {"waiting": {"reason": reason, "message": "manifest unknown"}}}] if reason else []
    owner = {"kind": "DataImportCron", "name": "fedora-image-cron", "uid": "u"}
    meta = {"creationTimestamp": ago(**(span or {"days": 2})), "ownerReferences": [owner]}
    body = {"status": {"phase": phase, "containerStatuses": waiting}}
    return manifest("v1", "Pod", "poller-fedora", IMAGES, metadata=meta, **body)


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", ""])
def test_a_poller_that_cannot_start_is_about_its_cron(reason: str) -> None:
    finding = only_finding(poller_image_pull_failing, a_pod(reason))
    assert finding.object.kind == "DataImportCron"
    assert finding.object.name == "fedora-image-cron"


@pytest.mark.parametrize("pod", [a_pod("ErrImagePull", minutes=5), a_pod(phase="Succeeded")], ids=["young", "done"])
def test_a_young_or_finished_poller_is_fine(pod: Manifest) -> None:
    assert findings(poller_image_pull_failing, pod) == ()


def test_a_url_with_a_digest_cannot_be_followed() -> None:
    url: Manifest = {"spec": {"template": {"spec": {"source": {"registry": {"url": "docker://quay.io/a@sha256:1"}}}}}}
    finding = only_finding(image_pinned_by_digest, a_cron(**url))
    assert (finding.observed, finding.expected) == ("docker://quay.io/a@sha256:1", "docker://quay.io/a:TAG")
    assert status(image_pinned_by_digest, a_cron()) == "pass"


SILENT: Manifest = {"status": None}


def test_the_second_cron_of_a_data_source_is_the_one_that_is_ignored() -> None:
    world = (a_cron(), a_cron("hourly", **SILENT), a_data_source())
    finding = only_finding(rival_cron, *world)
    assert (finding.object.name, finding.observed) == ("hourly", "fedora, which fedora-image-cron manages")
    assert cause_ids((rival_cron,), cron_never_reconciled, *world) == {"rival-cron"}


def test_a_label_that_names_a_gone_cron_is_no_rival() -> None:
    assert findings(rival_cron, a_cron(), a_data_source(cron="gone")) == ()


def test_a_cron_without_conditions_was_never_reconciled() -> None:
    finding = only_finding(cron_never_reconciled, a_cron(**SILENT))
    assert summarize(finding)[2:4] == ("status.conditions", "no condition")
    young = {"metadata": {"creationTimestamp": ago(minutes=4)}, **SILENT}
    assert findings(cron_never_reconciled, a_cron(**young)) == ()


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        (image_stream_missing, merge(following("rhel9-guest"), SILENT)),
        (source_claim_missing, merge(copying(), SILENT)),
    ],
    ids=["image-stream", "claim"],
)
def test_what_is_missing_explains_the_silence(check: Check, broken: Manifest) -> None:
    assert cause_ids((check,), cron_never_reconciled, broken) == {check.id}


def test_a_digest_that_was_never_learnt() -> None:
    finding = only_finding(digest_unknown, a_cron(**said("False", "NoDigest", days=20)), a_cdi())
    assert "quay.io/containerdisks/fedora" in finding.summary
    assert "CDI polls again by itself" in advice_of(finding)
    assert finding.since is not None
    assert findings(digest_unknown, a_cron(**said("False", "NoDigest", minutes=10)), a_cdi()) == ()


def test_without_conditions_the_digest_is_unknown_to_us_too() -> None:
    assert status(digest_unknown, a_cron(**SILENT)) == "unknown"


def test_another_poll_would_fail_like_the_last_so_look_at_the_poller() -> None:
    pod_pull = {"template": {"spec": {"source": {"registry": {"pullMethod": None}}}}}
    labels = {"cdi.kubevirt.io/dataImportCron": "fedora-image-cron", "cdi.kubevirt.io/dataImportCronNs": IMAGES}
    job = manifest("batch/v1", "CronJob", "fedora-1", "openshift-cnv", metadata={"labels": labels})
    finding = only_finding(digest_unknown, a_cron(spec=pod_pull, **said("False", "NoDigest", days=2)), job)
    assert fix_command(finding).startswith("kubectl describe cronjob fedora-1 -n ")


def test_an_empty_schedule_without_a_digest_is_a_hint_only() -> None:
    empty = merge({"spec": {"schedule": ""}}, said("False", "NoDigest", days=20))
    assert only_finding(external_digest_missing, a_cron(**empty)).severity == "info"
    assert status(digest_unknown, a_cron(**empty)) == "pass"


@blind_rows(*POLLING)
def test_what_cannot_be_read_blinds(check: Check, resource: Resource[Any]) -> None:
    assert goes_blind(check, resource)
