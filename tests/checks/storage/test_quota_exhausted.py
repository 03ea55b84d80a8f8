from __future__ import annotations

import pytest

from exporter.checks import CHECKS
from exporter.checks.storage.quota_exhausted import quota_exhausted
from exporter.cluster.resources import DATA_VOLUMES
from exporter.kube.contract import State
from tests.checks.storage.assertions import only_finding, summarize
from tests.worlds import (
    IMAGES,
    OPERATORS,
    SSP_OWNED,
    Manifest,
    a_cdi,
    a_cron,
    a_data_source,
    a_data_volume,
    a_storage_class,
    a_storage_profile,
    an_hco,
    condition,
    evaluate_manifests,
    findings,
    manifest,
    merge,
    status,
)

CHECK = quota_exhausted
DEFAULT = a_storage_class(virt="true")
BY_CLASS = "fast.storageclass.storage.k8s.io"


def a_quota(resource: str, hard: str, used: str, *, name: str = "golden", namespace: str = IMAGES) -> Manifest:
    """A ResourceQuota that limits one resource."""
    return manifest("v1", "ResourceQuota", name, namespace, status={"hard": {resource: hard}, "used": {resource: used}})


def a_pod_pull(**changes: object) -> Manifest:
    registry = {"registry": {"url": "docker://quay.io/x:1", "pullMethod": None}}
    return merge(a_cron(spec={"template": {"spec": {"source": registry}}}), changes)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param([a_quota("requests.storage", "300Gi", "210Gi"), a_cron()], id="room for more"),
        pytest.param([a_quota("requests.storage", "240Gi", "210Gi"), a_cron()], id="room for just one more"),
        pytest.param([a_quota("services", "4", "4"), a_cron()], id="another resource"),
        pytest.param([a_quota("requests.storage", "1Gi", "1Gi")], id="no boot source in the namespace"),
        pytest.param([a_quota("requests.storage", "1Gi", "1Gi", namespace="shop"), a_cron()], id="another namespace"),
        pytest.param([a_quota("requests.storage", "much", "1Gi"), a_cron()], id="an odd quantity"),
        pytest.param(
            [
                a_quota("requests.storage", "240Gi", "240Gi"),
                a_cron(),
                a_data_volume(
                    phase="ImportInProgress", status={"conditions": [condition("Running", "True", "Pod is running")]}
                ),
            ],
            id="an import is under way and gives it back",
        ),
        pytest.param([a_quota("pods", "9", "9", namespace=OPERATORS), a_cron()], id="nobody polls by pods"),
    ],
)
def test_passes(world: list[Manifest]) -> None:
    assert status(CHECK, a_cdi(), an_hco(), DEFAULT, *world) == "pass"


@pytest.mark.parametrize(
    ("quota", "field", "observed"),
    [
        pytest.param(
            a_quota("requests.storage", "225Gi", "210Gi"), "requests.storage", "210Gi of 225Gi used", id="storage"
        ),
        pytest.param(
            a_quota("persistentvolumeclaims", "7", "7"), "persistentvolumeclaims", "7 of 7 used", id="number of claims"
        ),
        pytest.param(
            a_quota(f"{BY_CLASS}/requests.storage", "9Gi", "0"),
            f"{BY_CLASS}/requests.storage",
            "0 of 9Gi used",
            id="of the class that images go to",
        ),
    ],
)
def test_no_room_for_the_next_image(quota: Manifest, field: str, observed: str) -> None:
    finding = only_finding(CHECK, quota, a_cron(), a_data_source(), DEFAULT)
    assert summarize(finding) == (
        "warning",
        "ResourceQuota golden",
        f"status.used[{field}]",
        observed,
        "room for one more image: one claim of full size",
    )
    assert finding.summary.endswith("leaves no room for the next image of fedora-image-cron")
    assert finding.dependents == {"DataImportCron": 1, "DataSource": 1}


def test_without_volumes_it_is_judged_all_the_same() -> None:
    world = (a_quota("requests.storage", "1Gi", "1Gi"), a_cron(), DEFAULT)
    assert status(CHECK, *world, states={DATA_VOLUMES: State.FORBIDDEN}) == "fail"


@pytest.mark.parametrize("resource", ["count/cronjobs.batch", "count/jobs.batch", "pods", "count/pods"])
def test_no_room_for_pollers(resource: str) -> None:
    quota = a_quota(resource, "4", "4", namespace=OPERATORS)
    quota["status"]["hard"][resource] = 4
    finding = only_finding(CHECK, quota, a_pod_pull(), a_cdi(), an_hco())
    assert (finding.field, finding.observed) == (f"status.used[{resource}]", "4 of 4 used")
    assert finding.dependents["DataImportCron"] == 1


def test_a_quota_that_keeps_cron_jobs_out_explains_a_cron_that_was_never_written() -> None:
    quota = a_quota("count/cronjobs.batch", "4", "4", namespace=OPERATORS)
    report = evaluate_manifests(CHECKS, quota, a_pod_pull(status=None), a_cdi(), an_hco(), DEFAULT).report
    roots = {f.check for f in report.findings if f.root and f.severity != "info"}
    assert "quota-exhausted" in roots
    assert "cron-never-reconciled" not in roots


def test_the_quota_that_a_failing_import_names_is_its_cause() -> None:
    words = "exceeded quota: golden, requested: requests.storage=30Gi, used: requests.storage=210Gi"
    volume = a_data_volume(
        "fedora-0123456789ab",
        phase="Pending",
        status={"conditions": [condition("Bound", "False", "ErrExceededQuota", words, hours=9)]},
    )
    found = {
        f.check: f
        for f in evaluate_manifests(
            CHECKS, a_quota("requests.storage", "210Gi", "210Gi"), a_cron(), volume, DEFAULT
        ).report.findings
    }
    assert found["import-failing"].caused_by == (found["quota-exhausted"].fingerprint,)


def test_an_object_that_says_nothing_limits_nothing() -> None:
    assert findings(CHECK, manifest("v1", "ResourceQuota", "new", IMAGES), a_cron(), DEFAULT) == ()


CSI = manifest("storage.k8s.io/v1", "CSIDriver", "csi.example")
SLOW = a_storage_class("slow", default="true")


@pytest.mark.parametrize(
    ("quota", "fits"),
    [
        pytest.param(a_quota("requests.storage", "90Gi", "0"), True, id="target, prime and scratch fit"),
        pytest.param(a_quota("requests.storage", "89Gi", "0"), False, id="scratch does not fit"),
        pytest.param(a_quota("persistentvolumeclaims", "2", "0"), False, id="two claims are too few"),
        pytest.param(a_quota(f"{BY_CLASS}/requests.storage", "60Gi", "0"), True, id="scratch is on another class"),
        pytest.param(a_quota(f"{BY_CLASS}/persistentvolumeclaims", "1", "0"), False, id="no claim for the prime"),
        pytest.param(a_quota("slow.storageclass.storage.k8s.io/requests.storage", "29Gi", "0"), False, id="no scratch"),
        pytest.param(a_quota("pods", "5", "5"), False, id="no importer"),
    ],
)
def test_an_import_holds_three_claims_at_once(quota: Manifest, fits: bool) -> None:
    assert status(CHECK, quota, a_pod_pull(), a_cdi(), DEFAULT, SLOW, CSI) == ("pass" if fits else "fail")


@pytest.mark.parametrize(
    ("cdi", "slow_needs"),
    [({"spec": {"config": {"scratchSpaceStorageClass": "fast"}}}, False), ({"spec": {}}, True)],
    ids=["configured", "by the Kubernetes default"],
)
def test_scratch_space_goes_to_the_class_that_cdi_is_told(cdi: Manifest, slow_needs: bool) -> None:
    quota = a_quota("slow.storageclass.storage.k8s.io/persistentvolumeclaims", "1", "1")
    world = (quota, a_pod_pull(), merge(a_cdi(), cdi), DEFAULT, SLOW)
    assert status(CHECK, *world) == ("fail" if slow_needs else "pass")


def test_a_node_pull_needs_no_scratch_space_and_another_driver_no_prime() -> None:
    quota = a_quota("persistentvolumeclaims", "1", "0")
    other = manifest("storage.k8s.io/v1", "CSIDriver", "other.example")
    assert status(CHECK, quota, a_cron(), a_cdi(), DEFAULT, other) == "pass"


def test_pollers_of_a_cdi_without_hco_are_looked_for_where_they_are() -> None:
    cron = merge(a_pod_pull(), {"metadata": {"annotations": dict.fromkeys(SSP_OWNED)}})
    labels = {
        "cdi.kubevirt.io/dataImportCron": cron["metadata"]["name"],
        "cdi.kubevirt.io/dataImportCronNs": cron["metadata"]["namespace"],
    }
    name = f"{cron['metadata']['name']}-{cron['metadata']['uid'][:8]}"
    job = manifest("batch/v1", "CronJob", name, "d8-cdi", metadata={"labels": labels})
    quota = a_quota("pods", "4", "4", namespace="d8-cdi")
    assert only_finding(CHECK, quota, cron, job).summary.startswith(
        "Quota golden of namespace d8-cdi leaves no room for the pollers"
    )
    assert status(CHECK, quota, cron) == "pass"


def scoped(quota: Manifest, **spec: object) -> Manifest:
    """The same quota for some pods only."""
    return {**quota, "spec": spec}


CPU = a_quota("limits.cpu", "4", "3500m")
SNAPSHOTS = a_quota("count/volumesnapshots.snapshot.storage.k8s.io", "4", "4")


def test_no_room_for_the_pod_of_an_importer() -> None:
    finding = only_finding(CHECK, CPU, a_cron())
    assert (finding.field, finding.observed) == ("status.used[limits.cpu]", "3500m of 4 used")
    assert finding.expected == "room for 0.75 more, which the import of one image takes"


@pytest.mark.parametrize(
    ("quota", "result"),
    [
        (a_quota("limits.cpu", "4", "3250m"), "pass"),
        (a_quota("requests.memory", "1Gi", "1G"), "pass"),
        (a_quota("memory", "1G", "999M"), "fail"),
        (scoped(CPU, scopes=["NotTerminating"]), "fail"),
        (scoped(CPU, scopes=["Terminating"]), "pass"),
        (
            scoped(CPU, scopeSelector={"matchExpressions": [{"scopeName": "PriorityClass", "operator": "Exists"}]}),
            "pass",
        ),
    ],
)
def test_cpu_and_memory(quota: Manifest, result: str) -> None:
    assert status(CHECK, quota, a_cron()) == result


def test_what_cdi_is_told_its_pods_ask_for() -> None:
    wanted = {"podResourceRequirements": {"limits": {"cpu": 1}, "requests": {"memory": "2Gi"}}}
    told = a_cdi(spec={"config": wanted})
    assert status(CHECK, a_quota("limits.cpu", "4", "3250m"), a_cron(), told) == "fail"
    assert status(CHECK, a_quota("requests.memory", "2Gi", "1Gi"), a_cron(), told) == "fail"


def test_pollers_need_cpu_too() -> None:
    """In CDI's namespace, where no image is imported."""
    quota = a_quota("requests.cpu", "1", "950m", namespace=OPERATORS)
    finding = only_finding(CHECK, quota, a_pod_pull(), an_hco())
    assert finding.expected == "room for 0.1 more"
    assert "leaves no room for the pollers of" in finding.summary


def test_snapshots_are_counted_where_images_are_kept_as_snapshots() -> None:
    as_claims = a_storage_profile(status={"dataImportCronSourceFormat": "pvc"})
    assert status(CHECK, SNAPSHOTS, a_cron(), DEFAULT, a_storage_profile()) == "fail"
    assert status(CHECK, SNAPSHOTS, a_cron(), DEFAULT, as_claims) == "pass"


def test_what_an_import_does_not_take_is_not_missed() -> None:
    """More used than allowed, of something that a boot source does not need."""
    assert status(CHECK, a_quota("count/volumesnapshots.snapshot.storage.k8s.io", "2", "4"), a_cron()) == "pass"
