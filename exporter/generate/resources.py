"""docs/resources.md and deploy/rbac.yaml: what is watched, why, and what may therefore be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from exporter.checks import CHECKS
from exporter.generate.text import code, facts, link, listed, page, prose, sentence, table
from exporter.metrics.families import FAMILIES
from exporter.permissions import RBAC, VERBS
from exporter.resource import Resource
from exporter.watched import WATCHED


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
        "The permissions for all of it are in [deploy/rbac.yaml](../deploy/rbac.yaml). What is forbidden, or "
        "switched off with `--disable`, is not known: checks that read it are blind and say so, and metrics made from "
        "it are absent.",
        table(("Resource", "Kind", "Group", "Versions", "Can be switched off"), rows),
        *(block for resource in WATCHED for block in _section(resource)),
    )


def rbac() -> str:
    """A ClusterRole with one rule per API group. Who is bound to it is up to the deployment."""
    rules = groupby(sorted(WATCHED, key=lambda r: (r.group, r.plural)), key=lambda r: r.group)
    lines = [
        "# Reading what boot sources are made of. No secrets, nothing is written.",
        "# A resource that you do not want to be read can go: what depends on it says that it is blind.",
        *role("bootsource-exporter"),
        *(line for group, members in rules for line in _rule(group, list(members))),
    ]
    return "\n".join(lines) + "\n"


def role(name: str) -> list[str]:
    """The lines of a ClusterRole up to its rules."""
    return [
        f"apiVersion: {RBAC}/v1",
        "kind: ClusterRole",
        "metadata:",
        f"  name: {name}",
        "  labels:",
        "    app.kubernetes.io/name: bootsource-exporter",
        "rules:",
    ]


def _section(resource: Resource[Any]) -> Iterator[str]:
    yield f"## {resource.plural}"
    yield prose(sentence(f"{resource.kind}: {resource.purpose}"))
    told = [("Namespaces", prose(resource.scope.value))]
    if resource.label_selector:
        told.append(("Only with label", code(resource.label_selector)))
    blind = [link(code(c.id), f"checks/{c.id}.md") for c in CHECKS if resource in c.tables]
    vague = [link(code(c.id), f"checks/{c.id}.md") for c in CHECKS if resource in c.wishes]
    absent = [link(code(f.name), f"metrics.md#{f.name}") for f in FAMILIES if resource in f.required]
    told += [
        ("Checks that are blind without it", listed(blind)),
        ("Checks that name fewer causes without it", listed(vague)),
        ("Metrics that are absent without it", listed(absent)),
    ]
    yield facts(told)


def _rule(group: str, members: list[Resource[Any]]) -> Iterator[str]:
    quoted = group or '""'
    yield f"  - apiGroups: [{quoted}]"
    yield "    resources:"
    for resource in members:
        yield f"      # {resource.kind}: {resource.purpose}"
        yield f"      - {resource.plural}"
    yield f"    verbs: [{', '.join(VERBS)}]"
