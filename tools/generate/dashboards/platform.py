"""The part of the overview that is about what boot sources stand on: operators, storage, and what refers to them."""

from __future__ import annotations

from typing import Final

from tools.generate.dashboards.model import Column, Panel, Query, ValueMapping, select, select_newest

_GOOD: Final = "Available|ReconcileComplete|Upgradeable"
_BAD: Final = "Degraded|Progressing|TaintedConfiguration"
AS_IT_SHOULD: Final = (
    ValueMapping("1", "as it should be", "green"),
    ValueMapping("0", "not as it should be", "red"),
    ValueMapping("2", "unknown", "purple"),
)
_YES: Final = (ValueMapping("true", "yes", "blue"), ValueMapping("false", "no", "text"))
_UNKNOWN: Final = "HyperConverged, SSP and CDI are not known"


def _conditions(operator: str) -> str:
    metric = f"bootsource_{operator}_condition"
    good = select_newest(metric, f'condition=~"{_GOOD}"', 'status="true"', by="cluster, condition")
    bad = select_newest(metric, f'condition=~"{_BAD}"', 'status="true"', by="cluster, condition")
    unknown = select_newest(metric, f'condition=~"{_GOOD}|{_BAD}"', 'status="unknown"', by="cluster, condition")
    return f"2 * ({unknown} == 1) or {good} or 1 - {bad}"


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
_OPERATORS: Final = Panel(
    kind="state-timeline",
    title="Conditions of the operators",
    description="HyperConverged, SSP and CDI: each condition as it should be or not. Degraded, Progressing and "
    "TaintedConfiguration should be False, the others True. Unknown: its operator cannot tell.",
    queries=(
        Query(_conditions("hyperconverged"), "HyperConverged {{condition}} {{cluster}}"),
        Query(_conditions("ssp"), "SSP {{condition}} {{cluster}}"),
        Query(_conditions("cdi"), "CDI {{condition}} {{cluster}}"),
    ),
    width=16,
    height=10,
    empty=_UNKNOWN,
    words=AS_IT_SHOULD,
)
_STORAGE: Final = Panel(
    kind="table",
    title="StorageClasses: which claim to be default, and which wins",
    description="Images go to the winner if a boot source names no class, by the rules of the CDI that is installed. Two "
    "defaults of a kind: the newest wins, by accident. No winner: nothing is imported.",
    queries=(
        Query(
            select_newest("bootsource_storageclass_info", by="cluster, storageclass, virt_default, kubernetes_default")
        ),
        Query(select_newest("bootsource_storageclass_effective_default", by="cluster, storageclass")),
        Query(select_newest("bootsource_storageprofile_complete", by="cluster, storageclass")),
        Query(select_newest("bootsource_storageprofile_info", by="cluster, storageclass, source_format")),
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
        Column(field="Value", title="How many", width=95, unit="none"),
    ),
    worst="How many",
)


def _operator(name: str, expr: str) -> str:
    return f'label_replace({expr}, "operator", "{name}", "", "")'


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
