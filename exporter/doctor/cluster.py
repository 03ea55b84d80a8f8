"""The cluster, with the credentials that were given: what is served, what may be read, and what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import yaml

from exporter.checks import CHECKS
from exporter.cluster import ClusterSnapshot, Table
from exporter.doctor.diagnosis import Line, Standing
from exporter.kube.client import Client
from exporter.kube.contract import State
from exporter.kube.discovery import Target, served_version
from exporter.kube.errors import KubeError
from exporter.permissions import VERBS, Permission, grant, permission
from exporter.resource import Resource
from exporter.watched import WATCHED

_REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_WHO: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_GRANT: Final = "give this account the permission: `kubectl apply -f -` takes the YAML below"
_FILL: Final = "put the account's name in place of NAME in the YAML below, then give it to `kubectl apply -f -`"
_PATIENCE: Final = 10.0
"""Seconds to wait for a review; one that hangs must not be waited for once per resource."""


def look(client: Client, cluster: ClusterSnapshot, progress: Callable[[str], None]) -> Iterator[Line]:
    """A line per resource, then what the checks can do with it."""
    progress("asking what may be read")
    user = _whoami(client)
    tables = [cluster[resource] for resource in WATCHED]
    # If permissions cannot be asked for, what the list has shown counts.
    denied: dict[Resource[Any], tuple[str, ...]] = {t.resource: VERBS for t in tables if t.state is State.FORBIDDEN}
    try:
        for table in tables:
            if table.state is not State.DISABLED:
                denied[table.resource] = tuple(verb for verb in VERBS if not _may(client, table.resource, verb))
    except KubeError as error:
        said = f"the API server does not tell what this account may do: {error}"
        yield _line("permissions", "unknown", said, "see what answers for it in the cluster")
    for table in tables:
        yield _resource(client, table, denied.get(table.resource, ()), user)
    yield _checks(cluster)


def missing(resource: Resource[Any], verbs: Sequence[str], user: str) -> str:
    """A role with just these verbs, and its binding, as YAML."""
    needed = permission(resource)
    what = [Permission(needed.group, needed.resource, tuple(verbs))]
    manifests = grant(what, user or "NAME", f"bootsource-exporter-{resource.plural}")
    return yaml.safe_dump_all(manifests, sort_keys=False)


def _resource(client: Client, table: Table[Any], denied: tuple[str, ...], user: str) -> Line:
    resource = table.resource
    if table.state is State.NOT_SERVED:
        later = "; if it ever does, this account may not read it" if denied else ""
        return _line(resource.plural, "ok", f"the cluster does not serve it, so there are none{later}")
    if denied:
        said = f"{user or 'this account'} may not {', '.join(denied)} {resource.plural}" + _group(resource)
        return _line(resource.plural, "problem", said, _GRANT if user else _FILL, missing(resource, denied, user))
    if table.state is State.LIVE:
        return _read(client, table)
    if table.state is State.DISABLED:
        return _line(resource.plural, "ok", "switched off; checks that read it are blind")
    status: Standing = "problem" if table.state is State.FORBIDDEN else "unknown"
    return _line(resource.plural, status, f"{table.state}: {table.detail}", "see what answers for it in the cluster")


def _read(client: Client, table: Table[Any]) -> Line:
    rejected = [f"{key}: {r.field or 'object'} {r.problem}" for key, r in sorted(table.rejected.items())]
    version = _version(client, table.resource)
    said = f"{version}{len(table)} kept" + (f", {len(rejected)} cannot be read: {rejected[0]}" if rejected else "")
    remedy = "mend the objects; what depends on them is unknown" if rejected else ""
    return _line(table.resource.plural, "problem" if rejected else "ok", said, remedy)


def _version(client: Client, resource: Resource[Any]) -> str:
    try:
        version = served_version(client, Target(resource.group, resource.versions, resource.plural))
    except KubeError:
        return ""
    return f"served as {version}, " if version else ""


def _may(client: Client, resource: Resource[Any], verb: str) -> bool:
    attributes = {"group": resource.group, "resource": resource.plural, "verb": verb}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    status = client.post_json(_REVIEWS, body, read_timeout=_PATIENCE).get("status")
    return isinstance(status, dict) and status.get("allowed") is True


def _whoami(client: Client) -> str:
    """The user name that the API server sees; "" if it does not tell (before Kubernetes 1.28)."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    try:
        return str(client.post_json(_WHO, body, read_timeout=_PATIENCE)["status"]["userInfo"]["username"])
    except (KubeError, KeyError, TypeError):
        return ""


def _checks(cluster: ClusterSnapshot) -> Line:
    unread = {t.resource for t in cluster if t.state not in (State.LIVE, State.NOT_SERVED)}
    blind = [check.id for check in CHECKS if check.tables & unread]
    if not blind:
        return _line("checks", "ok", f"all {len(CHECKS)} can judge")
    on = ", ".join(r.plural for r in WATCHED if r in unread)
    said = f"{len(blind)} of {len(CHECKS)} are blind without {on}"
    return _line("checks", "unknown", said, "mend what is said of these resources above")


def _group(resource: Resource[Any]) -> str:
    return f" of {resource.group}" if resource.group else ""


def _line(subject: str, status: Standing, said: str, remedy: str = "", manifest: str = "") -> Line:
    return Line(link="cluster", subject=subject, status=status, said=said, remedy=remedy, manifest=manifest)
