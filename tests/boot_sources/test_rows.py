"""One row per boot source: what it says, and that nothing is said of what is not known."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.boot_sources.builder import build_boot_sources
from exporter.boot_sources.document import Row, RowOrigin
from exporter.boot_sources.operating_system import system_name
from exporter.boot_sources.state import WORST_FIRST, SourceState
from exporter.checks.evaluate import evaluate_cluster
from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    DATA_SOURCES,
    HYPERCONVERGEDS,
    TEMPLATES,
    VIRTUAL_MACHINES,
    VOLUME_SNAPSHOTS,
)
from exporter.kube.contract import State
from exporter.report import Severity
from exporter.schedule.timetable import Timetable
from tests.worlds import (
    IMAGES,
    NOW,
    SSP_OWNED,
    Manifest,
    a_cdi,
    a_claim,
    a_cron,
    a_data_source,
    a_machine,
    a_snapshot,
    a_storage_class,
    a_template,
    ago,
    an_entry,
    an_hco,
    an_ssp,
    cluster,
    condition,
    manifest,
)

PREFERENCE = "instancetype.kubevirt.io/default-preference"
CONTENT = manifest("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent", "content-fedora-0123456789ab")


def rows(*manifests: Manifest, states: Any = None) -> list[Row]:
    frozen = cluster(*manifests, states=states)
    report = evaluate_cluster(frozen, NOW).report
    return [source.row for source in build_boot_sources(frozen, report, NOW, Timetable()).boot_sources]


def row(*manifests: Manifest, states: Any = None) -> Row:
    (one,) = rows(*manifests, states=states)
    return one


def healthy(**cron: Any) -> tuple[Manifest, ...]:
    entry = an_entry()
    return (
        *(an_hco(commons=[entry]), an_ssp(entries=[entry]), a_cdi(), a_storage_class(virt="true")),
        *(a_cron(**cron), a_data_source(metadata={"labels": {PREFERENCE: "fedora"}}), CONTENT, a_snapshot()),
    )


def outdated(reason: str, progressing: str, *, minutes: float = 3 * 24 * 60) -> Manifest:
    told = [
        condition("UpToDate", "False", reason, minutes=minutes),
        condition("Progressing", progressing, minutes=minutes),
    ]
    return {"status": {"conditions": told}}


def test_a_healthy_boot_source() -> None:
    one = row(*healthy(), a_template(), a_machine())
    assert (one.namespace, one.name, one.data_import_cron) == (IMAGES, "fedora", "fedora-image-cron")
    assert (one.os, one.origin, one.state) == ("Fedora", RowOrigin.COMMON, SourceState.UP_TO_DATE)
    assert one.status.startswith("usable, newest, checked ")
    assert (one.usable, one.newest, one.problem) == (True, True, None)
    assert (one.storage_class, one.format, one.templates, one.virtual_machines) == ("fast", "snapshot", 1, 1)
    assert one.imported is not None
    assert one.last_polled is not None
    assert one.next_poll is not None
    assert one.last_polled < NOW < one.next_poll


@pytest.mark.parametrize(
    ("change", "state", "status"),
    [
        (outdated("Outdated", "False"), SourceState.OUTDATED, "usable, outdated for 3 days"),
        (
            outdated("ImportProgressing", "True", minutes=5),
            SourceState.UPDATING,
            "usable, a newer image is being imported",
        ),
        (outdated("NoDigest", "False"), SourceState.UNCHECKED, "usable, not known whether it is the newest"),
        ({"spec": {"schedule": "0 0 31 2 *"}}, SourceState.UNCHECKED, "usable, last checked "),
        (
            {
                "metadata": {"annotations": {"cdi.kubevirt.io/storage.import.lastCronTime": ago(days=9)}},
                "status": {"lastExecutionTimestamp": ago(days=9)},
            },
            SourceState.UNCHECKED,
            "usable, last checked 9 days ago",
        ),
    ],
    ids=["outdated", "updating", "no digest", "never fires", "frozen"],
)
def test_updates_in_words(change: Manifest, state: SourceState, status: str) -> None:
    one = row(*healthy(**change))
    assert one.state is state
    assert one.status.startswith(status)
    assert one.usable is True
    assert one.newest is (None if state is SourceState.UNCHECKED else False)


def test_an_import_that_fails_is_not_called_an_update() -> None:
    one = row(*healthy(**outdated("ImportProgressing", "True", minutes=9 * 24 * 60)))
    assert one.problem is not None
    assert one.problem.severity is Severity.WARNING
    assert (one.state, one.newest) == (SourceState.OUTDATED, False)


def test_an_image_that_is_gone_is_not_usable_whatever_cdi_says() -> None:
    one = row(*healthy()[:-1])
    assert (one.usable, one.state) == (False, SourceState.NOT_USABLE)
    assert one.status == "not usable: its image does not exist"
    assert one.format == "snapshot"


def test_a_snapshot_without_content_is_not_usable_whatever_cdi_says() -> None:
    one = row(*(each for each in healthy() if each is not CONTENT))
    assert one.status == "not usable: its image is lost"
    assert one.problem is not None
    assert one.problem.check == "snapshot-content-lost"


def test_an_image_that_cannot_be_read_is_not_missing() -> None:
    one = row(*healthy()[:-1], states={VOLUME_SNAPSHOTS: State.FORBIDDEN})
    assert (one.usable, one.state) == (True, SourceState.UP_TO_DATE)
    assert one.imported is None


@pytest.mark.parametrize(
    ("ready", "state", "status"),
    [
        (condition("Ready", "Unknown"), SourceState.UNKNOWN, "unknown: CDI has not reported on it yet"),
        (condition("Ready", "False", "NoSource"), SourceState.NOT_USABLE, "not usable: no image has been imported"),
        (condition("Ready", "False", "Odd"), SourceState.NOT_USABLE, "not usable: CDI says Odd"),
    ],
    ids=["silent", "no source", "another reason"],
)
def test_a_source_that_is_not_ready(ready: Manifest, state: SourceState, status: str) -> None:
    one = row(a_cron(), a_data_source(status={"conditions": [ready]}), a_snapshot())
    assert (one.state, one.status) == (state, status)


def test_sources_that_cannot_be_read_are_unknown() -> None:
    one = row(a_cron(), states={DATA_SOURCES: State.FORBIDDEN})
    assert (one.usable, one.state) == (None, SourceState.UNKNOWN)
    assert one.status == "unknown: its DataSource is not readable"


def test_without_crons_nobody_knows_whether_an_image_is_the_newest() -> None:
    one = row(a_data_source(), a_snapshot(), states={DATA_IMPORT_CRONS: State.FORBIDDEN})
    assert (one.usable, one.newest, one.state) == (True, None, SourceState.UNCHECKED)


def test_consumers_are_counted_only_where_they_are_known() -> None:
    hidden = dict.fromkeys((TEMPLATES, VIRTUAL_MACHINES), State.FORBIDDEN)
    one = row(*healthy(), states=hidden)
    assert (one.templates, one.virtual_machines) == (None, None)


def test_machines_that_run_count_once_each() -> None:
    running = [a_machine(f"web-{number}", running=True) for number in range(3)]
    assert row(*healthy(), *running, a_machine("stopped", failure="not found")).virtual_machines == 4


def test_origins() -> None:
    made_by_hand = a_data_source("mine", cron="")
    placeholder = a_data_source(
        "win11",
        cron="",
        metadata={"annotations": SSP_OWNED},
        spec={"source": {"snapshot": None, "pvc": {"name": "win11"}}},
    )
    pointer = a_data_source("link", cron="", spec={"source": {"snapshot": None, "dataSource": {"name": "fedora"}}})
    lone = a_cron("lone", managed="lone", metadata={"annotations": None})
    found = {one.name: one.origin for one in rows(*healthy(), made_by_hand, placeholder, pointer, lone)}
    assert found == {
        "fedora": RowOrigin.COMMON,
        "mine": RowOrigin.MANUAL,
        "win11": RowOrigin.PLACEHOLDER,
        "link": RowOrigin.POINTER,
        "lone": RowOrigin.STANDALONE,
    }


def test_without_hyperconverged_the_origin_of_a_cron_is_not_known() -> None:
    assert row(a_cron(), a_data_source(), states={HYPERCONVERGEDS: State.FORBIDDEN}).origin is None


def test_a_source_made_by_hand_is_static() -> None:
    point = {"source": {"snapshot": None, "pvc": {"name": "fedora-0123456789ab"}}}
    one = row(a_data_source(cron="", spec=point), a_claim())
    assert (one.state, one.status, one.format) == (SourceState.STATIC, "usable, not updated", "pvc")


def test_a_pointer_is_as_new_as_what_it_points_at() -> None:
    target = {"source": {"snapshot": {"name": "fedora-0123456789ab"}}}
    spec = {"source": {"snapshot": None, "dataSource": {"name": "fedora"}}}
    ready = [condition("Ready", "True", "Ready")]
    pointer = a_data_source("link", cron="", spec=spec, status={**target, "conditions": ready})
    (link,) = [one for one in rows(*healthy(), pointer) if one.name == "link"]
    assert (link.state, link.newest, link.format) == (SourceState.UP_TO_DATE, True, "snapshot")


def test_a_common_entry_that_is_disabled_is_listed_by_its_data_source() -> None:
    marks = {"annotations": {"dataimportcrontemplate.kubevirt.io/enable": "false"}}
    off = {"metadata": {"name": "fedora-image-cron", **marks}}
    one = row(an_hco(entries=[off], taken=[]))
    assert (one.name, one.os, one.state) == ("fedora", "Fedora", SourceState.DISABLED)
    assert one.status == "disabled, no image"


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("rhel.9", "Red Hat Enterprise Linux 9"),
        ("rhel9", "Red Hat Enterprise Linux 9"),
        ("rhel.10.arm64", "Red Hat Enterprise Linux 10"),
        ("centos.stream9", "CentOS Stream 9"),
        ("centos-stream10", "CentOS Stream 10"),
        ("centos7", "CentOS Linux 7"),
        ("fedora-arm64", "Fedora"),
        ("windows.11.virtio", "Windows 11"),
        ("windows.2k22", "Windows Server 2022"),
        ("win2k19", "Windows Server 2019"),
        ("ubuntu.22.04", "Ubuntu 22.04"),
        ("opensuse.leap", "openSUSE Leap"),
        ("corp-gold", ""),
        ("", ""),
    ],
)
def test_names_of_systems(spelling: str, name: str) -> None:
    assert system_name(spelling) == name


def test_every_state_has_its_place_in_the_order() -> None:
    assert set(WORST_FIRST) == set(SourceState)
