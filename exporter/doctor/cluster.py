"""The cluster, with the credentials that were given: what is served, what may be read, and what was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from exporter.checks import CHECKS
from exporter.cluster.permissions import VERBS, build_role, permission_for
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import ClusterSnapshot, Table
from exporter.doctor.diagnosis import Line, Standing
from exporter.doctor.reviews import Rights
from exporter.kube.client import Client
from exporter.kube.contract import State
from exporter.kube.discovery import Target, served_version
from exporter.kube.errors import KubeError

_GRANT: Final = "give this account the permission: `kubectl apply -f -` takes the YAML below"
_NAME: Final = "NAME"
"""Stands for an account whose name is not told."""
_FILL: Final = (
    f"put the account's name in place of {_NAME} in the YAML below, both times, then give it to `kubectl apply -f -`"
)
_REACHED: Final = "try `kubectl get --raw /readyz` with the same kubeconfig: a proxy, a firewall, an old login?"
_ANSWERS: Final = "see what answers for it in the cluster"


def check_access(cluster: ClusterSnapshot, rights: Rights, versions: Mapping[Resource[Any], str]) -> Iterator[Line]:
    """A line per resource, then what the checks can do with it."""
    if rights.fault:
        said = f"the API server does not tell what this account may do: {rights.fault}"
        yield _line("permissions", "unknown", said, _REACHED)
    failed = [table for table in cluster if table.state is State.FAILED]
    if rights.fault and len(failed) == sum(table.state is not State.DISABLED for table in cluster):
        said = f"none of {len(failed)} resources can be read: {failed[0].detail}"
        yield _line("resources", "unknown", said, _REACHED)
    else:
        for resource in WATCHED:
            yield _resource(cluster[resource], rights, versions.get(resource, ""))
    yield _checks(cluster)


def served_versions(client: Client, cluster: ClusterSnapshot) -> dict[Resource[Any], str]:
    """In which version what was read is served; none for what is not told, and the first failure is the last."""
    found: dict[Resource[Any], str] = {}
    for table in (table for table in cluster if table.state is State.LIVE):
        resource = table.resource
        try:
            version = served_version(client, Target(resource.group, resource.versions, resource.plural))
        except KubeError:
            break
        if version:
            found[resource] = version
    return found


def missing_role(resource: Resource[Any], user: str, namespaces: tuple[str, ...] = ()) -> str:
    """A role with all that the resource needs, and its bindings, as YAML; without namespaces in the whole cluster."""
    return yaml.safe_dump_all(build_role(permission_for(resource), user or _NAME, namespaces), sort_keys=False)


def _resource(table: Table[Any], rights: Rights, version: str) -> Line:
    resource = table.resource
    # If permissions could not be asked for, what the list has shown counts.
    denied = rights.denied.get(resource, VERBS if table.state is State.FORBIDDEN else ())
    if table.state is State.DISABLED:
        return _line(resource.plural, "ok", "switched off; checks that read it are blind")
    if table.state is State.NOT_SERVED:
        later = "; if it ever does, this account may not read it" if denied else ""
        return _line(resource.plural, "ok", f"the cluster does not serve it, so there are none{later}")
    if denied:
        said = f"{rights.user or 'this account'} may not {', '.join(denied)} {resource.plural}" + _group(resource)
        places = rights.denied_in.get(resource, ())
        said += f" in {', '.join(places)}" if places else ""
        manifest = missing_role(resource, rights.user, places)
        return _line(resource.plural, "problem", said, _GRANT if rights.user else _FILL, manifest)
    if table.state is State.LIVE:
        return _table_line(table, version)
    status: Standing = "problem" if table.state is State.FORBIDDEN else "unknown"
    return _line(resource.plural, status, f"{table.state}: {table.detail}", _ANSWERS)


def _table_line(table: Table[Any], version: str) -> Line:
    rejected = [f"{key}: {r.field or 'object'} {r.problem}" for key, r in sorted(table.rejected.items())]
    said = f"served as {version}, " if version else ""
    said += (
        f"{len(table)} kept"
        + (f"; {table.detail}" if table.hidden else "")
        + (f", {len(rejected)} cannot be read: {rejected[0]}" if rejected else "")
    )
    if rejected:
        return _line(table.resource.plural, "problem", said, "mend the objects; what depends on them is unknown")
    if State.FORBIDDEN in table.hidden.values():
        return _line(table.resource.plural, "problem", said, "give this account the permission in these namespaces too")
    return _line(table.resource.plural, "ok", said)


def _checks(cluster: ClusterSnapshot) -> Line:
    off = {t.resource for t in cluster if t.state is State.DISABLED}
    unread = {t.resource for t in cluster if t.state not in (State.LIVE, State.NOT_SERVED)}
    blind = [check for check in CHECKS if check.tables & unread]
    hidden = {t.resource for t in cluster if t.hidden} - unread
    partly = sum(bool(check.tables & hidden) for check in CHECKS if check not in blind)
    if not blind and partly:
        what = ", ".join(r.plural for r in WATCHED if r in hidden)
        said = f"{partly} of {len(CHECKS)} do not see all namespaces of {what}; in the others they are unknown"
        chosen = all(state is State.DISABLED for t in cluster for state in t.hidden.values())
        return _line("checks", "ok" if chosen else "unknown", said)
    if not blind:
        return _line("checks", "ok", f"all {len(CHECKS)} can judge")
    on = ", ".join(r.plural for r in WATCHED if r in unread) if len(unread) < len(WATCHED) else "any of them"
    said = f"{len(blind)} of {len(CHECKS)} are blind without {on}"
    if all(check.tables & unread <= off for check in blind):
        return _line("checks", "ok", f"{said}, which was switched off")
    return _line("checks", "unknown", said, "mend what is said of these resources above")


def _group(resource: Resource[Any]) -> str:
    return f" of {resource.group}" if resource.group else ""


def _line(subject: str, status: Standing, said: str, remedy: str = "", manifest: str = "") -> Line:
    return Line(link="cluster", subject=subject, status=status, said=said, remedy=remedy, manifest=manifest)
