"""The model against what the API server and the webhooks of CDI 1.61.5 and 1.66.0 answered to server-side dry runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from exporter.joins.admission import REMOVE, admit
from tests.joins.admission.manifests import VALID, instead, name, registry, size, spec, volume

URL: Final = "docker://quay.io/containerdisks/fedora:latest"
OCI: Final = "oci-archive://quay.io/containerdisks/fedora:latest"
CHECKPOINTS: Final = [{"current": "a", "previous": "b"}]
SCHEDULES: Final = (
    *("0 0 * * 7", "0 0 0 * * *", "0 0 31 2 *", "@every 1h", "@reboot", "@daily", "TZ=UTC 0 0 * * *"),
    *("CRON_TZ=UTC 0 0 * * *", "1,,2 * * * *", "0 0 * * MON", "0 0 ? * *", "0 0 L * *", "* * * *"),
    *("  0 0 * * *  ", "0 0 1 JAN *", "5/15 * * * *"),
)
CHANGES: Final[dict[str, Any]] = {
    "valid": VALID,
    "no size": volume(storage={}),
    "no storage and no pvc": volume(storage=REMOVE),
    "size 512Ki": size("512Ki"),
    "size '30GB'": size("30GB"),
    "size -1Gi": size("-1Gi"),
    "size number 30": size(30),
    "storageClassName empty": volume(storage={**VALID["spec"]["template"]["spec"]["storage"], "storageClassName": ""}),
    "storage and pvc": volume(pvc={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "30Gi"}}}),
    "pvc": instead(),
    "pvc without accessModes": instead(accessModes=None),
    "pvc unknown accessMode": instead(accessModes=["ReadWriteSome"]),
    "no source": volume(source=REMOVE),
    "source empty": volume(source={}),
    "source.http": volume(source={"http": {"url": "https://example.com/disk.qcow2"}}),
    "source.pvc without namespace": volume(source={"pvc": {"name": "x"}}),
    "source.snapshot": volume(source={"snapshot": {"name": "x", "namespace": "y"}}),
    "registry and pvc": volume(source={"registry": {"url": URL}, "pvc": {"name": "x", "namespace": "y"}}),
    "registry empty": volume(source={"registry": {}}),
    "url https": registry(url="https://quay.io/containerdisks/fedora:latest"),
    "url oci-archive": registry(url=OCI),
    "url oci-archive, node pull": registry(url=OCI, pullMethod="node"),
    "url empty": registry(url=""),
    "url with digest": registry(url=f"docker://quay.io/containerdisks/fedora@sha256:{'a' * 64}"),
    "url and imageStream": registry(imageStream="fedora"),
    "imageStream without pullMethod": registry(url=None, imageStream="fedora"),
    "imageStream, pod pull": registry(url=None, imageStream="fedora", pullMethod="pod"),
    "imageStream empty, node pull": registry(url=None, imageStream="", pullMethod="node"),
    "pullMethod Node": registry(pullMethod="Node"),
    "pullMethod node with url": registry(pullMethod="node"),
    "secretRef with node pull": registry(pullMethod="node", secretRef="registry"),
    "platform.architecture unknown": registry(platform={"architecture": "sparc"}),
    "platform.architecture arm64": registry(platform={"architecture": "arm64"}),
    "contentType kubevirt": volume(contentType="kubevirt"),
    "contentType archive": volume(contentType="archive"),
    "checkpoints": volume(checkpoints=CHECKPOINTS),
    "finalCheckpoint": volume(finalCheckpoint=True),
    "preallocation": volume(preallocation=True),
    "priorityClassName": volume(priorityClassName="low"),
    **{f"schedule '{text}'": spec(schedule=text) for text in SCHEDULES},
    "schedule missing": spec(schedule=REMOVE),
    "importsToKeep -1": spec(importsToKeep=-1),
    "importsToKeep 0": spec(importsToKeep=0),
    "importsToKeep 1.5": spec(importsToKeep=1.5),
    "garbageCollect Never": spec(garbageCollect="Never"),
    "retentionPolicy none": spec(retentionPolicy="none"),
    "retentionPolicy None": spec(retentionPolicy="None"),
    "retentionPolicy Keep": spec(retentionPolicy="Keep"),
    "managedDataSource missing": spec(managedDataSource=REMOVE),
    "managedDataSource upper case": spec(managedDataSource="Probe"),
    "managedDataSource underscore": spec(managedDataSource="pro_be"),
    "managedDataSource dots": spec(managedDataSource="pro.be"),
    "managedDataSource 64": spec(managedDataSource="p" * 64),
    **{f"name of {length}": name("n" * length) for length in (43, 44, 48, 63, 64)},
    "name underscore": name("pro_be"),
    "name dots": name("pro.be"),
    "createdBy by hand": spec(createdBy="me"),
    "unknown field in template": volume(colour="blue"),
    "template metadata labels": spec(template={**VALID["spec"]["template"], "metadata": {"labels": {"a": "b"}}}),
    "volumeMode Blok": volume(storage={**VALID["spec"]["template"]["spec"]["storage"], "volumeMode": "Blok"}),
    "template missing": spec(template=REMOVE),
}


def rows() -> list[Any]:
    """Every recorded row with the minor version of CDI that it comes from."""
    return [
        pytest.param(row, minor, id=f"{minor}: {row['change']}")
        for minor in (61, 66)
        for row in json.loads((Path(__file__).parent / f"cdi-1.{minor}.json").read_text())
    ]


@pytest.mark.parametrize(("row", "minor"), rows())
def test_agrees_with_what_was_recorded(row: dict[str, Any], minor: int) -> None:
    verdict = admit(CHANGES[row["change"]], minor)
    assert verdict.admitted is row["admitted"]
    if not row["admitted"]:
        first = verdict.refusals[0]
        assert first.by == row["by"]
        assert first.says
        assert first.says in row["says"]


@pytest.mark.parametrize("change", CHANGES)
def test_an_unknown_version_is_judged_by_what_all_agree_on(change: str) -> None:
    verdict = admit(CHANGES[change], None)
    answers = {admit(CHANGES[change], minor).admitted for minor in range(40, 70)}
    assert verdict.admitted is (answers.pop() if len(answers) == 1 else None)
