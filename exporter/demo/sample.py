"""The objects of the sample cluster: OpenShift Virtualization 4.22 with healthy and broken boot sources of every kind.

Healthy: rhel8 and rhel9 (ImageStreams), centos-stream9 (modified by the administrator, polled on nodes), corp-debian12
(custom, polled on nodes), corp-suse15 (custom, polled by a CronJob).
Broken: fedora is not polled any more, rhel10's ImageStream cannot be imported, corp-alma9 cannot be pulled,
corp-oracle9 was never polled with success (its CronJob fails), corp-gold copies a claim that is gone, two
StorageClasses are virt default, and a template and a virtual machine name a DataSource that does not exist.
Switched off: centos-stream10.
Old: corp-centos7 has been the newest that there is for two years and is not maintained any more, win2k19 was uploaded
more than a year ago, centos-stream8 has left four images behind, and virtual machines run from images of fedora that
are gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from exporter.demo.api import Object
from exporter.demo.consumers import consumer_objects
from exporter.demo.old_images import old_image_objects
from exporter.demo.platform import operator_objects, platform_objects, storage_objects
from exporter.demo.sources import boot_source_objects, image_stream_objects


def sample_objects(now: datetime) -> Iterator[Object]:
    """All objects as of `now`."""
    yield from platform_objects(now)
    yield from storage_objects(now)
    yield from operator_objects(now)
    yield from boot_source_objects(now)
    yield from image_stream_objects(now)
    yield from old_image_objects(now)
    yield from consumer_objects(now)
