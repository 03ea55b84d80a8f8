"""Where pods and events are watched besides the namespaces of boot sources: where CDI's pollers run."""

from __future__ import annotations

from exporter.cluster.resources import EVENTS, PERSISTENT_VOLUME_CLAIMS, PODS
from exporter.watch.namespaces import watched_in
from tests.worlds import IMAGES, cluster, manifest

SCOPE = frozenset({IMAGES})
CDI = cluster(manifest("batch/v1", "CronJob", "fedora-image-cron-12345678", "d8-cdi"))


def test_pods_of_jobs_and_warnings_are_watched_where_the_poller_cronjobs_are() -> None:
    assert watched_in(PODS, SCOPE, CDI, None) == {IMAGES: "", "d8-cdi": "job-name"}
    assert watched_in(EVENTS, SCOPE, CDI, None) == {IMAGES: "", "d8-cdi": ""}
    assert watched_in(PERSISTENT_VOLUME_CLAIMS, SCOPE, CDI, None) == {IMAGES: ""}


def test_boot_sources_in_the_namespace_of_cdi_take_all_of_its_pods() -> None:
    assert watched_in(PODS, frozenset({"d8-cdi"}), CDI, None) == {"d8-cdi": ""}


def test_nowhere_without_a_poller_and_nowhere_else_if_it_is_everywhere_already() -> None:
    assert watched_in(PODS, SCOPE, cluster(), None) == {IMAGES: ""}
    assert watched_in(PODS, frozenset({""}), CDI, None) == {"": ""}


def test_not_where_the_administrator_has_not_allowed_it() -> None:
    assert watched_in(EVENTS, SCOPE, CDI, SCOPE) == {IMAGES: ""}
