"""docs/vendor-examples.md: what the audit says of each example of the vendor's documentation, followed to the letter.

`python -m tests.clusters.vendor` writes the page; a test holds it to what the checks find.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exporter.checks.evaluate import evaluate_cluster
from tests.clusters.broken import storage
from tests.clusters.broken.changes import ask, mark_edited, not_ready, refuse_cron, stuck, without_images
from tests.clusters.broken.entries import ENABLE, fedora
from tests.clusters.commands import run
from tests.clusters.controllers import settle
from tests.clusters.entries import corp, entry
from tests.clusters.files import describe_findings
from tests.clusters.healthy import healthy, profile, storage_class
from tests.clusters.sample import Sample, place
from tests.worlds import NOW, merge
from tools.generate.markdown import format_prose, join_blocks, markdown_table

PAGE: Final = Path(__file__).parents[2] / "docs" / "vendor-examples.md"
_GATE: Final = "/spec/featureGates/enableCommonBootImageImport"
_ABOUT: Final = (
    "The documentation of OpenShift Virtualization has a chapter about automatic boot source updates (10.3). Here "
    "each of its examples was followed to the letter on a healthy sample cluster, and the audit asked. The "
    "procedures are described in our words; the numbers are the chapter's sections."
)
Follow = Callable[[Sample], None]


@dataclass(frozen=True)
class Case:
    """An example, followed on one version."""

    shape: str
    follow: Follow
    moment: str = ""
    """When, or with what besides, the audit looks."""


@dataclass(frozen=True)
class Example:
    """One example of the documentation."""

    section: str
    title: str
    done: str
    """What it tells the reader to do."""
    hurts: str
    """Where following it to the letter hurts, or that it does not."""
    cases: tuple[Case, ...]


class RefusedError(Exception):
    """The server does not take the change."""


def close_gate_by_replace(s: Sample) -> None:
    """The documented JSON patch; a server refuses to replace what is not there."""
    name, space = "hyperconverged kubevirt-hyperconverged", s.shape.operators
    operation = f'[{{"op":"replace","path":"{_GATE}","value":false}}]'
    if "enableCommonBootImageImport" not in s.hco["spec"].get("featureGates", {}):
        raise RefusedError
    run(s, f"oc patch {name} -n {space} --type json -p '{operation}'")


def close_gate_at_old_path(s: Sample) -> None:
    """The same as a merge patch, or through GitOps: nothing refuses it."""
    place(s.hco["spec"], "featureGates.enableCommonBootImageImport", new=False)
    settle(s)


def only_a_class(s: Sample) -> None:
    """The example that names a storage class and no source."""
    bare = merge(fedora(s), {"metadata": {"name": "rhel9-image-cron"}, "spec": {"managedDataSource": "rhel9"}})
    bare["spec"] |= {"schedule": "0 */12 * * *", "template": {"spec": {"storage": {"storageClassName": "ceph-rbd"}}}}
    ask(s, bare)
    if s.shape.cdi_minor < 63:
        refuse_cron(s, "rhel9-image-cron", "Missing source")


def delete_by_label(s: Sample) -> None:
    """All DataVolumes and VolumeSnapshots with the label of any cron."""
    for cron in s.all("DataImportCron"):
        without_images(s, cron)
        name = stuck(s, cron, "ImportInProgress", seed="", hours=1)
        s.get("DataVolume", name)["status"]["conditions"] = []
        source = s.get("DataSource", cron["spec"]["managedDataSource"], cron["metadata"]["namespace"])
        not_ready(source, "NotFound", "Snapshot not found", hours=1)


def custom_with_a_common_name(s: Sample) -> None:
    """The example of a custom source, which carries the name of a common one."""
    ask(s, entry(s.shape, "centos-stream9", {"url": "docker://quay.io/containerdisks/centos-stream:9"}))


def move_default(s: Sample) -> None:
    """The last step of the procedure: a class has the virt default again, and CDI imports everything."""
    storage.lose_defaults(s)
    s.get("StorageClass", "ceph-rbd")["metadata"]["annotations"] = {storage.VIRT: "true"}
    settle(s)


def snapshots_where_the_driver_can(s: Sample) -> None:
    """The profile of a class whose driver takes snapshots."""
    s.get("StorageProfile", "ceph-rbd")["spec"] = {"dataImportCronSourceFormat": "snapshot"}
    s.get("StorageProfile", "ceph-rbd")["status"]["dataImportCronSourceFormat"] = "snapshot"
    settle(s)


def disable_one(s: Sample) -> None:
    """A common boot source switched off by its annotation."""
    ask(s, {"metadata": {"name": "rhel9-image-cron", "annotations": {ENABLE: "false"}}})


def remove_custom(s: Sample) -> None:
    """A custom boot source whose entry is taken out."""
    s.entries.clear()
    mark_edited(s.hco, hours=5)
    settle(s)


def a_custom_entry(s: Sample) -> None:
    """What a status of `{}` is said to mean."""
    ask(s, corp(s.shape, "corp-alma9"))


def a_second_default(s: Sample) -> None:
    """The new default is set while an old one is left."""
    s.put(storage_class("ceph-fast", virt=True, creationTimestamp="2026-08-15T12:00:00Z"), profile("ceph-fast"))
    settle(s)


EXAMPLES: Final = (
    Example(
        "10.3.1.1",
        "Switch all common boot sources off",
        f"A JSON patch replaces `{_GATE}` by false.",
        "The path is right up to 4.18. From 4.19 on the field is elsewhere: the patch is refused, since there is "
        "nothing to replace. Who makes it a merge patch instead, or keeps the old path in GitOps, is not refused "
        "and has changed nothing: common boot sources go on being imported. On 4.18 the images stay and take "
        "storage until somebody deletes them; from 4.22 on they are deleted with their crons.",
        (
            Case("4.18", close_gate_by_replace),
            Case("4.20", close_gate_by_replace),
            Case("4.20", close_gate_at_old_path, "the same as a merge patch"),
            Case("4.22", close_gate_by_replace),
        ),
    ),
    Example(
        "10.3.2.1",
        "Change the default StorageClass",
        "First every virt and Kubernetes default is set to false, then one class becomes default.",
        "Between the two steps there is no default. Boot sources that are kept as snapshots are deleted in that "
        "moment, and every import waits; afterwards all images are downloaded again. Annotate the new class first "
        "and clear the old one then: of two the newest class wins, so mind its age, and end with one.",
        (
            Case("4.20", storage.lose_defaults, "between the steps"),
            Case("4.20", move_default, "after the last step and all imports"),
            Case("4.22", a_second_default, "the new class first, the old one not cleared yet"),
        ),
    ),
    Example(
        "10.3.2.2",
        "Give a boot source a StorageClass of its own",
        "An entry for rhel9 with a schedule, a managedDataSource and a storageClassName, and no source.",
        "The spec of an entry replaces that of the common boot source as a whole, so the source is lost. Before "
        "HCO 1.16 (4.20) CDI refuses the cron and SSP is degraded; since then HCO stumbles over the entry and "
        "passes on nothing more. Copy the complete spec out of HyperConverged's status first.",
        (Case("4.18", only_a_class), Case("4.22", only_a_class)),
    ),
    Example(
        "10.3.2.2",
        "Delete outdated volumes and snapshots",
        "All DataVolumes and VolumeSnapshots that carry the label of any cron are deleted in the golden image "
        "namespace.",
        "The label selects the current images of every boot source, not the outdated ones: until all is downloaded "
        "again nothing can be made from any of them. Name the cron in the label (`=rhel9-image-cron`). From 4.18 "
        "on CDI moves images by itself, and nothing needs to be deleted.",
        (Case("4.22", delete_by_label, "an hour later, downloads not done"),),
    ),
    Example(
        "10.3.2.3",
        "Update a custom boot source",
        "An entry named `centos-stream9-image-cron` that pulls in the pod from a public registry.",
        "The name is that of a common boot source, so this is no custom one but a modified one: it obeys the gate, "
        "and commonBootImageNamespace does not move it. Give it a name of its own, and a managedDataSource that no "
        "other entry has. A pull in the pod uses neither the nodes' mirrors nor the cluster's pull secret.",
        (
            Case("4.22", custom_with_a_common_name),
            Case("4.22-gate-off", custom_with_a_common_name, "with the gate closed"),
        ),
    ),
    Example(
        "10.3.2.4",
        "Keep boot sources as snapshots",
        "A StorageProfile gets `dataImportCronSourceFormat: snapshot`.",
        "CDI obeys without asking whether the driver has a VolumeSnapshotClass. If it has none, every image is "
        "downloaded and none is ever ready.",
        (
            Case("4.22-volumes", snapshots_where_the_driver_can, "the driver takes snapshots"),
            Case("4.22", storage.snapshot_class_missing, "the driver does not"),
        ),
    ),
    Example(
        "10.3.3",
        "Switch one boot source off",
        "A common one gets an entry with the annotation set to 'false'; a custom one is taken out of the list.",
        "The annotation works, and only with exactly this key. From 4.22 on the image goes with the cron, so "
        "nothing can be made from the templates of that system. Templates that name the DataSource of a custom "
        "boot source lose it.",
        (
            Case("4.20", disable_one, "a common one"),
            Case("4.22", disable_one, "a common one"),
            Case("4.22", remove_custom, "a custom one"),
        ),
    ),
    Example(
        "10.3.4",
        "Tell common and custom boot sources apart",
        "In HyperConverged's status a common boot source has commonTemplate: true, a custom one an empty status.",
        "A modified common one has both commonTemplate and modified. With multi-arch on a custom one is not empty "
        "either: it holds its original architectures, and a condition if it is kept back. Rely on commonTemplate "
        "alone.",
        (Case("4.22", a_custom_entry), Case("4.22-multi-arch", a_custom_entry, "with multi-arch on")),
    ),
)


def rows(example: Example) -> list[tuple[str, str, str]]:
    """Version, moment, and what is found, per case."""
    return [
        (c.shape.partition("-")[0], format_prose(c.moment or "afterwards"), _describe_findings(c))
        for c in example.cases
    ]


def _describe_findings(case: Case) -> str:
    sample = healthy(case.shape)
    try:
        case.follow(sample)
    except RefusedError:
        return "the API server refuses the patch: there is nothing at that path"
    findings = describe_findings(evaluate_cluster(sample.view(), NOW).report)
    named: dict[str, int] = {}
    for each in findings:
        said = each["finding"] if "causedBy" not in each else ""
        named[said] = named.get(said, 0) + 1
    symptoms = named.pop("", 0)
    shown = [_describe(text, count) for text, count in named.items()]
    return ", ".join(shown + ([f"and {symptoms} symptoms of it"] if symptoms else [])) or "nothing"


def _describe(finding: str, count: int) -> str:
    severity, _, check = finding.partition(" ")
    times = f", {count} times" if count > 1 else ""
    return f"[`{check}`](checks/{check}.md) ({severity}{times})"


def content() -> str:
    """The page."""
    blocks = [
        "<!-- Generated from tests/clusters/vendor.py by `python -m tests.clusters.vendor`; do not edit. -->",
        "# The vendor's examples, audited",
        _ABOUT,
    ]
    for example in EXAMPLES:
        blocks += [
            f"## {example.section} {example.title}",
            f"**What it says:** {example.done}",
            f"**Where it hurts:** {example.hurts}",
            markdown_table(("Version", "When", "What the audit finds"), rows(example)),
        ]
    return join_blocks(*blocks)


def main() -> int:
    """Write the page."""
    PAGE.write_text(content(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
