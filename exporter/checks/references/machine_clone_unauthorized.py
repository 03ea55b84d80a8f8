"""A VirtualMachine that may not clone from the namespace of its DataSource."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict, check
from exporter.checks.fixes import Fix, command
from exporter.checks.references._missing_targets import reference_field
from exporter.checks.shared.cloning import cloning_role
from exporter.joins.references import Link, Relevance, live_machines
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=5), "how long a machine may be refused its clone")

_REFUSED: Final = re.compile(
    r"not authorized to create datavolume|insufficient permissions in clone source|authorization failed", re.IGNORECASE
)
"""KubeVirt's words, and those of CDI's webhook."""
_ACCOUNT: Final = re.compile(r"system:serviceaccount:[a-z0-9-]{1,63}:([a-z0-9][a-z0-9.-]{0,252})")
"""The account that was refused: a VirtualMachine may have one of its own."""


@check(
    id="machine-clone-unauthorized",
    severity=Severity.WARNING,
    over=live_machines,
    summary="A virtual machine may not clone from the namespace of its DataSource",
    meaning=(
        "To clone across namespaces the machine's service account needs `create` on `datavolumes/source` where the image is. "
        "SSP grants it to everybody in the golden image namespace; in a namespace of your own nobody has granted it."
    ),
    impact="The machine gets no disk: FailedCreate.",
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
def machine_clone_unauthorized(links: tuple[Link, ...], ctx: Context) -> Verdict:
    """Judge by KubeVirt's own words. Only references into other namespaces need the permission."""
    refused = [link for link in links if link.matter is Relevance.NOW and _REFUSED.search(link.said)]
    across = {link.target.namespace: link for link in refused if link.target.namespace != ctx.ref.namespace}
    if not across:
        return PASSED
    return [_fail(namespace, link, ctx) for namespace, link in sorted(across.items(), key=lambda pair: pair[0])]


def _fail(namespace: str, link: Link, ctx: Context) -> Failed:
    client, own = ctx.platform.client, ctx.ref.namespace
    told = _ACCOUNT.search(link.said)
    name = told[1] if told else ""
    who = f"--serviceaccount={own}:{name}" if name else f"--group=system:serviceaccounts:{own}"
    whose = f"service account {name}" if name else "every service account"
    bind = (
        "create",
        "rolebinding",
        f"clone-to-{own}",
        "-n",
        namespace,
        f"--clusterrole={cloning_role(ctx.platform.cdi_minor)}",
        who,
    )
    account = f"--as=system:serviceaccount:{own}:{name or 'default'}"
    ask = ("auth", "can-i", "create", "datavolumes.cdi.kubevirt.io", "--subresource=source", "-n", namespace, account)
    return Failed(
        summary=f"VirtualMachine {ctx.ref.name} may not clone DataSource {link.target}: namespace {namespace} does not allow it",
        field=reference_field(link.reference),
        observed=link.said,
        expected=f"create on datavolumes/source in {namespace} for the service accounts of {own}",
        since=link.since,
        grace=ctx.limit(_GRACE),
        part=namespace,
        fix=Fix(
            command(client, *bind),
            command(client, *ask),
            note=f"Then {whose} of {own} may clone every image of {namespace}",
        ),
    )
