"""VirtualMachines that may not clone from the namespace of their DataSource."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.references._missing_targets import reference_field
from exporter.checks.references._waiting_links import affected, alone, names, since, who
from exporter.checks.shared.cloning import CLONER_SINCE, bind_cloner, binding_note
from exporter.cluster.resource import Ref
from exporter.cluster.resources import NAMESPACES
from exporter.joins.clone_rights import view_cloners
from exporter.joins.refusals import RefusedClone, refused_clones
from exporter.model.clones import DEFAULT_ACCOUNT
from exporter.model.rbac import Subject
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=5), "how long a VirtualMachine may be refused its clone")


@check(
    id="machine-clone-unauthorized",
    severity=Severity.WARNING,
    over=None,
    reads=(refused_clones,),
    optional=(view_cloners,),
    summary="A virtual machine may not clone from the namespace of its DataSource",
    meaning=(
        "To clone across namespaces, the service account of the VirtualMachine needs `create` on `datavolumes/source` in the "
        "namespace of the image. That account is `default` unless the VirtualMachine names another one. SSP grants the "
        "permission to everybody in the golden image namespace; in a namespace of your own nobody has granted it. From CDI "
        "1.66 on the ClusterRole cdi.kubevirt.io:view does not include it any more. All VirtualMachines of a namespace that "
        "lack it by the same service account are one finding."
    ),
    impact="The VirtualMachines get no disk: FailedCreate.",
    diagnosis=(
        "`oc auth can-i create datavolumes.cdi.kubevirt.io --subresource=source -n NAMESPACE-OF-THE-IMAGE "
        "--as=system:serviceaccount:NAMESPACE-OF-THE-MACHINE:default`."
    ),
    mitigation=(
        "Bind cdi.kubevirt.io:clone-sourcer (before CDI 1.66: cdi.kubevirt.io:view), or a role with that permission, in the "
        "namespace of the image, to those who may use it."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=15),
    scenarios=("F58",),
)
def machine_clone_unauthorized(_: None, ctx: Context) -> Verdict:
    """Judge by KubeVirt's own words. However many VirtualMachines lack one permission, it is one finding."""
    found: dict[tuple[Ref, str], list[RefusedClone]] = {}
    for clone in ctx.join(refused_clones):
        source, part = clone.reference.namespace, f"{clone.by.namespace}/{clone.account}"
        about = (clone.by, f"{source}/{part}") if clone.apart else (NAMESPACES.ref("", source), part)
        found.setdefault(about, []).append(clone)
    return [_fail(about, part, clones, ctx) for (about, part), clones in sorted(found.items())]


def _fail(about: Ref, part: str, clones: list[RefusedClone], ctx: Context) -> Failed:
    first = clones[0]
    namespace, own, account = first.reference.namespace, first.by.namespace, first.account
    place = reference_field(first.reference)
    sources = sorted({f"{c.reference.kind or 'DataSource'} {namespace}/{c.reference.name}" for c in clones})
    what = sources[0] if len(sources) == 1 else f"{len(sources)} images"
    return Failed(
        summary=f"{who(clones)} may not clone {what}: namespace {namespace} does not allow it{names(clones)}",
        field=place if alone(clones) and first.apart else f"{first.by}: {place}",
        observed=first.said,
        expected=f"create on datavolumes/source in {namespace} for service account {own}/{account}",
        since=since(clones),
        grace=ctx.limit(_GRACE),
        part=part,
        about=about,
        affects=affected(clones),
        causes=_causes(namespace, Subject("ServiceAccount", account, own), ctx),
        fix=_allow(namespace, own, account, ctx),
    )


def _causes(namespace: str, account: Subject, ctx: Context) -> tuple[Cause, ...]:
    """The account had its permission by a role that has lost it."""
    cloners = ctx.consult(view_cloners, {})
    here = [c for place in ("", namespace) for c in cloners.get(place, ()) if c.subject.includes(account)]
    if not here or not ctx.platform.cdi_since(CLONER_SINCE):
        return ()
    abouts = {NAMESPACES.ref("", namespace) if c.binding.namespace else c.binding for c in here}
    return tuple(Cause("cloning-by-view-role", about) for about in sorted(abouts))


def _allow(namespace: str, own: str, account: str, ctx: Context) -> Fix:
    """Bind the smallest role that CDI ships to the one service account that was refused."""
    client, minor = ctx.platform.client, ctx.platform.cdi_minor
    place, user = ("-n", namespace), f"system:serviceaccount:{own}:{account}"
    name = f"clone-to-{own}" if account == DEFAULT_ACCOUNT else f"clone-to-{own}-{account}"
    ask = ("auth", "can-i", "create", "datavolumes.cdi.kubevirt.io", "--subresource=source", *place, f"--as={user}")
    note = f"Then service account {account} of {own} may clone every image of {namespace}{binding_note(minor)}"
    return Fix(bind_cloner(client, name, namespace, f"{own}:{account}", minor), command(client, *ask), note=note)
