"""SCENARIOS: every way in which boot sources are known to break, by the number that checks refer to.

Which checks find a scenario is said by the checks. Here is what it is, what the API shows of it where that is less than
one could wish, and for the few that it does not show at all, why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way in which boot sources break."""

    id: str
    title: str
    note: str = ""
    """How it is folded into broader checks, or what of it stays unseen."""
    undetectable: str = ""
    """Why no check can find it; such a scenario has no checks."""


@dataclass(frozen=True, slots=True)
class Area:
    """Scenarios that concern the same part of the way from the list to the virtual machine."""

    title: str
    scenarios: tuple[Scenario, ...]


_POLL_IS_MUTE: Final = (
    "An import that fails says why. A poll does not: only its effect shows, and the cause is in a log."
)

AREAS: Final = (
    Area(
        "Switches and operators",
        (
            Scenario("F01", "The gate is off and images of its time are left behind"),
            Scenario("F02", "The gate is off, and a custom entry goes with it because it has a common name"),
            Scenario("F03", "The gate is set at a path that this version ignores"),
            Scenario("F04", "The annotation that enables an entry is misspelt"),
            Scenario("F05", "A disabled entry is still deployed"),
            Scenario("F06", "HCO does not reconcile, so its status is old"),
            Scenario("F07", "One refused DataImportCron degrades SSP and HCO and holds up others"),
            Scenario("F08", "SSP is paused"),
            Scenario("F09", "A JSON patch changes what HCO hands to SSP"),
            Scenario("F10", "A modified common entry has lost its source"),
            Scenario("F11", "The schedule cannot be parsed"),
            Scenario("F12", "The schedule never comes due"),
            Scenario("F13", "Two entries manage the same DataSource"),
            Scenario("F14", "Two entries have the same name"),
            Scenario("F15", "The namespace for boot sources is missing, or templates do not follow it"),
            Scenario("F16", "A custom boot source is used by nobody"),
            Scenario("F17", "A DataImportCron was made by hand, outside HCO"),
        ),
    ),
    Area(
        "Polling",
        (
            Scenario("F18", "Kubernetes refuses the poller's CronJob"),
            Scenario("F19", "A cluster without access to the registry, polled by pods"),
            Scenario("F20", "OpenShift cannot import into an ImageStream"),
            Scenario("F21", "The ImageStream does not exist"),
            Scenario("F22", "The ImageStream has no such tag"),
            Scenario("F23", "Polling died after it had once succeeded"),
            Scenario("F24", "The registry refuses the credentials", _POLL_IS_MUTE),
            Scenario("F25", "The registry has a private CA or no TLS", _POLL_IS_MUTE),
            Scenario(
                "F26",
                "Pod security forbids the poller's pods",
                "Only the effect shows: why there is no pod is in the events of the Job.",
            ),
            Scenario("F27", "A quota or limit range stops pollers or importers", _POLL_IS_MUTE),
            Scenario("F28", "The nodes cannot pull the image"),
            Scenario(
                "F29",
                "A NetworkPolicy cuts off pollers and importers",
                "Only the effect shows: polls and imports do not get through.",
            ),
            Scenario("F30", "An empty schedule, which polls never, is mistaken for a failure"),
            Scenario("F31", "The URL is pinned by digest, or malformed"),
            Scenario("F32", "The claim to copy from is missing, or may not be cloned"),
        ),
    ),
    Area(
        "Import and storage",
        (
            Scenario("F33", "There is no default StorageClass"),
            Scenario("F34", "Several StorageClasses are default"),
            Scenario("F35", "A default annotation has no effect"),
            Scenario("F36", "The StorageClass that a cron names does not exist"),
            Scenario("F37", "An image stayed on the previous StorageClass"),
            Scenario("F38", "Old images pile up"),
            Scenario("F39", "Images are left of a cron that is gone"),
            Scenario("F40", "An import waits for a first consumer"),
            Scenario("F41", "A StorageProfile is incomplete"),
            Scenario("F42", "Images are to be kept as snapshots, and nothing can make them"),
            Scenario("F43", "A StorageProfile names a snapshot class that was deleted"),
            Scenario("F44", "An image is not in the format that its StorageProfile asks for"),
            Scenario("F45", "The importer is stuck or crashes again and again"),
            Scenario("F46", "The volume is too small for the image"),
            Scenario("F47", "The volume behind an image is lost"),
            Scenario("F48", "The data behind a snapshot is gone"),
            Scenario("F49", "An image is deleted and imported again for ever, because none may be kept"),
            Scenario("F50", "An image is gone for a while, because its cron was replaced"),
        ),
    ),
    Area(
        "DataSources, templates and virtual machines",
        (
            Scenario("F51", "Two crons manage the same DataSource"),
            Scenario("F52", "A DataSource does not follow its cron"),
            Scenario("F53", "A volume named like a DataSource keeps a boot source out"),
            Scenario(
                "F54",
                "A placeholder DataSource has no image",
                "That is by design and no finding, until a virtual machine waits for it.",
            ),
            Scenario("F55", "A template refers to a DataSource that is not there"),
            Scenario("F56", "A virtual machine refers to a DataSource that is not there"),
            Scenario("F57", "A virtual machine waits for a DataSource that is not ready"),
            Scenario("F58", "A virtual machine may not clone from the namespace of the image"),
            Scenario("F59", "A DataSource names no default preference"),
            Scenario("F60", "A DataSource of a user goes when a cron goes"),
            Scenario("F61", "An entry names architectures that the cluster does not have"),
            Scenario("F62", "A pointer from one DataSource to another is broken"),
            Scenario("F63", "Nodes of several architectures share images of one"),
            Scenario("F64", "Templates and images of retired operating systems are left"),
            Scenario(
                "F65",
                "An API is not available",
                "What cannot be read is never taken for missing: checks that need it are blind and say so.",
            ),
            Scenario("F66", "HyperConverged can be neither removed nor upgraded"),
            Scenario(
                "F67",
                "Images fill the storage",
                "A quota without room for the next image is found before it stops one. How much a storage system can "
                "hold no API tells.",
            ),
            Scenario("F68", "A DataSource stands beside the one that its cron manages"),
            Scenario("F69", "An entry has a source of a kind that crons cannot have"),
            Scenario("F70", "An image holds an operating system that is no longer maintained"),
            Scenario("F71", "An image is old, though it may be the newest that there is"),
        ),
    ),
)

SCENARIOS: Final[tuple[Scenario, ...]] = tuple(scenario for area in AREAS for scenario in area.scenarios)
