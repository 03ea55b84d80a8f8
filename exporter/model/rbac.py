"""rbac.authorization.k8s.io: who is bound to which role, as far as it may matter for cloning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from exporter.model.errors import ExcessiveError
from exporter.model.wire import Many, Metadata, Text, wire

_MOST_SUBJECTS: Final = 1000


@wire
class RoleRef:
    """The role that a binding gives."""

    kind: Text = ""
    name: Text = ""


@wire
class WireSubject:
    """One of a binding's subjects."""

    kind: Text = ""
    name: Text = ""
    namespace: Text = ""


@wire
class Binding:
    """A RoleBinding or ClusterRoleBinding."""

    metadata: Metadata
    role_ref: RoleRef = Field(default_factory=RoleRef)
    subjects: Many[WireSubject] = ()


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Somebody to whom a role is bound, in the form in which the API server compares: all but users are groups too."""

    kind: str
    """ServiceAccount, User or Group."""
    name: str
    namespace: str = ""
    """Of a ServiceAccount."""

    def __str__(self) -> str:
        """`ServiceAccount shop/default`, `Group system:authenticated`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def accounts_of(self) -> str | None:
        """The namespace to whose service accounts it belongs, "" for those of all namespaces; None for people."""
        if self.kind == "ServiceAccount":
            return self.namespace
        if self.kind == "Group" and self.name in ("system:serviceaccounts", "system:authenticated"):
            return ""
        prefix, _, namespace = self.name.rpartition(":")
        return namespace if self.kind == "Group" and prefix == "system:serviceaccounts" else None

    def includes(self, other: Subject) -> bool:
        """Whoever the other one is, this is, too."""
        if self == other or (self.kind, self.name) == ("Group", "system:authenticated"):
            return True
        mine, theirs = self.accounts_of, other.accounts_of
        return self.kind == "Group" and None not in (mine, theirs) and mine in ("", theirs)


def subjects_of(binding: Binding) -> Iterator[Subject]:
    """Its subjects. A user that is called like a service account is that service account."""
    for subject in binding.subjects:
        parts = subject.name.split(":")
        if subject.kind == "User" and parts[:2] == ["system", "serviceaccount"] and len(parts) == 4:
            yield Subject("ServiceAccount", parts[3], parts[2])
        else:
            namespace = subject.namespace or binding.metadata.namespace
            yield Subject(subject.kind, subject.name, namespace if subject.kind == "ServiceAccount" else "")


def binding_row(wired: Binding) -> Binding | None:
    """Keep what people bind; roles whose names begin with `system:` are those of Kubernetes and OpenShift themselves.

    Raises ExcessiveError if a binding has more subjects than are read.
    """
    if wired.role_ref.name.startswith("system:"):
        return None
    if len(wired.subjects) > _MOST_SUBJECTS:
        raise ExcessiveError(
            "subjects", f"{len(wired.subjects)} subjects; bindings with more than {_MOST_SUBJECTS} are not read"
        )
    return wired
