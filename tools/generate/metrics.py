"""docs/metrics.md: every metric, about the cluster and about the exporter itself."""

from __future__ import annotations

from typing import Final

from exporter.cluster.resources import WATCHED
from exporter.metrics.exporter_families import OWN_FAMILIES, ExporterFamily
from exporter.metrics.families import FAMILIES
from exporter.metrics.families.findings import LIMIT, MACHINES_LIMIT
from exporter.metrics.family import Family, FromReport, FromRows
from tools.generate.checks import sort_by_declaration
from tools.generate.markdown import (
    as_sentence,
    fact_list,
    format_code,
    format_link,
    format_prose,
    join_blocks,
    join_items,
)

_OBJECTS: Final = frozenset({"boot_source", *(resource.kind.lower() for resource in WATCHED)})
"""Labels that name an object."""


def metrics_page() -> str:
    """All families, in the order of the exposition."""
    return join_blocks(
        "# Metrics",
        "Names and labels are a contract: they change with an entry in the changelog only. Times are Unix timestamps, "
        "not ages. A family whose inputs are not known has no samples, never zeros. The namespace of an object is the "
        "label `object_namespace`, because `namespace` is overwritten when OpenShift scrapes; two replicas expose the "
        "same series, so aggregate with `max by (...)`.",
        "## About the cluster",
        *(block for family in FAMILIES for block in _family(family)),
        "## About the exporter",
        "On the same page, with the usual `process_` and `python_` metrics of its process.",
        *(block for family in OWN_FAMILIES for block in _exporter_row(family)),
    )


def _family(family: Family) -> tuple[str, ...]:
    rows = [
        ("Type", "gauge"),
        ("Labels", join_items(map(format_code, family.labels))),
        ("From", _origin(family)),
        ("Cardinality", _cardinality(family)),
    ]
    return f"### {family.name}", format_prose(as_sentence(family.help)), fact_list(rows)


def _exporter_row(family: ExporterFamily) -> tuple[str, ...]:
    rows = [("Type", family.kind), ("Labels", join_items(map(format_code, family.labels)))]
    return f"### {family.name}", format_prose(as_sentence(family.help)), fact_list(rows)


def _origin(family: Family) -> str:
    if isinstance(family.source, FromReport):
        return "the report of the checks"
    needed = [
        format_link(format_code(r.plural), f"resources.md#{r.plural}") for r in sort_by_declaration(family.required)
    ]
    wished = [
        format_link(format_code(r.plural), f"resources.md#{r.plural}")
        for r in sort_by_declaration(family.reads - family.required)
    ]
    return join_items(needed) + (f"; if known, {join_items(wished)}" if wished else "")


def _cardinality(family: Family) -> str:
    """How many series there can be. Labels that name no object take few values, which the help tells."""
    match family.source:
        case FromRows(resource=resource):
            return f"a few for each {resource.kind}"
        case FromReport() if "object" in family.labels:
            return (
                f"one per object with a finding, at most {LIMIT} of a check, or {MACHINES_LIMIT} where they are about "
                "VirtualMachines"
            )
        case _:
            named = next((label for label in family.labels if label in _OBJECTS), "")
            return f"a few for each {format_code(named)}" if named else "fixed, whatever the size of the cluster"
