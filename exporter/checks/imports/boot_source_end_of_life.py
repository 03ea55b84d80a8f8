"""A boot source whose operating system release is no longer maintained."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.imports._images import describe_system, is_booted
from exporter.joins.boot_images import boot_images
from exporter.joins.image_facts import ImageFacts
from exporter.joins.lifecycle import EndOfLife
from exporter.report import Severity


@check(
    id="boot-source-end-of-life",
    severity=Severity.INFO,
    over=boot_images,
    summary="A boot source holds an operating system release that its maker no longer maintains",
    meaning=(
        "The exporter has a small table of operating system releases with the last day of their maintenance, as their makers "
        "have published it. What an image holds is told by its labels (`instancetype.kubevirt.io/default-preference`, "
        "`os.template.kubevirt.io/...`), else by the name of the image or of the DataSource. A release that is not in the "
        "table is never judged. Dates can be replaced, for example by those of extended support, under `images` in the "
        "configuration file."
    ),
    impact=(
        "New virtual machines get no security updates, however recent the image is. Where that is not wanted, set the severity "
        "of this check to warning in the configuration file."
    ),
    diagnosis="`bootsource-exporter list` shows what each boot source holds.",
    mitigation=(
        "Add an entry for a maintained release and point templates at it; then disable this one. If you have bought extended "
        "support, or the image holds something else than its labels say, correct the date or the labels."
    ),
    alert_for=timedelta(hours=1),
    scenarios=("F70",),
)
def boot_source_end_of_life(image: ImageFacts, ctx: Context) -> Verdict:
    """Compare the last day of maintenance with now. What is not known is not judged."""
    end, system = image.end_of_life, image.system
    if end is None or system is None or not is_booted(image) or not ctx.older(end.at, timedelta()):
        return PASSED
    return Failed(
        summary=f"{ctx.ref} holds {system.value}, which has not been maintained since {_last_day(end)}",
        field="spec.source",
        observed=describe_system(system),
        expected=f"a release that is maintained ({_told_by(end)})",
        since=end.at,
        fix=(
            advice(
                "Add an entry for a release that is maintained, and use it in templates. If you have bought extended "
                f"support, set its last day: images.end-of-life, key '{system.value}', in the configuration file"
            ),
            Fix(command(ctx.platform.client, "get", *object_args(ctx.ref), "--show-labels"), note=_LABELS),
        ),
    )


_LABELS = "Look at what the labels say: correct them if the image holds another release"


def _last_day(end: EndOfLife) -> str:
    return f"{end.at - timedelta(days=1):%Y-%m-%d}"


def _told_by(end: EndOfLife) -> str:
    return f"by the exporter's table of {end.compiled:%Y-%m}" if end.compiled else "by the configuration file"
