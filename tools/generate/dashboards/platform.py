"""The part of the overview that is about what boot sources stand on: operators, storage, and what refers to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tools.generate.dashboards.freshness import told_by
from tools.generate.dashboards.model import Column, Panel, Query, ValueMapping, select, select_newest

_GOOD: Final = "Available|ReconcileComplete|Upgradeable"
_BAD: Final = "Degraded|Progressing|TaintedConfiguration"
_YES: Final = (ValueMapping("true", "yes", "blue"), ValueMapping("false", "no", "text"))
_CAN: Final = (ValueMapping("true", "yes", "green"), ValueMapping("false", "no", "orange"))
_UNKNOWN: Final = "HyperConverged, SSP and CDI are not known"


def _conditions(operator: str) -> str:
    metric = f"bootsource_{operator}_condition"
    good = select_newest(metric, f'condition=~"{_GOOD}"', 'status="true"', by="cluster, condition")
    bad = select_newest(metric, f'condition=~"{_BAD}"', 'status="true"', by="cluster, condition")
    unknown = select_newest(metric, f'condition=~"{_GOOD}|{_BAD}"', 'status="unknown"', by="cluster, condition")
    return f"2 * ({unknown} == 1) or {good} or 1 - {bad}"


def _transitions(operator: str) -> str:
    return select_newest(f"bootsource_{operator}_condition_transition_timestamp_seconds", by="cluster, condition")


def _operator(name: str, expr: str) -> str:
    return f'label_replace({expr}, "operator", "{name}", "", "")'


def _every(expr: Callable[[str], str]) -> str:
    """An expression about each operator, told apart by the label `operator`."""
    return f"({' or '.join(_operator(name, expr(name.lower())) for name in ('HyperConverged', 'SSP', 'CDI'))})"


_GATE: Final = Panel(
    kind="stat",
    title="Automatic imports",
    description="enableCommonBootImageImport of the HyperConverged, where this version looks for it. Off: common boot sources "
    "are removed and nobody imports them.",
    queries=(
        Query(
            f"min({select('bootsource_hyperconverged_gate_enabled')})",
        ),
    ),
    width=4,
    height=4,
    empty="HyperConverged unknown",
    words=(ValueMapping("1", "On", "green"), ValueMapping("0", "Off", "red")),
)
_DEAD: Final = Panel(
    kind="stat",
    title="Gates without effect",
    description="Fields of the HyperConverged that look like the gate, but that this version ignores: whoever set them "
    "believes something that is not so.",
    queries=(Query(select_newest("bootsource_hyperconverged_gate_dead_fields")),),
    width=4,
    height=4,
    empty="HyperConverged unknown",
    words=(ValueMapping("0", "None", "green"),),
    steps=((0, "green"), (1, "orange")),
)
_WRONG: Final = f"({_every(_conditions)} != 1)"
_OPERATORS: Final = Panel(
    kind="table",
    title="Conditions of the operators",
    description="HyperConverged, SSP and CDI: Degraded, Progressing and TaintedConfiguration should be False, the others "
    "True; those that are not have a row each. Unknown: its operator cannot tell. Since: when the condition last changed. Look at the message: "
    "`oc describe hyperconverged,ssp,cdi -A`.",
    queries=(
        Query(f"{_WRONG} or on (cluster, operator) min by (cluster, operator) ({_every(_conditions)})"),
        Query(f"time() - ({_every(_transitions)} and on (cluster, operator, condition) {_WRONG})"),
    ),
    width=16,
    height=6,
    empty=_UNKNOWN,
    columns=(
        Column(field="operator", title="Operator"),
        Column(field="condition", title="Condition", width=200),
        Column(
            field="Value #A",
            title="State",
            width=130,
            words=(
                ValueMapping("1", "all good", "green"),
                ValueMapping("0", "not good", "red"),
                ValueMapping("2", "unknown", "purple"),
            ),
        ),
        Column(field="Value #B", title="For", width=110, unit="s"),
        Column(field="cluster", title="Cluster", width=110),
    ),
    sparse="all conditions are good",
)
_STORAGE: Final = Panel(
    kind="table",
    title="StorageClasses: which claim to be default, and which wins",
    description="Images go to the winner if a boot source names no class, by the rules of the CDI that is installed. Two "
    "defaults of a kind: the newest wins, by accident. No winner: nothing is imported. Migration: ReadWriteMany, which live "
    "migration needs. Fast clone: the storage system clones by itself.",
    queries=(
        Query(
            select_newest("bootsource_storageclass_info", by="cluster, storageclass, virt_default, kubernetes_default")
        ),
        Query(select_newest("bootsource_storageclass_effective_default", by="cluster, storageclass")),
        Query(select_newest("bootsource_storageprofile_complete", by="cluster, storageclass")),
        Query(told_by("source_format, rwx, smart_clone", "bootsource_storageprofile_info", "cluster, storageclass")),
    ),
    width=12,
    height=7,
    empty="StorageClasses are not known",
    columns=(
        Column(field="storageclass", title="StorageClass"),
        Column(
            field="Value #B",
            title="Wins",
            width=70,
            words=(ValueMapping("1", "wins", "green"), ValueMapping("0", "no", "text")),
        ),
        Column(field="virt_default", title="Virt", width=65, words=_YES),
        Column(field="kubernetes_default", title="Kubernetes", width=100, words=_YES),
        Column(
            field="Value #C",
            title="Profile",
            width=100,
            words=(ValueMapping("1", "complete", "green"), ValueMapping("0", "incomplete", "red")),
        ),
        Column(field="source_format", title="Images as", width=95),
        Column(field="rwx", title="Migration", width=95, words=_CAN),
        Column(field="smart_clone", title="Fast clone", width=95, words=_CAN),
        Column(field="cluster", title="Cluster", width=100),
    ),
    worst="Wins",
)
_DEFAULTS: Final = Panel(
    kind="stat",
    title="Claims to be default",
    description="One virt or one Kubernetes default is as it should be; more compete, and CDI ignores the beta annotation.",
    queries=(
        Query(select_newest("bootsource_default_storageclasses", by="cluster, default"), "{{default}} {{cluster}}"),
    ),
    width=5,
    height=7,
    empty="StorageClasses are not known",
    steps=((0, "blue"), (2, "orange")),
)
_REFERENCES: Final = Panel(
    kind="table",
    title="References to DataSources",
    description="Templates and virtual machines by what the DataSource that they name is: missing and not ready fail, unknown "
    "could not be judged.",
    queries=(Query(f"sum by (kind, state) ({select_newest('bootsource_references', by='cluster, kind, state')}) > 0"),),
    width=7,
    height=7,
    empty="Nothing refers to DataSources, or templates and machines are not known",
    columns=(
        Column(field="kind", title="Kind"),
        Column(
            field="state",
            title="DataSource is",
            width=120,
            words=(
                ValueMapping("missing", "missing", "red"),
                ValueMapping("not_ready", "not ready", "orange"),
                ValueMapping("unknown", "unknown", "purple"),
                ValueMapping("resolved", "ready", "green"),
            ),
        ),
        Column(field="Value", title="References", width=105, unit="none"),
    ),
    worst="References",
)


_VERSIONS: Final = Panel(
    kind="table",
    title="Operators",
    description="Version that each says of itself, lag: edits that its status does not cover yet, and whether somebody has paused "
    "the reconciliation of SSP, which then mends nothing.",
    queries=(
        Query(
            " or ".join(
                _operator(name, select_newest(f"bootsource_{name.lower()}_info", by="cluster, version"))
                for name in ("HyperConverged", "SSP", "CDI")
            )
        ),
        Query(
            " or ".join(
                _operator(name, select_newest(f"bootsource_{name.lower()}_generation_lag", by="cluster"))
                for name in ("HyperConverged", "SSP")
            )
        ),
        Query(_operator("SSP", select_newest("bootsource_ssp_paused", by="cluster"))),
    ),
    width=8,
    height=6,
    empty=_UNKNOWN,
    columns=(
        Column(field="operator", title="Operator"),
        Column(field="version", title="Version", width=90),
        Column(field="Value #B", title="Lag", width=70, unit="none"),
        Column(
            field="Value #C",
            title="Paused",
            width=80,
            words=(ValueMapping("1", "paused", "red"), ValueMapping("0", "no", "text")),
        ),
        Column(field="cluster", title="Cluster", width=90),
    ),
)

PANELS: Final = (_OPERATORS, _GATE, _DEAD, _VERSIONS, _STORAGE, _DEFAULTS, _REFERENCES)
