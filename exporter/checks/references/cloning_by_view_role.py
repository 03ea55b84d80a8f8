"""Service accounts that may clone by a role which does not allow it from CDI 1.66 on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from exporter.base.excerpts import list_some
from exporter.checks.check import Context, Failed, Unknown, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.cloning import CLONER_SINCE, NEW_ROLE
from exporter.cluster.resources import CLUSTER_ROLE_BINDINGS, NAMESPACES, ROLE_BINDINGS
from exporter.joins.clone_rights import CDI_VIEW, ViewCloner, clones_between, view_cloners
from exporter.model.rbac import Subject
from exporter.report import Severity

_MOST: Final = 100
"""Subjects in one command."""


@check(
    id="cloning-by-view-role",
    severity=Severity.WARNING,
    over=None,
    reads=(ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS, view_cloners),
    optional=(clones_between,),
    summary="The role by which images are cloned does not allow it from CDI 1.66 on",
    meaning=(
        "Up to CDI 1.65 (OpenShift Virtualization 4.22) the ClusterRole `cdi.kubevirt.io:view`, and with it `view`, includes "
        "`create` on `datavolumes/source`, by which service accounts clone images of other namespaces. CDI 1.66 moves it to "
        "`cdi.kubevirt.io:clone-sourcer`. Service accounts and users that have no other role where the images are cannot "
        "clone after the upgrade. For `view` only those count into whose namespaces volumes were cloned. It is an info until "
        "the next minor version takes the permission away, and for people, who have the role to look."
    ),
    impact=(
        "After the upgrade new VirtualMachines of these service accounts fail with FailedCreate. Those that have their disks "
        "go on."
    ),
    diagnosis=(
        "`oc get rolebinding -n NAMESPACE -o wide`; `oc auth can-i create datavolumes.cdi.kubevirt.io --subresource=source "
        "-n NAMESPACE --as=system:serviceaccount:NAMESPACE-OF-THE-MACHINE:default`."
    ),
    mitigation=(
        "Bind `cdi.kubevirt.io:clone-sourcer` to the same subjects beside the role that they have. This can be done before "
        "the upgrade: a binding to a role that does not exist yet takes effect as soon as it does."
    ),
    undated="CDI does not tell since when it has its version",
    alert_for=timedelta(minutes=15),
    scenarios=("F58",),
)
def cloning_by_view_role(_: None, ctx: Context) -> Verdict:
    """Judge the bindings of each namespace of images together."""
    cloners = {namespace: _that_matter(namespace, every, ctx) for namespace, every in ctx.join(view_cloners).items()}
    cloners = {namespace: some for namespace, some in cloners.items() if some}
    if cloners:
        for table in (ctx[ROLE_BINDINGS], ctx[CLUSTER_ROLE_BINDINGS]):
            table.whole()  # one that cannot be read may allow it, too
    if cloners and ctx.platform.cdi_minor is None:
        return Unknown("CDI does not tell its version")
    return [_fail(namespace, some, ctx) for namespace, some in cloners.items()]


def _that_matter(namespace: str, cloners: Sequence[ViewCloner], ctx: Context) -> list[ViewCloner]:
    return [c for c in cloners if c.role == CDI_VIEW or _clones(c.subject, namespace, ctx)]


def _clones(subject: Subject, namespace: str, ctx: Context) -> bool:
    """Volumes in the namespace of these service accounts were cloned from there."""
    accounts = subject.accounts_of
    if accounts is None:
        return False
    known = ctx.consult(clones_between, frozenset[tuple[str, str]]())
    return any(
        to != source and accounts in ("", to) and namespace in ("", source) for to, source in known if to and source
    )


def _fail(namespace: str, cloners: list[ViewCloner], ctx: Context) -> Failed:
    minor = ctx.platform.cdi_minor or 0
    lost, soon = minor >= CLONER_SINCE, minor >= CLONER_SINCE - 1
    subjects = list(dict.fromkeys(str(c.subject) for c in cloners))
    bindings, roles = sorted({c.binding for c in cloners}), sorted({c.role for c in cloners})
    where = f"namespace {namespace}" if namespace else "all namespaces"
    what = "has taken" if lost else "will take"
    works = any(c.subject.accounts_of is not None for c in cloners)
    return Failed(
        summary=f"CDI 1.66 {what} the permission to clone from {where} from role {' and '.join(roles)}, "
        f"bound to {list_some(subjects)}",
        field="roleRef.name" if not namespace else f"{bindings[0]}: roleRef.name",
        observed=f"{', '.join(roles)}, bound by {list_some(str(b) for b in bindings)}",
        expected=f"{NEW_ROLE} beside it",
        severity=None if works and soon else Severity.INFO,
        about=NAMESPACES.ref("", namespace) if namespace else bindings[0],
        affects=tuple(bindings),
        fix=tuple(_fixes(namespace, cloners, ctx)),
    )


def _fixes(namespace: str, cloners: list[ViewCloner], ctx: Context) -> Iterator[Fix]:
    """The new role to the same subjects, by a binding of its own."""
    client, subjects = ctx.platform.client, list(dict.fromkeys(c.subject for c in cloners))
    kind = ("rolebinding", "clone-sourcers", "-n", namespace) if namespace else ("clusterrolebinding", "clone-sourcers")
    role = f"--clusterrole={NEW_ROLE}"
    note = "They may then clone every image there, as they could before"
    if not ctx.platform.cdi_since(CLONER_SINCE):
        note = "Takes effect with the upgrade, when CDI makes the role. Whoever runs it must be cluster-admin"
    for start in range(0, len(subjects), _MOST):
        name = () if not start else (str(start // _MOST + 1),)
        words = ("-".join((kind[1], *name)), *kind[2:])
        flags = [_flag(subject) for subject in subjects[start : start + _MOST]]
        yield Fix(
            command(client, "create", kind[0], *words, role, *flags),
            command(client, "get", kind[0], *words, "-o", "wide"),
            note=note,
        )


def _flag(subject: Subject) -> str:
    if subject.kind == "ServiceAccount":
        return f"--serviceaccount={subject.namespace}:{subject.name}"
    return f"--{subject.kind.lower()}={subject.name}"
