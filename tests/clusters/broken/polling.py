"""Nobody looks for newer images any more, or nobody ever has."""

from __future__ import annotations

from tests.clusters.broken.changes import (
    ask,
    broken,
    frozen,
    no_digest,
    refuse_cron,
    stuck,
    unwritten,
    waiting_poller,
    warning,
)
from tests.clusters.controllers import image_stream, settle
from tests.clusters.entries import corp, entry
from tests.clusters.importing import claim
from tests.clusters.sample import CRON, IMPORT, Sample
from tests.worlds import Manifest, ago, condition, manifest, merge

_NEW = {"ready": False, "restartCount": 0}
STREAM = {"imageStream": "golden-rhel", "pullMethod": "node"}


def from_claim(s: Sample) -> Manifest:
    """A boot source that copies a team's claim."""
    mine = entry(s.shape, "corp-gold", {})
    mine["spec"]["template"]["spec"]["source"] = {"pvc": {"namespace": "team-a", "name": "golden"}}
    return mine


def a_team_claim() -> Manifest:
    """What it copies."""
    return claim("golden", "team-a")


@broken("4.18")
def invalid_schedule(s: Sample) -> None:
    """Sunday as 7: CDI refuses the cron."""
    ask(s, corp(s.shape, "corp-alma9", spec={"schedule": "0 4 * * 7"}))
    refuse_cron(s, "corp-alma9-image-cron", "Illegal cron schedule")


@broken()
def schedule_never_fires(s: Sample) -> None:
    """31 February, on an ImageStream: CDI polls by chance only."""
    ask(
        s,
        merge(entry(s.shape, "rhel9", {"imageStream": "rhel9-guest", "pullMethod": "node"}), _schedule("0 0 31 2 *")),
    )
    cron = s.cron("rhel9")
    frozen(cron, days=17)
    cron["metadata"]["annotations"][IMPORT + "nextCronTime"] = "0001-01-01T00:00:00Z"


def _schedule(text: str) -> Manifest:
    return {"spec": {"schedule": text}}


@broken("kubernetes")
def schedule_refused_by_cronjob(s: Sample) -> None:
    """CDI accepts a time zone, Kubernetes refuses it in the CronJob."""
    ask(s, corp(s.shape, "corp-suse15", spec={"schedule": "CRON_TZ=Europe/Berlin 0 3 * * *"}))
    cron = s.cron("corp-suse15")
    unwritten(s, cron, days=6)
    s.drop("DataSource", "corp-suse15", s.shape.images)


@broken()
def image_pinned_by_digest(s: Sample) -> None:
    """The URL is pinned: CDI appends the digest that it polled, and nothing can parse that."""
    pinned = {"url": "docker://registry.corp.example/os/alma9@sha256:" + "ab" * 32}
    ask(s, merge(corp(s.shape, "corp-alma9"), {"spec": {"template": {"spec": {"source": {"registry": pinned}}}}}))
    cron = s.cron("corp-alma9")
    no_digest(s, cron, days=6)
    cron["status"]["lastExecutionTimestamp"] = ago(minutes=19)
    why = ("Error", "Could not parse image: invalid reference format")
    stuck(s, cron, "ImportInProgress", running=why, restarts=400, days=6)


@broken()
def image_stream_missing(s: Sample) -> None:
    """The ImageStream is in the team's namespace, not in the cron's."""
    ask(s, entry(s.shape, "corp-rhel", STREAM))
    unwritten(s, s.cron("corp-rhel"), days=5)
    s.put(image_stream("golden-rhel", "team-a", "golden"))


@broken()
def image_stream_tag_missing(s: Sample) -> None:
    """The cron asks for 9.6, the ImageStream has latest."""
    ask(s, entry(s.shape, "corp-rhel", {**STREAM, "imageStream": "golden-rhel:9.6"}))
    unwritten(s, s.cron("corp-rhel"), days=5)
    s.put(image_stream("golden-rhel", s.shape.images, "golden"))


@broken()
def image_stream_import_failing(s: Sample) -> None:
    """The cluster's pull secret has no right to the registry: an empty ImageStream, and a cron that CDI never wrote."""
    tag = s.get("ImageStream", "rhel9-guest")["status"]["tags"][0]
    tag["items"] = None
    tag["conditions"] = [condition("ImportSuccess", "False", "Unauthorized", "you may not have access", days=15)]
    unwritten(s, s.cron("rhel9"), days=15)


@broken("4.20")
def source_claim_missing(s: Sample) -> None:
    """The claim to copy does not exist."""
    ask(s, from_claim(s))
    unwritten(s, s.cron("corp-gold"), days=9)


@broken()
def source_claim_unauthorized(s: Sample) -> None:
    """The claim is there, and the cron may not clone it."""
    s.put(a_team_claim())
    ask(s, from_claim(s))
    cron = s.cron("corp-gold")
    no_digest(s, cron, days=3)
    cron["metadata"]["annotations"][IMPORT + "sourceDesiredDigest"] = "uid:0123456789ab"
    cron["status"]["lastExecutionTimestamp"] = ago(minutes=19)
    cron["status"]["conditions"] = [
        condition("Progressing", "False", "NotAuthorized", "Not authorized to create DataVolume", days=3),
        condition("UpToDate", "False", "Outdated", "Source digest updated since last import", days=3),
    ]


@broken()
def poller_image_pull_failing(s: Sample) -> None:
    """The nodes cannot pull the image any more: a poller pod hangs, and the cron says that it is up to date."""
    cron = s.cron("fedora")
    frozen(cron, days=12)
    owner = {"kind": "DataImportCron", "name": cron["metadata"]["name"], "apiVersion": cron["apiVersion"], "uid": "1"}
    waits = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "manifest unknown"}}}
    meta = {"ownerReferences": [owner], "creationTimestamp": ago(days=12)}
    body = {"containers": [{"name": "image", "image": "quay.io/containerdisks/fedora:latest"}]}
    status = {"phase": "Pending", "containerStatuses": [{"name": "image", "image": "", "imageID": "", **_NEW, **waits}]}
    s.put(manifest("v1", "Pod", "poller-fedora-image-cron", s.shape.images, metadata=meta, spec=body, status=status))


@broken()
def rival_cron(s: Sample) -> None:
    """Somebody made a second cron for a DataSource that has one."""
    mine = merge(s.cron("fedora"), {"metadata": {"name": "hourly-update", "annotations": None}, "status": None})
    s.put(merge(mine, {"metadata": {"annotations": {}, "creationTimestamp": ago(days=4)}, "status": {}}))


@broken("kubernetes")
def digest_unknown(s: Sample) -> None:
    """Pods cannot reach the registry: fedora was never polled with success."""
    cron, name = s.cron("fedora"), "fedora-image-cron"
    (job,) = s.all("CronJob", **{CRON: name})
    no_digest(s, cron, days=20)
    s.put(merge(job, {"status": {"lastScheduleTime": ago(minutes=19), "lastSuccessfulTime": None}}))
    s.drop("VirtualMachine", "web-1", "shop")


@broken("kubernetes")
def registry_without_contact(s: Sample) -> None:
    """Pods cannot reach quay.io; the registry in the house works."""
    for name in ("centos-stream10", "fedora"):
        cron = s.cron(name)
        (job,) = s.all("CronJob", **{CRON: cron["metadata"]["name"]})
        no_digest(s, cron, days=20)
        s.put(merge(job, {"status": {"lastScheduleTime": ago(minutes=19), "lastSuccessfulTime": None}}))
    s.drop("VirtualMachine", "web-1", "shop")


@broken("kubernetes")
def registries_without_contact(s: Sample) -> None:
    """A disconnected cluster: no registry at all has given anything."""
    registry_without_contact(s)
    cron = s.cron("corp-debian12")
    (job,) = s.all("CronJob", **{CRON: cron["metadata"]["name"]})
    no_digest(s, cron, days=20)
    s.put(merge(job, {"status": {"lastScheduleTime": ago(minutes=19), "lastSuccessfulTime": None}}))


@broken("kubernetes")
def registry_access_missing(s: Sample) -> None:
    """The CA is in the namespace of the boot sources alone: pollers, which run elsewhere, wait for it."""
    named = {"spec": {"template": {"spec": {"source": {"registry": {"certConfigMap": "corp-ca"}}}}}}
    ask(s, corp(s.shape, "corp-alma9", **named), corp(s.shape, "corp-suse15", **named))
    for name in ("corp-alma9", "corp-suse15"):
        cron = s.cron(name)
        (job,) = s.all("CronJob", **{CRON: cron["metadata"]["name"]})
        no_digest(s, cron, days=2)
        s.put(job)
        pod, why = waiting_poller(s, cron, "ContainerCreating"), 'configmap "corp-ca" not found'
        s.put(
            warning("Pod", pod, s.shape.operators, "FailedMount", f'MountVolume.SetUp failed for volume "ca" : {why}')
        )


@broken("kubernetes")
def poller_not_starting(s: Sample) -> None:
    """The image of the poller cannot be pulled: nothing is polled, and every boot source goes on to say UpToDate."""
    for cron in s.all("DataImportCron"):
        frozen(cron, days=12)
        waiting_poller(s, cron, "ImagePullBackOff", "Back-off pulling image quay.io/kubevirt/cdi-importer")


@broken("4.18")
def digest_unknown_on_a_node(s: Sample) -> None:
    """On this version nodes pull, but pods poll: a mirror that only nodes know does not help."""
    cron, name = s.cron("fedora"), "fedora-image-cron"
    (job,) = s.all("CronJob", **{CRON: name})
    no_digest(s, cron, days=20)
    s.put(merge(job, {"status": {"lastScheduleTime": ago(minutes=19), "lastSuccessfulTime": None}}))
    s.drop("VirtualMachine", "web-1", "shop")


@broken()
def polling_frozen(s: Sample) -> None:
    """The silent freeze: UpToDate is True, and nobody has looked for twelve days."""
    frozen(s.cron("fedora"), days=12)


@broken("kubernetes")
def polling_frozen_in_a_cronjob(s: Sample) -> None:
    """The same where a CronJob polls: it is started, and never succeeds."""
    frozen(s.cron("fedora"), days=12)
    (job,) = s.all("CronJob", **{CRON: "fedora-image-cron"})
    job["status"]["lastSuccessfulTime"] = ago(days=12)


@broken()
def external_digest_missing(s: Sample) -> None:
    """An empty schedule: a pipeline is to write the digest, and has not done so yet."""
    ask(s, corp(s.shape, "corp-alma9", spec={"schedule": ""}))
    cron = s.cron("corp-alma9")
    no_digest(s, cron, days=50)
    settle(s)
