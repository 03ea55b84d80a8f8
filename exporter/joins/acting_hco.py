"""Which HyperConverged is the one that HCO acts upon: it reconciles only the one in its own namespace."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.cluster.resources import HYPERCONVERGEDS
from exporter.cluster.snapshot import View, joint
from exporter.kube.contract import Key
from exporter.model.hco import HyperConverged


def was_reconciled(hco: HyperConverged) -> bool:
    """HCO writes conditions in its first reconcile."""
    return bool(hco.status.conditions) or hco.status.observed_generation is not None


@joint(HYPERCONVERGEDS)
def acting_hyperconvergeds(view: View) -> Mapping[Key, HyperConverged]:
    """Those that count: all, unless some were reconciled and others never."""
    rows = view[HYPERCONVERGEDS].rows
    reconciled = {key: hco for key, hco in rows.items() if was_reconciled(hco)}
    return reconciled or dict(rows)
