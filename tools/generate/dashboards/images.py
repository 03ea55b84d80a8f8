"""The row about the image of a boot source: how old and how large it is, and what runs from older ones."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.history import DATASOURCE, SOURCE
from tools.generate.dashboards.model import Panel, Query, ValueMapping, select_newest

_IMAGE: Final = "bootsource_datasource_image_"
_IMPORTED: Final = f"{_IMAGE}imported_timestamp_seconds"
_END_OF_LIFE: Final = f"{_IMAGE}end_of_life_timestamp_seconds"
_CURRENT: Final = f'{SOURCE},generation="0"'
_OLDER: Final = f'{SOURCE},generation!="0"'
_GENERATION: Final = f"{DATASOURCE}, generation"
_DAY: Final = 86400

PANELS: Final = (
    Panel(
        kind="stat",
        title="Age of its image",
        description="The image that the next virtual machine boots is at least as old as this: the time since it was "
        "imported, or since its volume was made. In the cluster where it is oldest. How old is too old depends on the image; "
        "the check boot-image-old has limits.",
        queries=(Query(f"max(time() - {select_newest(_IMPORTED, _CURRENT, by=DATASOURCE)})"),),
        width=5,
        height=4,
        unit="s",
        decimals=0,
        empty="No image, or nothing dates it",
        steps=((0, "text"),),
    ),
    Panel(
        kind="stat",
        title="Maintained for",
        description="Time until the maker of its operating system ends the maintenance of the release, by the table of the "
        "exporter or its configuration. Ended: in one of the clusters chosen it is over. Not known: nothing tells the release, "
        "or the table does not have it.",
        queries=(
            Query(
                f"clamp_min(min({select_newest(_END_OF_LIFE, SOURCE, by=DATASOURCE)}) - time(), 0) "
                f"or 0 * {select_newest(f'{_IMAGE}info', SOURCE)} - 1"
            ),
        ),
        width=5,
        height=4,
        unit="s",
        decimals=0,
        empty="No image",
        words=(ValueMapping("0", "Ended", "red"), ValueMapping("-1", "Not known", "purple")),
        steps=((0, "orange"), (90 * _DAY, "green")),
    ),
    Panel(
        kind="stat",
        title="Size of its image",
        description="Capacity of its claim, or what a volume needs that is restored from its snapshot. Storage that "
        "provisions thinly uses less. The largest of all clusters chosen.",
        queries=(Query(f"max({select_newest(f'{_IMAGE}size_bytes', SOURCE, by=DATASOURCE)})"),),
        width=4,
        height=4,
        unit="bytes",
        empty="Nothing says how large it is",
        steps=((0, "text"),),
    ),
    Panel(
        kind="stat",
        title="Old images take",
        description="Size of the images of its DataImportCron that nothing boots any more and that still exist, in all "
        "clusters chosen.",
        queries=(Query(f"sum({select_newest('bootsource_datasource_old_image_bytes', SOURCE, by=DATASOURCE)})"),),
        width=4,
        height=4,
        unit="bytes",
        empty="No DataImportCron manages it",
        steps=((0, "text"),),
    ),
    Panel(
        kind="stat",
        title="Machines by image",
        description="Disks of virtual machines that were cloned from the image that it has now, from older ones, and from "
        "images of more than 90 days ago. Old disks are no problem by themselves: virtual machines install updates.",
        queries=(
            Query(f"sum({select_newest(f'{_IMAGE}volumes', _CURRENT, by=DATASOURCE)})", "This image"),
            Query(f"sum({select_newest(f'{_IMAGE}volumes', _OLDER, by=_GENERATION)})", "Older ones"),
            Query(
                f"sum({select_newest(f'{_IMAGE}volumes', SOURCE, by=_GENERATION)} and "
                f"time() - {select_newest(_IMPORTED, SOURCE, by=_GENERATION)} > {90 * _DAY})",
                "Of more than 90 days ago",
            ),
        ),
        width=6,
        height=4,
        empty="No image, or DataVolumes are not known",
        steps=((0, "text"),),
    ),
)
