"""What to do about an import that fails: by its reason, since trying again changes nothing while the reason is there."""

from __future__ import annotations

import re
from typing import Final

from exporter.checks.check import Context
from exporter.checks.fixes import Fix, advice, command, named
from exporter.checks.shared.import_failures import Kind, Trouble
from exporter.joins.images import Importing
from exporter.model.cdi import RegistrySource

_LIMITED: Final = re.compile(r"\b429\b|too ?many ?requests|rate ?limit", re.IGNORECASE)
_BOOTABLE_CONTAINER: Final = re.compile(r"bootc|no such file or directory.*disk|failed to find.*disk", re.IGNORECASE)
_NETWORK: Final = "route, DNS, proxy, NetworkPolicy"
_NEW_AUTHORITY: Final = "Add the CA in a ConfigMap that certConfigMap names"
_AGAIN: Final = "The importer tries again by itself"


def remedies(trouble: Trouble, subject: Importing, ctx: Context) -> tuple[Fix, ...]:
    """Advice by the kind of trouble, then a command that looks closer, then what starts the download over."""
    registry = subject.cron.source.registry or RegistrySource()
    said = _advice(trouble, registry, ctx)
    if not said:
        return ()
    client, (_, namespace, name) = ctx.platform.client, ctx.ref
    look = Fix(
        command(client, "describe", "pod", f"importer-{name}", "-n", namespace), note="Shows why the importer fails"
    )
    given_up = subject.volume.phase == "Failed"
    if not given_up:
        return (look, advice(said))
    risk = "Deletes the failed DataVolume, which holds no image; the download starts over, and fails again until that is done"
    return (
        look,
        advice(said.replace(_AGAIN, "Then start the import over")),
        Fix(command(client, "delete", *named(ctx.ref)), command(client, "get", *named(ctx.ref)), risk),
    )


def _advice(trouble: Trouble, registry: RegistrySource, ctx: Context) -> str:
    both = f"{ctx.ref.namespace} (importer) and {ctx.platform.operator_namespace} (poller)"
    if _LIMITED.search(trouble.evidence):
        return f"The registry limits requests: wait, or log in with secretRef in namespaces {both}. {_AGAIN}"
    if _BOOTABLE_CONTAINER.search(trouble.evidence):
        return "The image holds no disk, as a bootable container (bootc) does not: name a container disk in the entry"
    secret = f"Renew Secret {registry.secret_ref}" if registry.secret_ref else "Add a Secret with secretRef"
    authority = f"Put the CA into ConfigMap {registry.cert_config_map}" if registry.cert_config_map else _NEW_AUTHORITY
    return {
        Kind.CREDENTIALS: f"{secret} (keys accessKeyId and secretKey) in namespaces {both}. {_AGAIN}",
        Kind.CERTIFICATE: f"{authority}, under a key that ends in .crt, in namespaces {both}. {_AGAIN}",
        Kind.NETWORK: f"Make {registry.url or 'the registry'} reachable from pods: {_NETWORK}. {_AGAIN}",
        Kind.PULL: "Correct the image's name, or the nodes' pull secret and mirrors. The node tries again by itself",
        Kind.CRASH: f"Read why the importer fails, and correct that. {_AGAIN}",
    }.get(trouble.kind, "")
