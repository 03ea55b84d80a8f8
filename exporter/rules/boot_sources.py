"""Alerts on what is wrong with boot sources: one for what breaks the creation of machines, then one per layer."""

from __future__ import annotations

import json
from typing import Final

from exporter.checks import CHECKS
from exporter.checks.check import Check
from exporter.model.hco import HCO_NAME
from exporter.model.hco_layout import Release, layout_of
from exporter.report import Severity
from exporter.rules.alert import Relation
from exporter.rules.roots import root_cause_alert

_AREAS: Final = ("operators", "storage", "polling", "imports", "datasources", "references")
"""Those with an alert of their own. All others belong to the alert on the configuration, also those of an exporter that
has areas which these rules do not know."""


def layer(*areas: str) -> tuple[Check, ...]:
    """The checks of these areas. Those of hygiene belong, too: they alert only if something worse follows."""
    return tuple(check for check in CHECKS if check.area in areas)


def _in(area: str) -> str:
    return f'area="{area}"'


_TREE: Final = """\
The report shows the cause, what hangs on it, and the command that mends it:

```bash
bootsource-exporter audit
```

Without the program at hand, look at what the alert names:

```bash
{commands}
```"""
_MEND: Final = (
    "Do what the report or the page of the exporter proposes; every proposal tells what it may cost and how to see that "
    "it worked. Proposed commands fit the API versions that the cluster serves. What else helps, by the alert's label "
    "`check`:"
)


def _open_gate(api_version: str, release: Release) -> str:
    """The command that opens the gate on this version."""
    patch = json.dumps(layout_of(api_version, release).gate.merge_patch(value=True), separators=(",", ":"))
    return f"oc patch hyperconverged {HCO_NAME} -n openshift-cnv --type merge -p '{patch}'"


GATE: Final = f"""\
Where the gate of common boot sources is depends on the version; older documents name places that have no effect any more:

```bash
# HCO 1.18 (OpenShift Virtualization 4.22) and newer: API version v1
{_open_gate("v1", (1, 18))}
# HCO 1.15 to 1.17 (4.19 to 4.21)
{_open_gate("v1beta1", (1, 17))}
# HCO 1.14 (4.18) and older
{_open_gate("v1beta1", (1, 14))}
```"""


def _look(*commands: str) -> str:
    return _TREE.format(commands="\n".join(commands))


BOOT_SOURCES: Final = (
    root_cause_alert(
        CHECKS,
        Severity.CRITICAL,
        "",
        name="BootSourceMachineCreationBroken",
        meaning="Virtual machines cannot be created from a boot source now, or an image is lost.",
        impact="Virtual machines cannot be created from the boot sources that depend on it.",
        diagnosis=_look(
            "oc get storageclass",
            "oc get hyperconverged,ssp,cdi -A",
            "oc get dataimportcron,datasource,datavolume,volumesnapshot -A",
        ),
        mitigation=_MEND,
        relations=(
            Relation(
                platform="CDINoDefaultStorageClass",
                differs="A warning that fires only once a DataVolume waits. Ours is critical, fires before anything waits, "
                "and counts the affected objects, so both are sent.",
            ),
            Relation(
                platform="CDIOperatorDown",
                differs="The operator's pod is gone, which CDI's own object cannot tell. While it fires, ours about CDI is "
                "not sent.",
                mutes=("cdi-degraded",),
                severity=Severity.CRITICAL,
            ),
            Relation(
                platform="CDINotReady",
                differs="Says that CDI is not available, ours which boot sources suffer. While it fires, ours about CDI "
                "is not sent.",
                mutes=("cdi-degraded",),
                severity=Severity.CRITICAL,
            ),
            Relation(
                platform="SSPFailingToReconcile",
                differs="Says that SSP fails; ours names the entry because of which it does.",
            ),
        ),
    ),
    root_cause_alert(
        layer("operators"),
        Severity.WARNING,
        _in("operators"),
        name="BootSourceOperatorStalled",
        meaning="An operator that keeps boot sources up to date does not do its work: paused, stuck, gone or overridden.",
        impact="Changes of boot sources are not carried out; what drifts stays wrong.",
        diagnosis=_look(
            "oc get hyperconverged -A -o yaml",
            "oc get ssp -A -o yaml",
            "oc get pods -A -l app.kubernetes.io/part-of=hyperconverged-cluster",
        ),
        mitigation=_MEND,
        relations=(
            Relation(
                platform="SSPDown",
                differs="The operator's pod is gone; ours finds an object that is not reconciled. While theirs fires, ours "
                "is not sent for the check ssp-status-stale.",
                mutes=("ssp-status-stale",),
                severity=Severity.CRITICAL,
            ),
            Relation(
                platform="SSPTemplateValidatorDown",
                differs="The validator's pods are gone, and with them the webhook for virtual machines. SSP then says that "
                "resources of its own are not available, which is our check ssp-resources-unavailable; while theirs fires, "
                "ours is not sent for it.",
                mutes=("ssp-resources-unavailable",),
                severity=Severity.CRITICAL,
            ),
            Relation(
                platform="KubeVirtCRModified",
                differs="Counts changes that HCO has reverted; ours finds patches that HCO applies on request.",
            ),
        ),
    ),
    root_cause_alert(
        layer("entries", "suppressions"),
        Severity.WARNING,
        f'area!~"{"|".join(_AREAS)}"',
        name="BootSourceConfigurationIneffective",
        meaning="What is configured about boot sources is not what happens: an entry is ignored, lost on its way, or "
        "contradicts another.",
        impact="A boot source is missing, or differs from what somebody has asked for.",
        diagnosis=_look(
            "oc get hyperconverged -A -o yaml | grep -n -A40 dataImportCronTemplates",
            "oc get ssp -A -o yaml",
            "oc get dataimportcron -A",
        ),
        mitigation=f"{GATE}\n\n{_MEND}",
        relations=(
            Relation(
                platform="HCOGoldenImageWithNoSupportedArchitecture",
                differs="The same problem, only while multi-arch is on. It may be about another entry than ours, so both are "
                "sent.",
            ),
            Relation(
                platform="HCOGoldenImageWithNoArchitectureAnnotation",
                differs="About one entry, where our check architectures-without-images is about the cluster; both are sent.",
            ),
            Relation(
                platform="HCOMultiArchGoldenImagesDisabled",
                differs="The same as our check architectures-without-images while multi-arch is off. While it fires, ours "
                "is not sent for that check.",
                mutes=("architectures-without-images",),
                severity=Severity.WARNING,
            ),
        ),
    ),
    root_cause_alert(
        layer("storage"),
        Severity.WARNING,
        _in("storage"),
        name="BootSourceStorageAmbiguous",
        meaning="StorageClasses, StorageProfiles or snapshot classes are such that images land in the wrong place, or in "
        "the wrong form.",
        impact="The next image may go to another StorageClass or format than wanted, or not be imported at all.",
        diagnosis=_look("oc get storageclass,storageprofile", "oc get volumesnapshotclass"),
        mitigation=_MEND,
        relations=(
            Relation(
                platform="CDIMultipleDefaultVirtStorageClasses",
                differs="The same for virt defaults; nobody else tells of several Kubernetes defaults. While it fires, "
                "ours is not sent for the check multiple-virt-default-storage-classes.",
                mutes=("multiple-virt-default-storage-classes",),
                severity=Severity.WARNING,
            ),
            Relation(
                platform="CDIDefaultStorageClassDegraded",
                differs="It fires if neither the virt nor the Kubernetes default can do both, migrate and clone. Ours judges "
                "the one that images go to, says what it lacks and which class can do better, and is a hint. While theirs "
                "fires, ours is not sent for the check default-storage-class-degraded.",
                mutes=("default-storage-class-degraded",),
                severity=Severity.WARNING,
            ),
            Relation(
                platform="VMStorageClassWarning",
                differs="Counts the virtual machines whose disks lie on a plain RBD class. Ours, the check "
                "virtualization-class-not-used, tells before that boot sources go there, and only where there is a class "
                "for virtual machines.",
            ),
            Relation(
                platform="CDIStorageProfilesIncomplete",
                differs="An info about any incomplete profile, also of a class that nothing uses. Ours is a warning about "
                "one that a boot source uses, so both are sent.",
            ),
        ),
    ),
    root_cause_alert(
        layer("polling"),
        Severity.WARNING,
        _in("polling"),
        name="BootSourceNotPolled",
        meaning="Nobody looks for a newer image: the schedule is wrong, the poller cannot run, or the source is gone.",
        impact="Machines go on to be created from an image that grows older, without the security fixes of newer ones.",
        diagnosis=_look(
            "oc get dataimportcron -A",
            "oc get cronjob,job -A -l cdi.kubevirt.io/dataImportCron",
            "oc get imagestream -A",
        ),
        mitigation=_MEND,
        relations=(
            Relation(
                platform="CDIDataImportCronOutdated",
                differs="It sees only what CDI knows to be outdated. A poller that is dead after its first success, a "
                "failing ImageStream, or a cron that was never reconciled leave it silent; those are ours.",
            ),
        ),
    ),
    root_cause_alert(
        layer("imports"),
        Severity.WARNING,
        _in("imports"),
        name="BootSourceImportFailing",
        meaning="A newer image is known, and it does not get into the cluster, or not in the right form.",
        impact="Machines are created from an older image, or with disks that are slow to clone.",
        diagnosis=_look("oc get datavolume,pvc,volumesnapshot -A -l cdi.kubevirt.io/dataImportCron", "oc get pods -A"),
        mitigation=_MEND,
        relations=(
            Relation(
                platform="CDIDataImportCronOutdated",
                differs="The same symptom after 15 minutes, which a large image needs to be imported; ours waits longer "
                "and names the cause. Its labels name the cron in another way, so neither can mute the other for one cron.",
            ),
            Relation(
                platform="CDIDataVolumeUnusualRestartCount",
                differs="Tells that importers restart, of any DataVolume; ours which boot source waits for it.",
            ),
        ),
    ),
    root_cause_alert(
        layer("datasources"),
        Severity.WARNING,
        _in("datasources"),
        name="BootSourceDataSourceBroken",
        meaning="A DataSource, the name under which templates find an image, leads nowhere or to the wrong image.",
        impact="New machines from the templates that use it wait for ever, or boot an old image.",
        diagnosis=_look("oc get datasource -A", "oc get datasource -A -o yaml"),
        mitigation=_MEND,
        unrelated="No alert of the platform looks at DataSources.",
    ),
    root_cause_alert(
        layer("references"),
        Severity.WARNING,
        _in("references"),
        tenants=True,
        name="BootSourceReferenceBroken",
        meaning="A template or a virtual machine refers to a DataSource that does not exist or does not work for it.",
        impact="Machines that are created from it do not start.",
        diagnosis=_look("oc get datasource -A", "oc get virtualmachine -A"),
        mitigation=_MEND,
        relations=(
            Relation(
                platform="SSPCommonTemplatesModificationReverted",
                differs="Says that SSP has undone somebody's edit of a common template. That is over once it is done, and "
                "an edit of the DataSource parameter is gone with it; ours judges what templates refer to now.",
            ),
        ),
    ),
)
