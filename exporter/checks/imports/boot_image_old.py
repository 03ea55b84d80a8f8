"""A boot source whose image is old."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.durations import format_duration
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Unknown, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.imports._images import is_booted, known_by
from exporter.joins.boot_images import boot_images
from exporter.joins.image_facts import ImageFacts
from exporter.joins.lifecycle import IMAGE_POLICY
from exporter.report import Severity

_AGE: Final = Threshold("age", timedelta(days=180), "how old an image may be, unless `images.max-age` says otherwise")


@check(
    id="boot-image-old",
    severity=Severity.INFO,
    over=boot_images,
    summary="The image that new virtual machines boot is old",
    meaning=(
        "The image was imported long ago, or its volume was made long ago. An image from a registry can be the newest that "
        "there is: then its publisher has not rebuilt it, or has moved on to another tag. An image that somebody has made or "
        "uploaded gets older until somebody replaces it. The limit can be set by operating system and by DataSource under "
        "`images` in the configuration file."
    ),
    impact="New virtual machines lack all updates since then until they have installed them: they start with known vulnerabilities.",
    diagnosis="`oc get dataimportcron,datasource -A` and `bootsource-exporter list` show where the image is from and its age.",
    mitigation=(
        "From a registry: see whether its publisher has a newer tag, and change the entry. Made or uploaded: make a new "
        "volume and point the DataSource at it; virtual machines that exist keep their disks."
    ),
    thresholds=(_AGE,),
    alert_for=timedelta(hours=1),
    scenarios=("F71",),
)
def boot_image_old(image: ImageFacts, ctx: Context) -> Verdict:
    """Compare the time of the import with the limit of this DataSource, of its operating system, or of all."""
    if not is_booted(image):
        return PASSED
    if image.imported is None:
        return Unknown("neither the DataImportCron nor the volume says when the image was made")
    limit = _limit_of(image, ctx)
    made = image.imported.value
    if not ctx.older(made, limit):
        return PASSED
    return Failed(
        summary=f"The image of {ctx.ref} was {'imported' if image.cron else 'made'} on {made:%Y-%m-%d}, more than "
        f"{format_duration(limit)} ago",
        field="status.lastImportTimestamp" if image.cron else "metadata.creationTimestamp",
        observed=f"{made:%Y-%m-%dT%H:%M:%SZ} ({known_by(image.imported.evidence)})",
        expected=f"at most {format_duration(limit)} ago",
        since=made + limit,
        causes=tuple(Cause(check, image.cron) for check in _CRON_CAUSES) if image.cron else (),
        fix=_fixes(image, ctx),
    )


_CRON_CAUSES: Final = (
    "polling-frozen",
    "image-pinned-by-digest",
    "import-outdated",
    "import-failing",
    "digest-unknown",
    "external-digest-missing",
)


def _limit_of(image: ImageFacts, ctx: Context) -> timedelta:
    system = str(image.system.value) if image.system else ""
    configured = ctx.given(IMAGE_POLICY).age_limit(f"{ctx.ref.namespace}/{ctx.ref.name}", system)
    return configured or ctx.limit(_AGE)


def _fixes(image: ImageFacts, ctx: Context) -> tuple[Fix, ...]:
    show = image.cron or ctx.ref
    where = (
        "Ask the publisher of the image for a newer tag, and put it into the entry; CDI has found nothing newer where it looks"
        if image.cron
        else "Make or upload a volume with a new image under a new name, and point the DataSource at it"
    )
    return (
        advice(where),
        Fix(
            command(ctx.platform.client, "get", *object_args(show), "-o", "yaml"),
            note="Shows where the image comes from",
        ),
    )
