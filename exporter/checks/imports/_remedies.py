"""What to do about an import that fails: by its reason, since trying again changes nothing while the reason is there."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Context
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.shared.import_failures import FailureKind, ImportFailure
from exporter.joins.images import RunningImport
from exporter.model.cdi import RegistrySource

_NETWORK: Final = "route, DNS, proxy, NetworkPolicy"
_NEW_AUTHORITY: Final = "Add the CA in a ConfigMap that certConfigMap names"
_AGAIN: Final = "The importer tries again by itself"


def remedies(trouble: ImportFailure, subject: RunningImport, ctx: Context) -> tuple[Fix, ...]:
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
        Fix(command(client, "delete", *object_args(ctx.ref)), command(client, "get", *object_args(ctx.ref)), risk),
    )


def _advice(trouble: ImportFailure, registry: RegistrySource, ctx: Context) -> str:
    poller = ctx.platform.cdi_namespace
    both = f"{ctx.ref.namespace} (importer) and {poller or 'that of CDI'} (poller)"
    secret = f"Renew Secret {registry.secret_ref}" if registry.secret_ref else "Add a Secret with secretRef"
    authority = f"Put the CA into ConfigMap {registry.cert_config_map}" if registry.cert_config_map else _NEW_AUTHORITY
    reach = f"Make {registry.url or 'the registry'} reachable from pods: {_NETWORK}. {_AGAIN}"
    return {
        FailureKind.RATE: f"The registry limits requests: wait, or log in with secretRef in namespaces {both}. {_AGAIN}",
        FailureKind.BOOTC: "The image holds no disk, as bootable containers (bootc) do not: name a container disk in the entry",
        FailureKind.FORMAT: "Name an image in the entry that holds one disk under /disk, as qcow2 or raw",
        FailureKind.MISSING: "Correct the image's name and tag in the entry, or push the image",
        FailureKind.CREDENTIALS: f"{secret} (keys accessKeyId and secretKey) in namespaces {both}. {_AGAIN}",
        FailureKind.CERTIFICATE: f"{authority}, under a key that ends in .crt, in namespaces {both}. {_AGAIN}",
        FailureKind.NETWORK: reach,
        FailureKind.DNS: reach,
        FailureKind.PULL: "Correct the image's name, or the nodes' pull secret and mirrors. The node tries again by itself",
        FailureKind.COMPLETE: "Read what the importer waits for: most often the storage, that does not take the last bytes",
        FailureKind.CRASH: f"Read why the importer fails, and correct that. {_AGAIN}",
    }.get(trouble.kind, "")
