"""VirtualMachines to which KubeVirt or CDI refused a clone from another namespace, in their own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_VOLUMES, VIRTUAL_MACHINES
from exporter.cluster.snapshot import View, joint
from exporter.kube.contract import Key
from exporter.model.clones import Reference
from exporter.model.data_volumes import DataVolume
from exporter.model.kubevirt import VirtualMachine

_REFUSED: Final = re.compile(
    r"not authorized to create datavolume|insufficient permissions in clone source|authorization failed", re.IGNORECASE
)
"""KubeVirt's words, and those of CDI's webhook."""
_ACCOUNT: Final = re.compile(r"system:serviceaccount:[a-z0-9-]{1,63}:([a-z0-9][a-z0-9.-]{0,252})")
"""The service account that was refused."""


class RefusedClone(NamedTuple):
    """A volume that a VirtualMachine may not clone."""

    by: Ref
    reference: Reference
    account: str
    """The service account of the VirtualMachine's namespace that was refused."""
    said: str
    since: datetime | None
    apart: bool
    """The VirtualMachine carries a suppression of its own."""


@joint(VIRTUAL_MACHINES, DATA_VOLUMES)
def refused_clones(view: View) -> tuple[RefusedClone, ...]:
    """All of them, whether they clone by a DataSource or name a claim or snapshot themselves.

    Only volumes that do not exist yet, from other namespaces: within one no permission is asked for. A message does not
    say which of several volumes was refused, so each may be.
    """
    volumes = view[DATA_VOLUMES].rows
    rows = view[VIRTUAL_MACHINES].rows.items()
    refused = ((key, row) for key, row in rows if row.failure and _REFUSED.search(row.failure))
    return tuple(sorted((each for key, row in refused for each in _refused(key, row, volumes)), key=_in_order))


def _refused(key: Key, machine: VirtualMachine, volumes: Mapping[Key, DataVolume]) -> Iterator[RefusedClone]:
    named = _ACCOUNT.search(machine.failure)
    account = named[1] if named else machine.account
    by, since = VIRTUAL_MACHINES.ref(*key), machine.failed_since or machine.created
    for reference in machine.references:
        elsewhere = not reference.dynamic and reference.namespace not in ("", key.namespace)
        if elsewhere and Key(key.namespace, reference.volume) not in volumes:
            yield RefusedClone(by, reference, account, machine.failure, since, bool(machine.suppress))


def _in_order(clone: RefusedClone) -> tuple[Ref, int]:
    return clone.by, clone.reference.index
