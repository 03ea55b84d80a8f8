"""Who may clone images only by a role from which CDI 1.66 takes the permission. Source: CDI commit d62c08541."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from exporter.cluster.resource import Ref
from exporter.cluster.resources import CLUSTER_ROLE_BINDINGS, DATA_VOLUMES, ROLE_BINDINGS
from exporter.cluster.snapshot import View, joint
from exporter.model.rbac import Binding, Subject, subjects_of

CDI_VIEW: Final = "cdi.kubevirt.io:view"
_VIEW: Final = "view"
"""The role of Kubernetes into which that one is aggregated."""


class ViewCloner(NamedTuple):
    """Somebody who may clone by the role `view` or `cdi.kubevirt.io:view`, and by no other that is known."""

    subject: Subject
    binding: Ref
    role: str


@joint(ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)
def view_cloners(view: View) -> Mapping[str, tuple[ViewCloner, ...]]:
    """By namespace of images, "" for all.

    Any other role may include the permission, such as `edit`, SSP's `os-images.kubevirt.io:view` or one of somebody's
    own; roles themselves are not read, so whoever has another one is left out.
    """
    everywhere = list(view[CLUSTER_ROLE_BINDINGS].rows.items())
    found = {"": _cloners(CLUSTER_ROLE_BINDINGS.kind, (row for _, row in everywhere), ())}
    by_namespace: dict[str, list[Binding]] = {}
    for key, row in view[ROLE_BINDINGS].rows.items():
        by_namespace.setdefault(key.namespace, []).append(row)
    others = [row for _, row in everywhere]
    for namespace, rows in by_namespace.items():
        found[namespace] = _cloners(ROLE_BINDINGS.kind, rows, others)
    return {namespace: cloners for namespace, cloners in sorted(found.items()) if cloners}


def _cloners(kind: str, rows: Iterable[Binding], others: Iterable[Binding]) -> tuple[ViewCloner, ...]:
    viewing, else_bound = [], [s for row in others if not _views(row) for s in subjects_of(row)]
    for row in rows:
        if not _views(row):
            else_bound += subjects_of(row)
            continue
        by = Ref(kind, row.metadata.namespace, row.metadata.name)
        viewing += [ViewCloner(subject, by, row.role_ref.name) for subject in subjects_of(row)]
    return tuple(sorted(c for c in viewing if not any(other.includes(c.subject) for other in else_bound)))


def _views(binding: Binding) -> bool:
    return binding.role_ref.kind == "ClusterRole" and binding.role_ref.name in (_VIEW, CDI_VIEW)


@joint(DATA_VOLUMES)
def clones_between(view: View) -> frozenset[tuple[str, str]]:
    """Namespaces into which volumes are or were cloned, each with the namespace of what they were cloned from."""
    rows = view[DATA_VOLUMES].rows.items()
    return frozenset((key.namespace, row.origin.namespace) for key, row in rows if row.origin is not None)
