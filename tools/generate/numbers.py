"""docs/numbers.md: what the numbers about images mean, where they are from, and the table of operating systems."""

from __future__ import annotations

from typing import Final

from exporter.joins.lifecycle import COMPILED, SHIPPED
from tools.generate.markdown import join_blocks, markdown_table

_START: Final = """\
Each fact about an image, where it is known from, and how old that knowledge is. All of it comes from objects of the
cluster: no registry is asked. What is not known is left out, or null in JSON, and never guessed."""
_FACTS: Final = """\
### Image

What the DataSource stands for: a PersistentVolumeClaim or a VolumeSnapshot.

- Known from: `spec.source` of the DataSource; of a pointer `status.source`.
- As of: now, as long as the watches work.

### Digest

Identity of the image in its registry.

- Known from: `status.currentImports` of the DataImportCron; else the last twelve digits of the name, which CDI
  takes from it.
- As of: does not change for an image.

### Imported

The image is at least as old as this.

- Known from: the earlier of `status.lastImportTimestamp` and the creation of the volume. CDI keeps its time when it
  imports the same image again, for example to another StorageClass. Of an image that was made or uploaded: the
  creation of the volume. When the publisher built it only the registry knows.
- As of: does not change for an image.

### First import

The oldest image of the boot source that still exists.

- Known from: creation of its claims and snapshots. What has been deleted leaves no trace.
- As of: now.

### Size

What the image takes at most.

- Known from: `status.capacity` of the claim, `status.restoreSize` of the snapshot. Storage that provisions thinly,
  or shares blocks between a snapshot and its clones, uses less; no API tells how much.
- As of: now.

### StorageClass

Where the image is.

- Known from: `spec.storageClassName` of the claim. A snapshot does not say: it is what CDI has noted on the
  DataImportCron, and only for the newest image. Bytes of snapshots are therefore summed up by VolumeSnapshotClass.
- As of: now; of a snapshot as of the last import.

### Old images

Claims and snapshots of a DataImportCron that are neither its newest image nor what any DataSource stands for.

- Known from: label `cdi.kubevirt.io/dataImportCron`. Orphaned: the DataImportCron is gone as well. What is being
  deleted does not count.
- As of: now.

### Generations

0 is the image that the next virtual machine boots, 1 the one before it, and so on.

- Known from: images that exist, by their creation, and images that are gone, by the DataVolumes that were cloned
  from them: virt-controller writes the image into each. One that is gone is at least as old as its first clone,
  which is known to within four weeks, so that the order of such images is not exact either.
- As of: now.

### Volumes of a generation

How many virtual machines run from an image.

- Known from: finished DataVolumes by `spec.source`, nearly always one for each virtual machine. Not counted:
  volumes whose DataVolume was deleted, and those with a `sourceRef` of their own, which do not tell the image.
- As of: now.

### Proven newest

When it was last certain that the source has nothing newer.

- Known from: evidence `cdi`: the last successful poll while UpToDate is True, else the time at which it became
  False.
- As of: the number is its own age.

### Operating system

What the image holds.

- Known from: the first of these that tells a release: label `instancetype.kubevirt.io/default-preference`, labels
  `os.template.kubevirt.io/...` (on the DataSource, the image, the DataImportCron), the path and tag of the image,
  the name of the DataSource. Names never overrule labels.
- As of: as of when the labels were written.

### End of life

The last day on which its maker maintains the release.

- Known from: `images.end-of-life` in the configuration file, else the table below.
- As of: the table: the month that it names."""
_QUERIES: Final = """\
Ages are computed when you ask, from the times in the metrics. Some questions as PromQL:

```promql
# Age of what the next virtual machine boots, in days
(time() - bootsource_datasource_image_imported_timestamp_seconds{generation="0"}) / 86400

# Virtual machines that run from an image of more than 90 days ago, by boot source
sum by (object_namespace, datasource) (
  bootsource_datasource_image_volumes
  and time() - bootsource_datasource_image_imported_timestamp_seconds > 90 * 86400
)

# Virtual machines that run from the second image before the current one, or an older one
sum by (object_namespace, datasource) (bootsource_datasource_image_volumes{generation!~"0|1"})

# GiB that old images take, by class
sum by (kind, class) (bootsource_stored_image_bytes{state!="current"}) / 2^30
```"""
_TABLE: Final = f"""\
This table was last compared with what the makers publish in {COMPILED:%B %Y}. It has the last day of maintenance for
everyone who has an ordinary subscription: long term support that is free counts, extensions that are bought do not. A
minor release is looked up as its major one. A release that is not in the table is never judged, and nothing is
concluded from its neighbours. Correct or complete it in the [configuration file](configuration.md#images):

```yaml
images:
  end-of-life:
    Red Hat Enterprise Linux 7: 2028-06-30 # extended support was bought
    Fedora 39: never                       # not judged
```"""


def numbers_page() -> str:
    """The page."""
    return join_blocks(
        "# What the numbers mean",
        _START,
        "## Facts",
        _FACTS,
        "## Questions",
        _QUERIES,
        "## End of life",
        _TABLE,
        markdown_table(("Release", "Last day"), [(release, f"{day}") for release, day in SHIPPED.items()]),
    )
