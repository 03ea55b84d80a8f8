"""docs/resources.md: what is watched, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exporter.checks import CHECKS
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.metrics.families import FAMILIES
from tools.generate.text import code, facts, link, listed, page, prose, sentence, table


def resources() -> str:
    """The resources, and what is lost without each of them."""
    rows = [
        (
            link(code(r.plural), f"#{r.plural}"),
            r.kind,
            code(r.group) if r.group else "core",
            listed(map(code, r.versions)),
            "yes" if r.switchable else "no",
        )
        for r in WATCHED
    ]
    return page(
        "# Resources",
        "What the exporter watches. Of several versions it takes the first that the cluster serves. What the cluster "
        "does not serve is known to be empty, and is watched once it appears.",
        "The permissions for all of it are in [one role](../deploy/kustomize/base/clusterrole.yaml), a rule each. What "
        "is forbidden, or switched off with `--disable`, is not known: checks that read it are blind and say so, and "
        "metrics made from it are absent.",
        table(("Resource", "Kind", "Group", "Versions", "Can be switched off"), rows),
        *(block for resource in WATCHED for block in _section(resource)),
    )


def _section(resource: Resource[Any]) -> Iterator[str]:
    yield f"## {resource.plural}"
    yield prose(sentence(f"{resource.kind}: {resource.purpose}"))
    told = [("Namespaces", prose(resource.scope.value))]
    if resource.label_selector:
        told.append(("Only with label", code(resource.label_selector)))
    if resource.cost:
        told.append(("Cost", prose(sentence(resource.cost))))
    blind = [link(code(c.id), f"checks/{c.id}.md") for c in CHECKS if resource in c.tables]
    vague = [link(code(c.id), f"checks/{c.id}.md") for c in CHECKS if resource in c.wishes]
    absent = [link(code(f.name), f"metrics.md#{f.name}") for f in FAMILIES if resource in f.required]
    told += [
        ("Checks that are blind without it", listed(blind)),
        ("Checks that name fewer causes without it", listed(vague)),
        ("Metrics that are absent without it", listed(absent)),
    ]
    yield facts(told)
