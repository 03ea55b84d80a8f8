"""A registry that gives nothing to any of the boot sources that come from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from exporter.base.excerpts import both_ends, list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.polling._contact import Contact, contact_of
from exporter.checks.shared.access import access_causes
from exporter.checks.shared.image_streams import followed_tags
from exporter.checks.shared.import_failures import FailureKind
from exporter.checks.shared.outage import severity_for, without_image
from exporter.checks.shared.polling import PERIODS, POLLERS, SLACK
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.registries import CLUSTER, crons_by_registry
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.joins.crons import pollers
from exporter.joins.images import imports
from exporter.joins.pods import hanging_pollers, node_pollers
from exporter.model.cdi import DataImportCron
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=30), "how long a registry may give nothing")
_SAYS: Final[Mapping[FailureKind, str]] = {
    FailureKind.RATE: "limits how often it may be pulled from (429)",
    FailureKind.CREDENTIALS: "refuses the credentials",
    FailureKind.CERTIFICATE: "has a certificate that is not trusted",
    FailureKind.DNS: "has a name that cannot be resolved",
    FailureKind.NETWORK: "cannot be reached",
}
_SOURCES: Final = "boot source"


@dataclass(frozen=True, slots=True)
class _Lost:
    """The boot sources of one registry, none of which has contact with it."""

    registry: Ref
    contacts: tuple[tuple[DataImportCron, Contact], ...]

    @property
    def crons(self) -> tuple[Ref, ...]:
        return tuple(cron_ref(cron) for cron, _ in self.contacts)

    @property
    def since(self) -> datetime | None:
        """When the last of them lost contact: from then on none had any."""
        return max((c.since for _, c in self.contacts if c.since), default=None)


@check(
    id="registry-without-contact",
    severity=Severity.WARNING,
    over=None,
    reads=(DATA_IMPORT_CRONS,),
    optional=(followed_tags, pollers, imports, hanging_pollers, node_pollers, without_image),
    summary="A registry gives nothing to any boot source that comes from it",
    meaning=(
        "No poll or import of any boot source that comes from this registry succeeds, and there are several: they have one "
        "cause. The registry cannot be reached (no route, DNS, a NetworkPolicy, a proxy, a disconnected cluster), refuses "
        "everyone (credentials, a private CA), or limits how often it may be pulled from."
    ),
    impact="No newer image of these boot sources arrives; those that were never imported have none.",
    diagnosis=(
        "The finding quotes what the registry or the network said, where anything did. Try it as CDI does: "
        "`oc run --rm -it probe -n openshift-cnv --image=IMAGE -- curl -v https://HOST/v2/`; look at NetworkPolicies, at "
        "spec.config.importProxy of CDI and at the egress of the cluster."
    ),
    mitigation=(
        "Restore the way to the registry; what waits goes on by itself. Rate limit: give the boot sources credentials "
        "(secretRef) or use a mirror. Refused: renew the Secret in CDI's namespace and in the DataImportCron's. Not "
        "trusted: a ConfigMap with the CA under a key that ends in `.crt` (certConfigMap), in both namespaces. "
        "Disconnected cluster: mirrors that are set up for the nodes do not help pods; use entries with the mirror's URL, or "
        "pullMethod node, or switch the common boot sources off."
    ),
    thresholds=(_GRACE, PERIODS, SLACK),
    alert_for=timedelta(minutes=30),
    scenarios=("F19", "F20", "F24", "F25", "F29"),
)
def registry_without_contact(_: object, ctx: Context) -> Verdict:
    """Judge all registries together: several without contact, and none with, have one cause as well."""
    lost: list[_Lost] = []
    connected = 0
    for registry, crons in sorted(crons_by_registry(ctx).items()):
        contacts = [(cron, contact) for cron in crons if (contact := contact_of(cron, ctx)) is not None]
        if any(contact.works for _, contact in contacts):
            connected += 1
        elif contacts:
            lost.append(_Lost(registry, tuple(contacts)))
    shared = [_failed(each, ctx) for each in lost if len(each.contacts) > 1]
    if len(lost) > 1 and not connected:
        return (_disconnected(lost, ctx), *shared)
    return tuple(shared) or PASSED


def _failed(lost: _Lost, ctx: Context) -> Failed:
    kind, words = _most_telling(contact for _, contact in lost.contacts)
    host = lost.registry.name
    what = _SAYS[kind] if kind else "gives nothing"
    return Failed(
        summary=f"Registry {host} {what}: no poll or import of its {len(lost.crons)} boot sources succeeds "
        f"({list_some(r.name for r in lost.crons)})",
        field="spec.template.spec.source.registry",
        observed=words,
        expected=f"polls and imports from {host} that succeed",
        since=lost.since,
        grace=ctx.limit(_GRACE),
        severity=severity_for(lost.crons, ctx),
        causes=(*_causes([lost]), Cause("registry-without-contact", CLUSTER)),
        affects=lost.crons,
        about=lost.registry,
    )


def _disconnected(lost: list[_Lost], ctx: Context) -> Failed:
    crons = tuple(ref for each in lost for ref in each.crons)
    _, words = _most_telling(contact for each in lost for _, contact in each.contacts)
    hosts = list_some(each.registry.name for each in lost)
    return Failed(
        summary=f"None of {len(lost)} registries gives anything to {len(crons)} {_SOURCES}s: {hosts}; is the cluster disconnected?",
        field="spec.template.spec.source.registry",
        observed=words,
        expected="a way to the registries, or mirrors of them, or common boot sources that are switched off",
        since=max((each.since for each in lost if each.since), default=None),
        grace=ctx.limit(_GRACE),
        severity=severity_for(crons, ctx),
        causes=_causes(lost),
        affects=crons,
        part="all",
    )


def _most_telling(contacts: Iterable[Contact]) -> tuple[FailureKind | None, str]:
    """The kind of failure that most of them show, and the words of one; else what all of them have in common."""
    every = list(contacts)
    kinds = Counter(contact.kind for contact in every if contact.kind in _SAYS)
    kind = kinds.most_common(1)[0][0] if kinds else None
    words = next((contact.words for contact in every if contact.kind is kind), every[0].words)
    return kind, both_ends(words)


def _causes(lost: Iterable[_Lost]) -> tuple[Cause, ...]:
    access = (cause for each in lost for cron, _ in each.contacts for cause in access_causes(cron))
    return (
        Cause("cdi-degraded"),
        Cause("quota-exhausted", part=POLLERS),
        *dict.fromkeys(access),
    )
