"""A registry URL that is pinned by digest, which no cron can follow."""

from __future__ import annotations

from datetime import timedelta

from exporter.checks.check import PASSED, Context, Failed, Verdict, check
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.model.cdi import DataImportCron
from exporter.report import Severity


@check(
    id="image-pinned-by-digest",
    severity=Severity.WARNING,
    over=DATA_IMPORT_CRONS,
    summary="A boot source is pinned by digest",
    meaning=(
        "The registry URL contains a digest. A cron exists to follow a tag; CDI also appends the digest that it polled "
        "to the URL, which gives an image name that cannot be parsed."
    ),
    impact="The import fails and is tried again for ever; there is never a newer image.",
    diagnosis="`oc get datavolume -n openshift-virtualization-os-images` shows the DataVolume of the cron restarting.",
    mitigation="Name a tag in the entry's URL. To stay on one image, import it once without a cron.",
    alert_for=timedelta(hours=1),
    scenarios=("F31",),
)
def image_pinned_by_digest(cron: DataImportCron, ctx: Context) -> Verdict:
    """Judge the URL. Source: CDI builds the import URL as `<url>@<digest>`."""
    registry = cron.source.registry
    if registry is None or "@" not in registry.url:
        return PASSED
    return Failed(
        summary=f"DataImportCron {cron.metadata.name} is pinned by digest and cannot be imported",
        field="spec.template.spec.source.registry.url",
        observed=registry.url,
        expected=registry.url.partition("@")[0] + ":TAG",
        since=cron.metadata.creation_timestamp,
    )
