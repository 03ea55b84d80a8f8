"""Old images that nothing boots, and that take more storage than they are worth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from exporter.base.excerpts import list_some
from exporter.base.phrases import counted
from exporter.base.sizes import GIB, format_gib
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, advice, command
from exporter.checks.imports._images import describe_size
from exporter.joins.boot_images import old_images, sum_sizes
from exporter.joins.images import StoredImage
from exporter.report import Severity

_SIZE: Final = Threshold("gib", 100, "how many GiB old images may take in all")
_GRACE: Final = Threshold("grace", timedelta(hours=24), "how long an old image does not count, since clones may run")
_MOST_NAMES: Final = 20
"""Names in one command."""
_OLDEST: Final = datetime.min.replace(tzinfo=UTC)


@check(
    id="storage-wasted-by-old-images",
    severity=Severity.INFO,
    over=None,
    reads=(old_images,),
    summary="Old images that nothing boots take much storage",
    meaning=(
        "Claims and snapshots of DataImportCrons that are neither the newest image nor what any DataSource stands for. CDI "
        "keeps as many as importsToKeep says, 3 by default, and those of a DataImportCron that is gone stay. The size is the "
        "capacity of claims and the restore size of snapshots: storage that provisions thinly takes less."
    ),
    impact="The storage is not there for virtual machines, and counts against quotas.",
    diagnosis="`oc get persistentvolumeclaim,volumesnapshot -A -l cdi.kubevirt.io/dataImportCron`.",
    mitigation="Set importsToKeep to 1 in the entries, and delete the images that are not needed any more.",
    thresholds=(_SIZE, _GRACE),
    alert_for=timedelta(hours=24),
    scenarios=("F38", "F67"),
)
def storage_wasted_by_old_images(_: None, ctx: Context) -> Verdict:
    """Sum up what was superseded more than a day ago; images of unknown size count as 0."""
    images = [image for several in ctx.join(old_images).values() for image in several]
    old = sorted((i for i in images if ctx.older(i.last_use, ctx.limit(_GRACE))), key=_last_use)
    stored, limit = sum_sizes(old), ctx.limit(_SIZE)
    if stored.size <= limit * GIB:
        return PASSED
    return Failed(
        summary=f"{counted(stored.images, 'old image')} that no DataSource stands for "
        f"{'takes' if stored.images == 1 else 'take'} {describe_size(stored)}, {_by_class(old)}",
        field="metadata.labels[cdi.kubevirt.io/dataImportCron]",
        observed=format_gib(stored.size),
        expected=f"at most {limit} GiB",
        since=_crossed(old, limit * GIB),
        grace=ctx.limit(_GRACE),
        causes=(Cause("old-images-pile-up"), Cause("orphaned-image")),
        fix=_fixes(old, ctx),
    )


def _last_use(image: StoredImage) -> datetime:
    return image.last_use or _OLDEST


def _crossed(old: list[StoredImage], limit: int) -> datetime | None:
    """When the image became old that was one too many."""
    total = 0
    for image in old:
        total += image.size or 0
        if total > limit:
            return image.last_use
    return None


def _by_class(old: Iterable[StoredImage]) -> str:
    """`on StorageClass fast`; of several classes `30 GiB on StorageClass fast`, the largest first."""
    found: dict[str, int] = {}
    for image in old:
        place = f"on {image.storage}" if image.storage else "of no class"
        found[place] = found.get(place, 0) + (image.size or 0)
    if len(found) == 1:
        return next(iter(found))
    largest = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return list_some(f"{format_gib(size)} {place}" for place, size in largest)


def _fixes(old: list[StoredImage], ctx: Context) -> tuple[Fix, ...]:
    groups: dict[tuple[str, str], list[StoredImage]] = {}
    for image in old:
        groups.setdefault((image.ref.namespace, image.ref.kind), []).append(image)
    return (
        advice(
            "Set importsToKeep to 1 in the entries whose old images nobody wants back; CDI then deletes them itself"
        ),
        *(_delete(namespace, kind, images, ctx) for (namespace, kind), images in sorted(groups.items())),
    )


def _delete(namespace: str, kind: str, images: list[StoredImage], ctx: Context) -> Fix:
    """The oldest first. A claim that still has its DataVolume would be made again."""
    some = images[:_MOST_NAMES]
    client, resource = ctx.platform.client, kind.lower()
    kinds = f"datavolume,{resource}" if resource == "persistentvolumeclaim" else resource
    rest = f"; {len(images) - len(some)} more are left for another time" if len(images) > len(some) else ""
    return Fix(
        command(client, "delete", kinds, *(i.ref.name for i in some), "-n", namespace, "--ignore-not-found"),
        command(client, "get", resource, "-n", namespace),
        f"Deletes {counted(len(some), 'old image')} ({describe_size(sum_sizes(some))}) for good{rest}; clones of them that "
        "are still running fail",
    )
