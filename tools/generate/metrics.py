"""docs/metrics.md: every metric, about the cluster and about the exporter itself."""

from __future__ import annotations

from typing import Final

from exporter.cluster.resources import WATCHED
from exporter.metrics.families import FAMILIES
from exporter.metrics.families.findings import LIMIT, MACHINES_LIMIT
from exporter.metrics.family import Family, FromReport, FromRows
from exporter.metrics.own import OWN_FAMILIES, OwnFamily
from tools.generate.checks import by_declaration
from tools.generate.text import code, facts, link, listed, page, prose, sentence

_OBJECTS: Final = frozenset({"boot_source", *(resource.kind.lower() for resource in WATCHED)})
"""Labels that name an object."""


def metrics() -> str:
    """All families, in the order of the exposition."""
    return page(
        "# Metrics",
        "Names and labels are a contract: they change with an entry in the changelog only. Times are Unix timestamps, "
        "not ages. A family whose inputs are not known has no samples, never zeros. The namespace of an object is the "
        "label `object_namespace`, because `namespace` is overwritten when OpenShift scrapes; two replicas expose the "
        "same series, so aggregate with `max by (...)`.",
        "## About the cluster",
        *(block for family in FAMILIES for block in _family(family)),
        "## About the exporter",
        "On the same page, with the usual `process_` and `python_` metrics of its process.",
        *(block for family in OWN_FAMILIES for block in _own(family)),
    )


def _family(family: Family) -> tuple[str, ...]:
    rows = [
        ("Type", "gauge"),
        ("Labels", listed(map(code, family.labels))),
        ("From", _origin(family)),
        ("Cardinality", _cardinality(family)),
    ]
    return f"### {family.name}", prose(sentence(family.help)), facts(rows)


def _own(family: OwnFamily) -> tuple[str, ...]:
    rows = [("Type", family.kind), ("Labels", listed(map(code, family.labels)))]
    return f"### {family.name}", prose(sentence(family.help)), facts(rows)


def _origin(family: Family) -> str:
    if isinstance(family.source, FromReport):
        return "the report of the checks"
    needed = [link(code(r.plural), f"resources.md#{r.plural}") for r in by_declaration(family.required)]
    wished = [link(code(r.plural), f"resources.md#{r.plural}") for r in by_declaration(family.reads - family.required)]
    return listed(needed) + (f"; if known, {listed(wished)}" if wished else "")


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
            return f"a few for each {code(named)}" if named else "fixed, whatever the size of the cluster"
