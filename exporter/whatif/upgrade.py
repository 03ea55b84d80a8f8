"""An upgrade: the objects as the new version's operators will read them, and what the new rules mean for them.

What changes is known from the release branches of HCO, SSP and CDI. z-streams may carry single changes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from exporter.base.excerpts import list_some
from exporter.cluster.resources import CDIS, DATA_IMPORT_CRONS, DATA_SOURCES, HYPERCONVERGEDS
from exporter.joins.admission import schedule_refusal
from exporter.joins.admission.version import CdiVersion
from exporter.joins.crons import Polling, polling
from exporter.joins.platform import DOWNSTREAM_NAMESPACE, cdi_minor
from exporter.kube.contract import Key
from exporter.model.cdi import CRON_LABEL
from exporter.model.hco import HyperConverged, StatusEntry, Version
from exporter.model.hco_layout import Release, layout_of, release_of
from exporter.model.wire import copy_with
from exporter.whatif.changes import ChangeError
from exporter.whatif.common_entries import DEPENDS, bundled_entries
from exporter.whatif.document import Action, Actor, FieldValue
from exporter.whatif.draft import Draft
from exporter.whatif.hco import entry_changes
from exporter.whatif.hyperconverged import the_hyperconverged
from exporter.whatif.rules import Rule

_CDI_BESIDE: Final = 47
"""HCO 1.y ships CDI 1.(y+47): 1.14 has 1.61, 1.18 has 1.65."""
_RETENTION_NONE: Final[Release] = (1, 18)
_GATE_MOVED: Final[Release] = (1, 15)
_V1_SERVED: Final[Release] = (1, 18)
_WRITES: Final = "whether the new HCO writes the HyperConverged, as its upgrade usually does"
_BACKPORT: Final = "which patch release it is: some changes came to older versions in patch releases"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """OpenShift Virtualization, or HCO, is upgraded to a version."""

    version: str

    def __str__(self) -> str:
        """For people."""
        return f"the cluster is upgraded to {self.version}"

    def apply(self, draft: Draft) -> None:
        """Put the new versions into the draft, and log what they do to objects at once. Raises ChangeError."""
        match = re.fullmatch(r"v?\d{1,3}\.\d{1,3}(\.\d{1,3})?(-[\w.]+)?", self.version)
        release = release_of(self.version) if match else None
        if release is None:
            raise ChangeError(f"{self.version!r} is not a version such as 4.22 (the product) or 1.18 (HCO)")
        found = the_hyperconverged(draft)
        if found is None:
            raise ChangeError("there is no HyperConverged that can be read, and an upgrade begins there")
        key, hco = found
        before = hco.release
        if before is None:
            raise ChangeError("HyperConverged does not tell its version, from which the upgrade would begin")
        if release < before:
            raise ChangeError(f"the cluster runs {hco.status.operator_version}; an older version cannot be installed")
        ref = HYPERCONVERGEDS.ref(*key)
        summary = f"You upgrade from {hco.status.operator_version} to {self.version}"
        fields = [FieldValue(path="status.versions[operator]", before=hco.status.operator_version, after=self.version)]
        draft.log(Actor.YOU, Action.EDIT, ref, summary, Rule.ASKED, fields=fields)
        if release == before:
            return
        _upgrade_cdi(draft, release)
        new = _upgrade_hco(draft, key, hco, before, release, self.version)
        draft.put(HYPERCONVERGEDS, key, new)
        _log_new_rules(draft, before, release)


def _upgrade_cdi(draft: Draft, release: Release) -> None:
    """HCO from 5.0 on ships a CDI that is newer than any rule that is known."""
    version = f"v1.{release[1] + _CDI_BESIDE}.0" if release[0] == 1 else f"v{release[0]}.{release[1]}.0"
    for key, row in draft.rows(CDIS).items():
        draft.put(CDIS, key, copy_with(row, status=copy_with(row.status, observed_version=version)))


def _upgrade_hco(
    draft: Draft, key: Key, hco: HyperConverged, before: Release, release: Release, version: str
) -> HyperConverged:
    operator = Version(name="operator", version=version)
    others = tuple(v for v in hco.status.versions if v.name != "operator")
    layout = layout_of(hco.api_version, release)
    gate = copy_with(hco.gate, path=layout.gate, dead={})
    ref = HYPERCONVERGEDS.ref(*key)
    if before < _GATE_MOVED <= release and str(hco.layout.gate) != str(layout.gate):
        summary = f"HCO moves the gate from {hco.layout.gate} to {layout.gate}; it stays {'on' if gate.on else 'off'}"
        value = "true" if gate.on else "false"
        fields = [FieldValue(path=str(layout.gate), before="", after=value)]
        draft.log(Actor.HCO, Action.CHANGE, ref, summary, Rule.UPGRADE, fields=fields)
    if before < _V1_SERVED <= release:
        summary = "HyperConverged is served as v1 too, where the fields have other paths; plain `oc` then means v1"
        draft.log(Actor.HCO, Action.CHANGE, ref, summary, Rule.UPGRADE)
    status = copy_with(hco.status, versions=(*others, operator))
    new = copy_with(hco, layout=layout, gate=gate, status=status)
    entries = _common_after(draft, key, new, release)
    return copy_with(new, status=copy_with(status, data_import_cron_templates=entries))


def _common_after(draft: Draft, key: Key, hco: HyperConverged, release: Release) -> tuple[StatusEntry, ...]:
    """The common entries that the new version brings along: some are new, some are gone, and defaults have changed."""
    listed = hco.status.data_import_cron_templates
    if not hco.gate.on:
        return listed
    had = {e.name for e in bundled_entries(_of_old(draft, key, hco), downstream=True)}
    downstream = key.namespace == DOWNSTREAM_NAMESPACE
    has = {e.name: e for e in bundled_entries(hco, downstream=downstream)}
    wide = {e.name for e in bundled_entries(hco, downstream=True)}
    off = {e.name for e in hco.entries if not e.enabled}
    kept = [e for e in listed if not (e.status.common_template and e.name in had and e.name not in wide)]
    names = {e.name for e in kept}
    fresh = [e for name, e in has.items() if name not in names and name not in had and name not in off]
    after = [_with_defaults(e, release) if _is_common(e) else e for e in kept]
    changes = entry_changes(listed, (*after, *fresh), "status.dataImportCronTemplates")
    if changes:
        ref, summary = HYPERCONVERGEDS.ref(*key), "The new HCO brings along other common entries"
        draft.log(Actor.HCO, Action.CHANGE, ref, summary, Rule.UPGRADE, depends=DEPENDS, fields=changes)
    return (*after, *fresh)


def _of_old(draft: Draft, key: Key, hco: HyperConverged) -> HyperConverged:
    return draft.cluster[HYPERCONVERGEDS].rows.get(key, hco)


def _is_common(entry: StatusEntry) -> bool:
    return entry.status.common_template and not entry.status.modified


def _with_defaults(entry: StatusEntry, release: Release) -> StatusEntry:
    """From HCO 1.18 on common entries have retentionPolicy None and importsToKeep 1."""
    if release < _RETENTION_NONE or entry.spec is None:
        return entry
    written = entry.written.get("spec")
    kept = {"retentionPolicy": "None", "importsToKeep": 1}
    spec = copy_with(entry.spec, retention_policy="None", imports_to_keep=1)
    raw = {**entry.written, "spec": {**(written if isinstance(written, dict) else {}), **kept}}
    return copy_with(entry, spec=spec, written=raw)


# -- what the new rules mean for DataImportCrons that exist -------------------------------------------------


def _log_new_rules(draft: Draft, before: Release, release: Release) -> None:
    minor = draft.view().join(cdi_minor) or release[1] + _CDI_BESIDE
    old = before[1] + _CDI_BESIDE if before[0] == 1 else minor
    found = (*_schedules(draft, old, minor), *_labels(draft, old, minor), *_node_pollers(draft, old, minor))
    for names, text in found:
        ref = DATA_IMPORT_CRONS.ref(*names[0])
        summary = f"{text}: {list_some(key.name for key in names)}"
        draft.log(Actor.CDI, Action.CHANGE, ref, summary, Rule.UPGRADE, depends=_BACKPORT)
    hco = the_hyperconverged(draft)
    own = [e.name for e in hco[1].entries if e.spec is not None and e.enabled] if hco else []
    if before < _RETENTION_NONE <= release and own and hco is not None:
        ref = HYPERCONVERGEDS.ref(*hco[0])
        summary = f"HCO's webhook sets retentionPolicy None and importsToKeep 1 in the entries {list_some(own)}"
        draft.log(Actor.API_SERVER, Action.CHANGE, ref, summary, Rule.HCO_DEFAULTS, depends=_WRITES)


_Notes = Iterator[tuple[list[Key], str]]


def _schedules(draft: Draft, old: int, new: int) -> _Notes:
    """CDI 1.59 reads schedules by a stricter grammar."""
    refused = [
        key
        for key, row in sorted(draft.rows(DATA_IMPORT_CRONS).items())
        if row.spec.schedule
        and schedule_refusal(row.spec.schedule, CdiVersion(old)) is None
        and schedule_refusal(row.spec.schedule, CdiVersion(new)) is not None
    ]
    if refused:
        yield refused, "CDI cannot parse the schedules of these any more, and freezes them"


def _labels(draft: Draft, old: int, new: int) -> _Notes:
    """Since CDI 1.60 the label of a DataSource must be the name of its DataImportCron."""
    if not old < 60 <= new:
        return
    wrong = []
    for key, row in sorted(draft.rows(DATA_IMPORT_CRONS).items()):
        source = draft.get(DATA_SOURCES, Key(key.namespace, row.spec.managed_data_source))
        if source is not None and source.cron not in ("", key.name):
            wrong.append(key)
    if wrong:
        yield wrong, f"CDI stops updating DataSources whose label {CRON_LABEL} is not the name of the DataImportCron"


def _node_pollers(draft: Draft, old: int, new: int) -> _Notes:
    """Since CDI 1.63 its controller polls what nodes pull; the CronJobs that did may stay."""
    if not old < 63 <= new:
        return
    moved = [key for key, row in sorted(draft.rows(DATA_IMPORT_CRONS).items()) if polling(row, new) is Polling.NODE]
    if moved:
        yield moved, "CDI polls these by pods on nodes instead of CronJobs, with the credentials of the nodes"
