"""The pods that poll a source or import an image, by what they work for."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.cluster.resource import Ref
from exporter.cluster.resources import CRON_JOBS, DATA_IMPORT_CRONS, DATA_VOLUMES, PERSISTENT_VOLUME_CLAIMS, PODS
from exporter.cluster.snapshot import View, joint
from exporter.kube.contract import Key
from exporter.model.bounds import LONGEST_NAME
from exporter.model.cdi import CRON_LABEL, CRON_NAMESPACE_LABEL
from exporter.model.core import Pod

_FIRST_JOB = "initial-job-"
"""CDI polls once as soon as it has made a CronJob, in a Job of this name and the CronJob's."""


@joint(PODS, CRON_JOBS)
def job_pollers(view: View) -> Mapping[Ref, tuple[Key, Pod]]:
    """The pods of poller CronJobs, each with the namespace and name of its DataImportCron."""
    found: dict[Ref, tuple[Key, Pod]] = {}
    for key, pod in view[PODS]:
        cron = _by_labels(pod.metadata.labels) or _by_job(pod.owner("Job"), key.namespace, view)
        if cron is not None and not pod.owner("DataImportCron"):
            found[PODS.ref(*key)] = (cron, pod)
    return found


def _by_labels(labels: Mapping[str, str]) -> Key | None:
    space, name = labels.get(CRON_NAMESPACE_LABEL, ""), labels.get(CRON_LABEL, "")
    return Key(space, name) if space and name else None


def _by_job(job: str, namespace: str, view: View) -> Key | None:
    """The DataImportCron of a Job, which is named after its CronJob, with a prefix or a number."""
    cron_jobs, name = view[CRON_JOBS].rows, job.removeprefix(_FIRST_JOB)
    # One lookup per hyphen: there may be as many CronJobs as pods, so looking through them for each would not end.
    while name and len(name) <= LONGEST_NAME:
        cron_job = cron_jobs.get(Key(namespace, name))
        if cron_job is not None:
            return _by_labels(cron_job.metadata.labels)
        name = name.rpartition("-")[0]
    return None


@joint(job_pollers)
def hanging_pollers(view: View) -> Mapping[Ref, tuple[Ref, Pod]]:
    """The poller of each DataImportCron whose pod has not started, by the DataImportCron; with the name of the pod."""
    found: dict[Ref, tuple[Ref, Pod]] = {}
    for pod, (cron, row) in job_pollers(view).items():
        if row.status.phase == "Pending":
            found.setdefault(DATA_IMPORT_CRONS.ref(*cron), (pod, row))
    return found


@joint(PODS, PERSISTENT_VOLUME_CLAIMS)
def importers(view: View) -> Mapping[Ref, tuple[Ref, Pod]]:
    """The importer pod of each DataVolume that CDI imports, by the DataVolume; with the name of the pod.

    A DataVolume, its claim and the claim that is filled in its place (prime-...) belong to each other as owners.
    """
    claims, found = view[PERSISTENT_VOLUME_CLAIMS].rows, dict[Ref, tuple[Ref, Pod]]()
    for key, pod in view[PODS]:
        name = pod.owner("PersistentVolumeClaim")
        claim = claims.get(Key(key.namespace, name)) if name else None
        owners = claim.metadata.owner_references if claim is not None else ()
        target = next((o.name for o in owners if o.kind == "PersistentVolumeClaim"), name)
        if target:
            # A claim has the name of its DataVolume.
            found[DATA_VOLUMES.ref(key.namespace, target)] = (PODS.ref(*key), pod)
    return found


@joint(DATA_IMPORT_CRONS, PODS)
def node_pollers(view: View) -> Mapping[Ref, Pod]:
    """The pod in which CDI runs the image of a DataImportCron to learn its digest, by the DataImportCron."""
    found: dict[Ref, Pod] = {}
    for key, pod in view[PODS]:
        if name := pod.owner("DataImportCron"):
            found[DATA_IMPORT_CRONS.ref(key.namespace, name)] = pod
    return found
