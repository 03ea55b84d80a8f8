"""Whole small platforms for the checks on entries, and patches applied as the client would."""

from __future__ import annotations

import copy
import json
import shlex
from collections.abc import Iterable
from typing import Any

from tests.worlds import (
    IMAGES,
    OPERATORS,
    Manifest,
    a_cdi,
    a_cron,
    an_entry,
    an_hco,
    an_ssp,
    manifest,
    merge,
)

ENABLE = "dataimportcrontemplate.kubevirt.io/enable"
ARCHES = "ssp.kubevirt.io/dict.architectures"
BIND = "cdi.kubevirt.io/storage.bind.immediate.requested"
FEDORA = an_entry()
CORP = an_entry("corp-image-cron", managed="corp", metadata={"annotations": {BIND: "true"}})
V1_LIST = "/spec/workloadSources/dataImportCronTemplates"


def platform(
    *,
    entries: Iterable[Manifest] = (CORP,),
    commons: Iterable[Manifest] = (FEDORA,),
    taken: Iterable[Manifest] | None = None,
    passed: Iterable[Manifest] | None = None,
    crons: Iterable[Manifest] | None = None,
    hco: Manifest | None = None,
    ssp: Manifest | None = None,
    more: Iterable[Manifest] = (),
) -> list[Manifest]:
    """HCO, SSP and crons that agree, unless told otherwise: `taken` by HCO's status, `passed` to SSP, `crons` made."""
    mine, common = list(entries), list(commons)
    accepted = (
        [e for e in mine if e["metadata"]["annotations"].get(ENABLE, "true") == "true"] if taken is None else [*taken]
    )
    given = sorted([*common, *accepted], key=lambda e: str(e["metadata"]["name"])) if passed is None else [*passed]
    made = [cron_of(e) for e in given] if crons is None else [*crons]
    return [
        an_hco(
            entries=mine, commons=common, taken=[{**e, "status": e.get("status", {})} for e in accepted], **(hco or {})
        ),
        an_ssp(entries=given, **(ssp or {})),
        a_cdi(),
        a_namespace(IMAGES),
        a_namespace(OPERATORS),
        *made,
        *more,
    ]


def a_namespace(name: str, phase: str = "Active") -> Manifest:
    """A Namespace."""
    return manifest("v1", "Namespace", name, status={"phase": phase})


def cron_of(entry: Manifest, **changes: Any) -> Manifest:
    """The DataImportCron that SSP makes of an entry."""
    name, spec = entry["metadata"]["name"], entry["spec"]
    return merge({**a_cron(name, managed=spec["managedDataSource"]), "spec": copy.deepcopy(spec)}, changes)


def off(name: str, value: str = "false") -> Manifest:
    """An entry that is there only to switch a common boot source off."""
    return {"metadata": {"name": name, "annotations": {ENABLE: value}}}


def metadata_edited_at(at: str) -> Manifest:
    """Metadata that tells when the spec was last edited."""
    return {"managedFields": [{"operation": "Update", "time": at, "fieldsV1": {"f:spec": {}}}]}


def closed_gate_spec() -> Manifest:
    """The spec of an HCO with the gate closed."""
    return {"spec": {"workloadSources": {"enableCommonBootImageImport": False}}}


def apply_command(command: str, target: Manifest) -> Manifest:
    """What `oc patch` makes of the object; a failing test operation raises."""
    words = shlex.split(command)
    assert words[1] == "patch", command
    patch = json.loads(words[words.index("-p") + 1])
    if words[words.index("--type") + 1] == "merge":
        return merge(target, patch)
    changed: Manifest = json.loads(json.dumps(target))  # a deep copy would keep one entry that stands twice one object
    for operation in patch:
        _apply(operation, changed)
    return changed


def _apply(operation: Manifest, target: Any) -> None:
    *way, last = [s.replace("~1", "/").replace("~0", "~") for s in operation["path"].split("/")[1:]]
    for step in way:
        target = target[int(step)] if isinstance(target, list) else target[step]
    match operation["op"], target:
        case "test", list() | dict():
            assert (target[int(last)] if isinstance(target, list) else target[last]) == operation["value"]
        case "remove", list():
            del target[int(last)]
        case "remove", dict():
            del target[last]
        case "add", list():
            assert last == "-"
            target.append(operation["value"])
        case "add", dict():
            target[last] = operation["value"]
        case "replace", dict():
            assert last in target
            target[last] = operation["value"]
        case other:
            raise AssertionError(other)
