"""Which ImageStream, and which of its tags, a cron follows."""

from __future__ import annotations

from exporter.model.cdi import DataImportCron
from exporter.model.openshift import ImageStream, TagStatus
from exporter.model.wire import ABSENT, Absent


def followed(cron: DataImportCron) -> tuple[str, str]:
    """Name and tag of the ImageStream that the cron follows; both "" if it follows none, the tag "" if it names none."""
    registry = cron.source.registry
    name, _, tag = (registry.image_stream if registry else "").partition(":")
    return name, tag


def followed_tag(stream: ImageStream, tag: str) -> TagStatus | Absent:
    """The tag's status. Without a tag CDI takes the first of status.tags, which need not be `latest`."""
    tags = stream.status.tags
    return next((t for t in tags if not tag or t.tag == tag), ABSENT)
