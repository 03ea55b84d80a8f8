"""Admission: what the CRDs, CDI's webhook and HCO's webhook refuse of a boot source, and what fails although admitted.

What belongs here: pure rules on one manifest (`metadata` and `spec` of a DataImportCron, or of an entry of
HyperConverged or SSP, which have the same shape) and on the versions of the operators. What does not: the cluster
around it; whether a StorageClass or a namespace exists is for the checks.

`admit` gives a Verdict on a manifest, `find_fix` the smallest changes after which it is admitted. A fix is offered only
if its result is admitted.
"""

from exporter.joins.admission.admit import admit, find_fix, merged_spec
from exporter.joins.admission.entries import cron_manifests
from exporter.joins.admission.hco import entry_refusals, list_refusals
from exporter.joins.admission.sources import has_source
from exporter.joins.admission.verdict import (
    REMOVE,
    AdmissionRule,
    FieldChange,
    Hazard,
    Path,
    Refusal,
    RefusedBy,
    Verdict,
    apply_changes,
)
from exporter.joins.admission.version import CdiVersion
from exporter.joins.admission.webhook import schedule_refusal

__all__ = [
    "REMOVE",
    "AdmissionRule",
    "CdiVersion",
    "FieldChange",
    "Hazard",
    "Path",
    "Refusal",
    "RefusedBy",
    "Verdict",
    "admit",
    "apply_changes",
    "cron_manifests",
    "entry_refusals",
    "find_fix",
    "has_source",
    "list_refusals",
    "merged_spec",
    "schedule_refusal",
]
