"""What to do about an import that fails: by its reason, since trying again changes nothing while the reason is there."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Context
from exporter.checks.fixes import Fix, advice, command, named
from exporter.checks.shared.import_failures import Kind, Trouble
from exporter.joins.images import Importing
from exporter.model.cdi import RegistrySource

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
    poller = ctx.platform.cdi_namespace
    both = f"{ctx.ref.namespace} (importer) and {poller or 'that of CDI'} (poller)"
    secret = f"Renew Secret {registry.secret_ref}" if registry.secret_ref else "Add a Secret with secretRef"
    authority = f"Put the CA into ConfigMap {registry.cert_config_map}" if registry.cert_config_map else _NEW_AUTHORITY
    reach = f"Make {registry.url or 'the registry'} reachable from pods: {_NETWORK}. {_AGAIN}"
    return {
        Kind.RATE: f"The registry limits requests: wait, or log in with secretRef in namespaces {both}. {_AGAIN}",
        Kind.BOOTC: "The image holds no disk, as bootable containers (bootc) do not: name a container disk in the entry",
        Kind.FORMAT: "Name an image in the entry that holds one disk under /disk, as qcow2 or raw",
        Kind.MISSING: "Correct the image's name and tag in the entry, or push the image",
        Kind.CREDENTIALS: f"{secret} (keys accessKeyId and secretKey) in namespaces {both}. {_AGAIN}",
        Kind.CERTIFICATE: f"{authority}, under a key that ends in .crt, in namespaces {both}. {_AGAIN}",
        Kind.NETWORK: reach,
        Kind.DNS: reach,
        Kind.PULL: "Correct the image's name, or the nodes' pull secret and mirrors. The node tries again by itself",
        Kind.COMPLETE: "Read what the importer waits for: most often the storage, that does not take the last bytes",
        Kind.CRASH: f"Read why the importer fails, and correct that. {_AGAIN}",
    }.get(trouble.kind, "")
