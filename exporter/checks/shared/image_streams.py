"""Which ImageStream, and which of its tags, a cron follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.checks.shared.refs import cron_ref
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, IMAGE_STREAMS
from exporter.cluster.snapshot import View, joint
from exporter.kube.contract import Key
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


@dataclass(frozen=True, slots=True)
class FollowedTag:
    """The tag of an ImageStream that a cron follows."""

    origin: str
    """The image that OpenShift imports it from; "" if that is not told."""
    status: TagStatus


@joint(DATA_IMPORT_CRONS, IMAGE_STREAMS)
def followed_tags(view: View) -> Mapping[Ref, FollowedTag]:
    """The tag that each cron follows, where there is one with a status."""
    found: dict[Ref, FollowedTag] = {}
    streams = view[IMAGE_STREAMS].rows
    for key, cron in view[DATA_IMPORT_CRONS]:
        name, tag = followed(cron)
        stream = streams.get(Key(key.namespace, name)) if name else None
        status = followed_tag(stream, tag) if stream is not None else ABSENT
        if stream is not None and status is not ABSENT:
            found[cron_ref(cron)] = FollowedTag(stream.origin(status.tag), status)
    return found
