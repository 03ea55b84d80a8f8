"""A quota that leaves no room: for the next image, or for the pods and jobs that look for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from exporter.base.excerpts import list_some
from exporter.checks.check import Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.shared.import_failures import FailureKind, import_failure_of
from exporter.checks.shared.polling import CRON_JOBS, POLLERS
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.storage import SCRATCH, cdi_defaults, source_formats, target_class
from exporter.checks.storage._import_claims import CLAIMS, claims_of_import
from exporter.checks.storage._pod_demands import pod_demands
from exporter.cluster.resources import DATA_IMPORT_CRONS, RESOURCE_QUOTAS
from exporter.joins.crons import Polling, pollers, polling
from exporter.joins.defaults import defaults
from exporter.joins.images import imports
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.model.core import ResourceQuota
from exporter.model.quantity import bytes_of
from exporter.report import Severity

_IMAGES: Final = "images"
_GRACE: Final = Threshold("grace", timedelta(hours=1), "how long there may be no room for another image")
_POLLERS_GRACE: Final = Threshold("pollers-grace", timedelta(minutes=15), "how long there may be no room for pollers")
_CLASS: Final = ".storageclass.storage.k8s.io"
_SNAPSHOTS: Final = "count/volumesnapshots.snapshot.storage.k8s.io"
_COUNTS_OF_AN_IMPORT: Final = {"count/datavolumes.cdi.kubevirt.io": Decimal(1)}


@check(
    id="quota-exhausted",
    severity=Severity.WARNING,
    over=RESOURCE_QUOTAS,
    reads=(DATA_IMPORT_CRONS, defaults, pollers),
    optional=(imports, pod_demands, source_formats, *CLAIMS),
    thresholds=(_GRACE, _POLLERS_GRACE),
    summary="A quota leaves no room for boot sources",
    meaning=(
        "A ResourceQuota of the namespace is used up. CDI imports a newer image before it collects an old one, and while it "
        "does it may hold three claims of full size: that of the image, the one that it fills in its place (prime, on CSI "
        "drivers), and scratch space (for images that a pod pulls). Scratch space lies on the class of "
        "spec.config.scratchSpaceStorageClass of CDI, else on the Kubernetes default, so quotas per class are counted each. "
        "Pollers need room for their CronJobs and pods in CDI's namespace. Each pod asks for the CPU and memory of "
        "podResourceRequirements of CDI (by default 100m and 60M, limited to 750m and 600M), and an image that is kept as a "
        "snapshot for one more VolumeSnapshot."
    ),
    impact="Newer images are not imported, or not even looked for: boot sources keep the image that they have, new ones get none.",
    diagnosis="`oc describe quota -n NAMESPACE` shows what is used; `oc get pvc,volumesnapshot -n NAMESPACE` what uses it.",
    mitigation="Raise the quota, or make room: delete images that no cron looks after any more, and keep fewer old ones.",
    undated="a quota does not tell since when it is used up",
    alert_for=timedelta(minutes=15),
    scenarios=("F67", "F27", "F18"),
)
def quota_exhausted(quota: ResourceQuota, ctx: Context) -> Verdict:
    """Judge what is left against the largest image, unless an import is under way that will give back what it takes."""
    namespace = ctx.ref.namespace
    crons = [cron for key, cron in ctx[DATA_IMPORT_CRONS] if key.namespace == namespace]
    found: list[Failed] = []
    if crons and not _importing(namespace, ctx):
        found += _images(quota, crons, ctx)
    found += _scratch(quota, ctx)
    if namespace and namespace == ctx.platform.cdi_namespace:
        found += _pollers(quota, ctx)
    return found


def _importing(namespace: str, ctx: Context) -> bool:
    volumes = [i.volume for ref, i in ctx.consult(imports, {}).items() if ref.namespace == namespace]
    return any(v.phase != "Succeeded" and import_failure_of(v) is None for v in volumes)


def _images(quota: ResourceQuota, crons: list[DataImportCron], ctx: Context) -> Iterator[Failed]:
    short: dict[str, list[DataImportCron]] = {}
    for cron in crons:
        for resource, wanted in _needs(cron, ctx).items():
            left = quota.left(resource)
            if wanted and left is not None and left < wanted:
                short.setdefault(resource, []).append(cron)
    for resource, stopped in sorted(short.items())[:1]:
        some = list_some(cron.metadata.name for cron in stopped)
        yield Failed(
            summary=f"Quota {quota.metadata.name} of namespace {quota.metadata.namespace} leaves no room for the next image of {some}",
            field=f"status.used[{resource}]",
            observed=f"{quota.status.used.get(resource, '0')} of {quota.status.hard[resource]} used",
            expected=_room(resource, stopped, ctx),
            grace=ctx.limit(_GRACE),
            causes=tuple(Cause("old-images-pile-up", cron_ref(cron)) for cron in crons),
            affects=tuple(map(cron_ref, stopped)),
            part=_IMAGES,
        )


def _scratch(quota: ResourceQuota, ctx: Context) -> Iterator[Failed]:
    """Imports that wait for a second claim, which need not be on the class of the first (CDI takes the default class)."""
    namespace = ctx.ref.namespace
    stopped = [
        importing.cron
        for ref, importing in ctx.consult(imports, {}).items()
        if ref.namespace == namespace and (t := import_failure_of(importing.volume)) and t.kind is FailureKind.SCRATCH
    ]
    resource = next((r for r in _scratch_resources(quota, stopped, ctx) if _used_up(quota, r)), "")
    if stopped and resource:
        some = list_some(cron.metadata.name for cron in stopped)
        yield Failed(
            summary=f"Quota {quota.metadata.name} of namespace {namespace} leaves no room for the scratch space of {some}",
            field=f"status.used[{resource}]",
            observed=f"{quota.status.used.get(resource, '0')} of {quota.status.hard[resource]} used",
            expected="room for one more claim, or another class for scratch space: scratchSpaceStorageClass of CDI or HyperConverged",
            grace=ctx.limit(_GRACE),
            causes=(Cause("quota-exhausted", ctx.ref, _IMAGES),),
            affects=tuple(map(cron_ref, stopped)),
            part=f"{SCRATCH}-{namespace}",
        )


def _used_up(quota: ResourceQuota, resource: str) -> bool:
    left = quota.left(resource)
    return left is not None and left < 1


def _scratch_resources(quota: ResourceQuota, crons: list[DataImportCron], ctx: Context) -> list[str]:
    """What of the quota a claim for scratch space counts against; its class is one of these."""
    known = cdi_defaults(ctx)
    classes = {*known.virt[:1], *known.kubernetes[:1], *(target_class(cron, ctx) for cron in crons)}
    prefixes = ("", *(f"{name}{_CLASS}/" for name in sorted(classes)))
    every = [f"{p}{what}" for p in prefixes for what in ("persistentvolumeclaims", "requests.storage")]
    return [r for r in (*every, "count/persistentvolumeclaims") if r in quota.status.hard]


def _room(resource: str, crons: list[DataImportCron], ctx: Context) -> str:
    """What the quota should leave for the next image of these."""
    if "persistentvolumeclaims" in resource or resource.endswith("requests.storage"):
        return f"room for one more image: {_at_once(max((claims_of_import(c, ctx) for c in crons), key=len))}"
    wanted = max(_needs(cron, ctx)[resource] for cron in crons)
    return f"room for {_plain(wanted)} more, which the import of one image takes"


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _at_once(places: tuple[str, ...]) -> str:
    if len(places) == 1:
        return "one claim of full size"
    return f"{len(places)} claims of full size, which an import holds at once"


def _needs(cron: DataImportCron, ctx: Context) -> Mapping[str, Decimal]:
    """What a new import takes at once of each resource that a quota can limit."""
    spec = cron.spec.template.spec
    claim = spec.storage or spec.pvc
    size = (
        bytes_of(claim.resources.requests.storage) if claim and claim.resources and claim.resources.requests else None
    )
    places = claims_of_import(cron, ctx)
    pods = int(cron.source.registry is not None)
    found: dict[str, Decimal] = {
        **(_demands(ctx) if pods else {}),
        **_COUNTS_OF_AN_IMPORT,
        "pods": Decimal(pods),
        "count/pods": Decimal(pods),
        "count/persistentvolumeclaims": Decimal(len(places)),
        _SNAPSHOTS: Decimal(ctx.consult(source_formats, {}).get(places[0]) == "snapshot"),
    }
    found |= _claims(places, size)
    return found


def _demands(ctx: Context) -> Mapping[str, Decimal]:
    """CPU and memory of one pod, if what CDI is told of it is known."""
    return ctx.consult(pod_demands, {})


def _claims(places: tuple[str, ...], size: Decimal | None) -> Mapping[str, Decimal]:
    """Claims and their sizes, in all and by StorageClass."""
    found = Counter[str]()
    for place in places:
        for prefix in dict.fromkeys(("", f"{place}{_CLASS}/" if place else "")):
            found[f"{prefix}persistentvolumeclaims"] += 1
            if size is not None:
                # Of Filesystem volumes CDI asks for a little more; that is left out.
                found[f"{prefix}requests.storage"] += int(size)
    return {resource: Decimal(amount) for resource, amount in found.items()}


def _pollers(quota: ResourceQuota, ctx: Context) -> Iterator[Failed]:
    minor = ctx.platform.cdi_minor
    polled = [Key(*key) for key, cron in ctx[DATA_IMPORT_CRONS] if polling(cron, minor) is Polling.CRON_JOB]
    lacking = [key for key in polled if key not in ctx.join(pollers)]
    demands = _demands(ctx)
    needs = {"count/cronjobs.batch": lacking, "count/jobs.batch": polled, "pods": polled, "count/pods": polled}
    for resource, keys in {**needs, **dict.fromkeys(demands, polled)}.items():
        left = quota.left(resource)
        if keys and left is not None and left < demands.get(resource, 1):
            yield Failed(
                summary=f"Quota {quota.metadata.name} of namespace {quota.metadata.namespace} leaves no room for the pollers of "
                + list_some(key.name for key in keys),
                field=f"status.used[{resource}]",
                observed=f"{quota.status.used.get(resource, '0')} of {quota.status.hard[resource]} used",
                expected=f"room for {_plain(demands[resource])} more"
                if resource in demands
                else "room for at least one more",
                grace=ctx.limit(_POLLERS_GRACE),
                affects=tuple(DATA_IMPORT_CRONS.ref(*key) for key in keys),
                part=CRON_JOBS if keys is lacking else f"{POLLERS}/{resource}",
            )
