"""The operators' own CRs, the gate, and the boot sources that HCO lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final

from exporter.cluster.resources import CDIS, HYPERCONVERGEDS, SSPS
from exporter.joins.entries import Origin, Stage, listed_entries
from exporter.metrics.family import Facts, Family, Sample, per_cluster, per_row, unix_seconds
from exporter.model.cdi import CDI
from exporter.model.hco import HyperConverged
from exporter.model.ssp import SSP
from exporter.model.wire import Condition, Metadata

_HCO: Final = ("object_namespace", "hyperconverged")
_SSP: Final = ("object_namespace", "ssp")
_CDI: Final = ("cdi",)
_CONDITION: Final = ("condition", "status")
_STATUSES: Final = ("true", "false", "unknown")
_HCO_CONDITIONS: Final = (
    *("ReconcileComplete", "Available", "Progressing", "Degraded", "Upgradeable"),
    "TaintedConfiguration",
)
_OPERATOR_CONDITIONS: Final = ("Available", "Progressing", "Degraded")


def _ref(metadata: Metadata) -> tuple[str, str]:
    return metadata.namespace, metadata.name


def _conditions(
    names: tuple[str, ...], conditions: Iterable[Condition], known: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], float]]:
    """One sample per status of each known condition that is written; duplicates of a type are ignored."""
    written = {c.type: c for c in reversed(tuple(conditions)) if c.type in known}
    for type_ in known:
        if type_ in written:
            told = written[type_].status.lower()
            status = told if told in _STATUSES else "unknown"
            yield from (((*names, type_, s), s == status) for s in _STATUSES)


def _transitions(
    names: tuple[str, ...], conditions: Iterable[Condition], known: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], float]]:
    """When each known condition last changed; duplicates of a type are ignored."""
    written = {c.type: c for c in reversed(tuple(conditions)) if c.type in known}
    for type_ in known:
        at = unix_seconds(written[type_].last_transition_time) if type_ in written else None
        if at is not None:
            yield (*names, type_), at


@per_row(
    HYPERCONVERGEDS,
    "bootsource_hyperconverged_info",
    labels=(*_HCO, "version"),
    help="Identity of each HyperConverged, always 1. version: status.versions of the operator, empty if not told.",
)
def _hco_info(hco: HyperConverged) -> Iterator[Sample]:
    yield (*_ref(hco.metadata), hco.status.operator_version), 1


@per_row(
    HYPERCONVERGEDS,
    "bootsource_hyperconverged_condition",
    labels=(*_HCO, *_CONDITION),
    help="HyperConverged status.conditions: 1 for the status that a condition has, 0 for the others. "
    "No samples for a condition that is not written.",
)
def _hco_conditions(hco: HyperConverged) -> Iterable[Sample]:
    return _conditions(_ref(hco.metadata), hco.status.conditions, _HCO_CONDITIONS)


@per_row(
    HYPERCONVERGEDS,
    "bootsource_hyperconverged_condition_transition_timestamp_seconds",
    labels=(*_HCO, "condition"),
    help="When each condition of the HyperConverged last changed its status, as Unix time: lastTransitionTime. No "
    "sample for a condition that is not written.",
)
def _hco_transitions(hco: HyperConverged) -> Iterable[Sample]:
    return _transitions(_ref(hco.metadata), hco.status.conditions, _HCO_CONDITIONS)


@per_row(
    HYPERCONVERGEDS,
    "bootsource_hyperconverged_gate_enabled",
    labels=_HCO,
    help="Whether the gate enableCommonBootImageImport of the HyperConverged is on (1) or off (0), "
    "read where this version of HCO looks for it.",
)
def _gate(hco: HyperConverged) -> Iterator[Sample]:
    yield _ref(hco.metadata), hco.gate.on


@per_row(
    HYPERCONVERGEDS,
    "bootsource_hyperconverged_gate_dead_fields",
    labels=_HCO,
    help="Number of fields of the HyperConverged that look like the gate but are ignored by this version of HCO. "
    "0 is as it should be.",
)
def _dead_gates(hco: HyperConverged) -> Iterator[Sample]:
    yield _ref(hco.metadata), len(hco.gate.dead)


@per_row(
    HYPERCONVERGEDS,
    "bootsource_hyperconverged_multi_arch_enabled",
    labels=_HCO,
    help="Whether the HyperConverged imports boot sources per architecture (1) or not (0).",
)
def _multi_arch(hco: HyperConverged) -> Iterator[Sample]:
    yield _ref(hco.metadata), hco.multi_arch


def _lag(names: tuple[str, ...], generation: int | None, observed: int | None) -> Iterator[Sample]:
    if generation is not None and observed is not None:
        yield names, generation - observed


@per_row(
    HYPERCONVERGEDS,
    "bootsource_hyperconverged_generation_lag",
    labels=_HCO,
    help="Edits of the HyperConverged that its status does not cover yet: metadata.generation minus "
    "status.observedGeneration. No sample if either is missing.",
)
def _hco_lag(hco: HyperConverged) -> Iterator[Sample]:
    return _lag(_ref(hco.metadata), hco.metadata.generation, hco.status.observed_generation)


@per_row(
    SSPS,
    "bootsource_ssp_info",
    labels=(*_SSP, "version"),
    help="Identity of each SSP, always 1. version: status.observedVersion, empty if not told.",
)
def _ssp_info(ssp: SSP) -> Iterator[Sample]:
    yield (*_ref(ssp.metadata), ssp.status.observed_version), 1


@per_row(
    SSPS,
    "bootsource_ssp_condition",
    labels=(*_SSP, *_CONDITION),
    help="SSP status.conditions: 1 for the status that a condition has, 0 for the others. "
    "No samples for a condition that is not written.",
)
def _ssp_conditions(ssp: SSP) -> Iterable[Sample]:
    return _conditions(_ref(ssp.metadata), ssp.status.conditions, _OPERATOR_CONDITIONS)


@per_row(
    SSPS,
    "bootsource_ssp_condition_transition_timestamp_seconds",
    labels=(*_SSP, "condition"),
    help="When each condition of the SSP last changed its status, as Unix time: lastTransitionTime. No sample for a "
    "condition that is not written.",
)
def _ssp_transitions(ssp: SSP) -> Iterable[Sample]:
    return _transitions(_ref(ssp.metadata), ssp.status.conditions, _OPERATOR_CONDITIONS)


@per_row(
    SSPS,
    "bootsource_ssp_paused",
    labels=_SSP,
    help="Whether somebody has paused the reconciliation of this SSP (1) or not (0).",
)
def _paused(ssp: SSP) -> Iterator[Sample]:
    yield _ref(ssp.metadata), ssp.paused


@per_row(
    SSPS,
    "bootsource_ssp_generation_lag",
    labels=_SSP,
    help="Edits of the SSP that its status does not cover yet: metadata.generation minus status.observedGeneration. "
    "No sample if either is missing.",
)
def _ssp_lag(ssp: SSP) -> Iterator[Sample]:
    return _lag(_ref(ssp.metadata), ssp.metadata.generation, ssp.status.observed_generation)


@per_row(
    CDIS,
    "bootsource_cdi_info",
    labels=(*_CDI, "version"),
    help="Identity of each CDI, always 1. version: status.observedVersion, empty if not told.",
)
def _cdi_info(cdi: CDI) -> Iterator[Sample]:
    yield (cdi.metadata.name, cdi.status.observed_version), 1


@per_row(
    CDIS,
    "bootsource_cdi_condition",
    labels=(*_CDI, *_CONDITION),
    help="CDI status.conditions: 1 for the status that a condition has, 0 for the others. "
    "No samples for a condition that is not written.",
)
def _cdi_conditions(cdi: CDI) -> Iterable[Sample]:
    return _conditions((cdi.metadata.name,), cdi.status.conditions, _OPERATOR_CONDITIONS)


@per_row(
    CDIS,
    "bootsource_cdi_condition_transition_timestamp_seconds",
    labels=(*_CDI, "condition"),
    help="When each condition of the CDI last changed its status, as Unix time: lastTransitionTime. No sample for a "
    "condition that is not written.",
)
def _cdi_transitions(cdi: CDI) -> Iterable[Sample]:
    return _transitions((cdi.metadata.name,), cdi.status.conditions, _OPERATOR_CONDITIONS)


@per_cluster(
    "bootsource_boot_sources",
    labels=("origin", "state"),
    help="Number of boot sources that the HyperConverged lists, by origin (common, modified, custom) and state "
    "(enabled, disabled, not_deployed, not_propagated).",
    reads=(listed_entries,),
)
def _counts(facts: Facts) -> Iterator[Sample]:
    counts = Counter((item.origin, item.stage) for item in facts.join(listed_entries))
    yield from (((origin, stage), counts[origin, stage]) for origin, stage in product(Origin, Stage))


@per_cluster(
    "bootsource_boot_source_info",
    labels=("boot_source", "datasource", "origin", "state"),
    help="Each boot source that the HyperConverged lists, always 1. boot_source: name of its entry and, without "
    "multi-architecture, of its DataImportCron. datasource: managedDataSource of its spec, empty if it has none.",
    reads=(listed_entries,),
)
def _boot_source(facts: Facts) -> Iterator[Sample]:
    found = {item.name: item for item in facts.join(listed_entries)}
    for item in found.values():
        yield (item.name, item.spec.managed_data_source, item.origin, item.stage), 1


OPERATORS: Final[tuple[Family, ...]] = (
    _hco_info,
    _hco_conditions,
    _hco_transitions,
    _gate,
    _dead_gates,
    _multi_arch,
    _hco_lag,
    _ssp_info,
    _ssp_conditions,
    _ssp_transitions,
    _paused,
    _ssp_lag,
    _cdi_info,
    _cdi_conditions,
    _cdi_transitions,
    _counts,
    _boot_source,
)
