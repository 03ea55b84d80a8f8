"""CDI in small: which images it deletes, keeps, converts or imports again, DataImportCron by DataImportCron.

Source of the rules: CDI pkg/controller/dataimportcron-controller.go. A round has two halves: what CDI does at once, and
what is left when the imports that it has started are done. Between them DataSources may point at nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from exporter.cluster.resources import (
    DATA_IMPORT_CRONS,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    STORAGE_PROFILES,
    VOLUME_SNAPSHOT_CLASSES,
    VOLUME_SNAPSHOTS,
)
from exporter.cluster.snapshot import Table
from exporter.joins.defaults import defaults
from exporter.kube.contract import NOT_IN_DUMP, Key, State
from exporter.model.cdi import STORAGE_CLASS, DataImportCron
from exporter.model.data_volumes import SUCCEEDED
from exporter.model.storage import CRON_SNAPSHOT_CLASS
from exporter.model.wire import ABSENT
from exporter.whatif.document import Action, Actor
from exporter.whatif.draft import Draft
from exporter.whatif.images import Stored, delete_image, guess_image, newest_name, stored_image
from exporter.whatif.obstacles import claim_obstacle, minor_of, reconcile_obstacle, snapshot_obstacle
from exporter.whatif.rules import Rule

MOVES_SINCE: Final = 61
"""CDI 1.61 first moves images when the wanted class changes."""
_UNSERVED: Final = "whether the cluster serves VolumeSnapshots, of which the dump holds none: CDI needs them here"
_CONVERTS_BACK_SINCE: Final = 60
_COMPARES_SNAPSHOT_CLASS_SINCE: Final = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What CDI has begun for a DataImportCron and has yet to finish."""

    key: Key
    action: Action
    """IMPORT, ADOPT or CONVERT."""
    image: str
    """The name of the image; "" if its digest is not known."""
    digest: str = ""
    storage_class: str
    form: str
    """`pvc` or `snapshot`."""
    rule: Rule
    depends: str = ""
    waits_for: str = ""
    """What keeps it from being finished; "" if nothing does that objects show."""


@dataclass(slots=True)
class _Cron:
    """A DataImportCron in a draft, with what CDI wants for it."""

    draft: Draft
    key: Key
    row: DataImportCron
    wanted: str
    """The StorageClass; "" if there is none."""
    form: str
    minor: int

    @property
    def name(self) -> str:
        """The name of the image that it wants."""
        return newest_name(self.row)

    @property
    def image(self) -> Key:
        """Where that image is."""
        return Key(self.key.namespace, self.name)

    def work(self, action: Action, rule: Rule, image: str, **more: str) -> Work:
        """Work that waits for whatever objects show to be in its way."""
        waits = claim_obstacle(self.draft, self.row, self.wanted) if action is Action.IMPORT else ""
        profile = self.draft.get(STORAGE_PROFILES, Key("", self.wanted))
        if self.wanted and action is Action.IMPORT and (profile is None or profile.status is None):
            untold = f"whether CDI can derive a PersistentVolumeClaim from StorageClass {self.wanted}"
            more["depends"] = "; ".join(filter(None, (more.get("depends", ""), untold)))
        if not waits and self.form == "snapshot" and action is not Action.ADOPT:
            waits = snapshot_obstacle(self.draft, self.wanted)
        return Work(
            key=self.key,
            action=action,
            image=image,
            storage_class=self.wanted,
            form=self.form,
            rule=rule,
            waits_for=waits,
            **more,
        )

    def freeze(self, summary: str, rule: Rule) -> None:
        """Say that CDI cannot go on."""
        self.draft.log(Actor.CDI, Action.FREEZE, DATA_IMPORT_CRONS.ref(*self.key), summary, rule)

    def delete(self, stored: Stored, why: str, rule: Rule, depends: str = "") -> None:
        """Delete the image that it has."""
        for resource, row in ((PERSISTENT_VOLUME_CLAIMS, stored.claim), (VOLUME_SNAPSHOTS, stored.snapshot)):
            if row is not None:
                ref = resource.ref(*self.image)
                summary = f"CDI deletes {ref}, {why}"
                self.draft.log(Actor.CDI, Action.DELETE, ref, summary, rule, depends=depends, irreversible=True)
        delete_image(self.draft, self.image)


def start_round(draft: Draft) -> list[Work]:
    """What CDI does at once for every DataImportCron, and what it has begun."""
    found = []
    for key, row in sorted(draft.rows(DATA_IMPORT_CRONS).items()):
        if not draft.is_known(STORAGE_CLASSES):
            draft.unknown.append("where images go: StorageClasses were not read")
            break
        work = _start(_cron(draft, key, row))
        if work is not None:
            found.append(work)
    return found


def _cron(draft: Draft, key: Key, row: DataImportCron) -> _Cron:
    minor = minor_of(draft)
    wanted = draft.view().join(defaults).for_cdi(minor).resolve(row.spec)
    profile = draft.get(STORAGE_PROFILES, Key("", wanted))
    form = profile.source_format if profile is not None else "pvc"
    return _Cron(draft, key, row, wanted, form, minor)


def is_new(cron: DataImportCron) -> bool:
    """It was created by a step before. One that exists and was never reconciled has a reason that nobody knows."""
    return cron.metadata.uid.startswith("new-")


def _start(cron: _Cron) -> Work | None:
    obstacle = reconcile_obstacle(cron.draft, cron.key, cron.row)
    if obstacle:
        if is_new(cron.row) or _differs(cron):
            cron.freeze(f"CDI cannot reconcile DataImportCron {cron.key.name}: {obstacle}", Rule.OBSTACLE)
        return None
    if is_new(cron.row):
        return _start_new(cron)
    if not cron.name:
        return None
    stored = stored_image(cron.draft, cron.image)
    return _class_change(cron, stored) or _format_change(cron, stored) or _missing(cron, stored)


def _differs(cron: _Cron) -> bool:
    have = cron.row.metadata.annotations.get(STORAGE_CLASS, "")
    return bool(have) and have != cron.wanted


def _start_new(cron: _Cron) -> Work | None:
    """A new DataImportCron is polled at once."""
    if not cron.row.spec.schedule:
        return None
    guess = guess_image(cron.draft, cron.key, cron.row)
    more = {"digest": guess.digest, "depends": guess.depends}
    stored = stored_image(cron.draft, Key(cron.key.namespace, guess.name))
    if not guess.name or not stored.is_complete:
        return cron.work(Action.IMPORT, Rule.POLLS_AT_ONCE, guess.name, **more)
    if stored.format == cron.form:
        return cron.work(Action.ADOPT, Rule.ADOPTS, guess.name, **more)
    if cron.form == "snapshot":
        return cron.work(Action.CONVERT, Rule.FORMAT_SNAPSHOT, guess.name, **more)
    delete_image(cron.draft, Key(cron.key.namespace, guess.name))
    return cron.work(Action.IMPORT, Rule.FORMAT_PVC, guess.name, **more)


def _class_change(cron: _Cron, stored: Stored) -> Work | None:
    have = cron.row.metadata.annotations.get(STORAGE_CLASS, "")
    if not cron.wanted and stored.snapshot is not None:
        cron.delete(stored, "since without any StorageClass its format is pvc", Rule.NO_CLASS)
        return cron.work(Action.IMPORT, Rule.NO_CLASS, cron.name)
    if not have or not cron.wanted or have == cron.wanted or not cron.row.current_import:
        return None
    if cron.minor < MOVES_SINCE:
        summary = (
            f"the image of DataImportCron {cron.key.name} stays on {have}; the next newer one goes to {cron.wanted}"
        )
        ref = DATA_IMPORT_CRONS.ref(*cron.key)
        cron.draft.log(Actor.CDI, Action.KEEP, ref, summary, Rule.CLASS_STAYS)
        return None
    served = _serves_snapshots(cron)
    if served is False:
        said = f"CDI cannot move the image of DataImportCron {cron.key.name} to {cron.wanted}: "
        cron.freeze(f"{said}the cluster does not serve VolumeSnapshots", Rule.NO_SNAPSHOT_API)
        return None
    depends = "" if served else _UNSERVED
    why = f"to import the image again on StorageClass {cron.wanted} instead of {have}"
    cron.delete(stored, why, Rule.CLASS_MOVE, depends)
    return cron.work(Action.IMPORT, Rule.CLASS_MOVE, cron.name, depends=depends)


def _serves_snapshots(cron: _Cron) -> bool | None:
    """Whether the cluster has VolumeSnapshots; None if the dump holds none, and may come from either.

    Images that lie elsewhere than wanted before any change tell that CDI could not move them.
    """
    view, minor = cron.draft.cluster, cron.minor
    tables: tuple[Table[Any], ...] = (view[VOLUME_SNAPSHOTS], view[VOLUME_SNAPSHOT_CLASSES])
    if any(table.state is State.NOT_SERVED for table in tables):
        return False
    if any(table.rows or table.detail != NOT_IN_DUMP for table in tables):
        return True
    wanted = view.join(defaults).for_cdi(minor)
    for row in view[DATA_IMPORT_CRONS].rows.values():
        have = row.metadata.annotations.get(STORAGE_CLASS, "")
        if have and wanted.resolve(row.spec) not in ("", have):
            return False
    return None


def _format_change(cron: _Cron, stored: Stored) -> Work | None:
    if not stored.is_complete or not cron.wanted or stored.format == cron.form == "pvc":
        return None
    if stored.snapshot is not None and cron.form == "pvc":
        if cron.minor < _CONVERTS_BACK_SINCE:
            return None
        cron.delete(stored, "since the StorageProfile's format is pvc", Rule.FORMAT_PVC)
        return cron.work(Action.IMPORT, Rule.FORMAT_PVC, cron.name)
    if stored.snapshot is not None:
        return _snapshot_class_change(cron, stored)
    work = cron.work(Action.CONVERT, Rule.FORMAT_SNAPSHOT, cron.name)
    if work.waits_for and cron.row.status.source_format == "pvc":
        cron.freeze(
            f"CDI cannot take a snapshot of the image of {cron.key.name}: {work.waits_for}", Rule.SNAPSHOT_CLASS
        )
    return None if work.waits_for else work


def _snapshot_class_change(cron: _Cron, stored: Stored) -> Work | None:
    """From CDI 1.65 on a snapshot of another class is deleted, and a class that is gone is an error."""
    profile = cron.draft.get(STORAGE_PROFILES, Key("", cron.wanted))
    if cron.minor < _COMPARES_SNAPSHOT_CLASS_SINCE or profile is None or stored.snapshot is None:
        return None
    named = profile.metadata.annotations.get(CRON_SNAPSHOT_CLASS, "")
    named = named or (profile.status.snapshot_class if profile.status else "")
    have = stored.snapshot.spec.volume_snapshot_class_name
    obstacle = "" if CRON_SNAPSHOT_CLASS in profile.metadata.annotations else snapshot_obstacle(cron.draft, cron.wanted)
    if obstacle:
        cron.freeze(f"CDI cannot reconcile DataImportCron {cron.key.name}: {obstacle}", Rule.SNAPSHOT_CLASS)
        return None
    if not have or not named or have == named:
        return None
    cron.delete(stored, f"since VolumeSnapshotClass {named} is wanted instead of {have}", Rule.SNAPSHOT_CLASS)
    return cron.work(Action.IMPORT, Rule.SNAPSHOT_CLASS, cron.name)


def _missing(cron: _Cron, stored: Stored) -> Work | None:
    """An image that was deleted is imported again, and an import that waited for a class or a profile goes on."""
    if stored.is_complete:
        told = cron.row.condition("UpToDate")
        behind = stored.format == cron.form and told is not ABSENT and told.false
        return cron.work(Action.ADOPT, Rule.IMPORTS, cron.name) if behind else None
    if stored.snapshot is not None:
        return None
    volume = stored.volume
    if volume is not None and volume.phase != SUCCEEDED:
        waited = [c.message or c.reason for c in volume.conditions if c.reason == "ErrClaimNotValid"]
        if not waited:
            return None  # an import that runs, or fails for a reason which the change does not take away
        work = cron.work(Action.IMPORT, Rule.IMPORTS, cron.name)
        return None if work.waits_for else work
    read = cron.draft.is_known(PERSISTENT_VOLUME_CLAIMS) and cron.draft.is_known(VOLUME_SNAPSHOTS)
    if not read or any(c.reason == "NotAuthorized" for c in cron.row.status.conditions):
        return None
    return cron.work(Action.IMPORT, Rule.IMPORTS, cron.name)
