"""A ConfigMap or Secret with a registry's CA or credentials does not exist where a poller or importer needs it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.base.excerpts import both_ends, count_of, list_some
from exporter.checks.check import PASSED, Cause, Context, Failed, Threshold, Verdict, check
from exporter.checks.shared.access import Missing, access_of, missing_access
from exporter.checks.shared.outage import severity_for, without_image
from exporter.checks.shared.refs import cron_ref
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS
from exporter.report import Severity

_GRACE: Final = Threshold("grace", timedelta(minutes=15), "how long a pod may wait for a ConfigMap or Secret")


@check(
    id="registry-access-missing",
    severity=Severity.WARNING,
    over=missing_access,
    reads=(DATA_IMPORT_CRONS,),
    optional=(without_image,),
    summary="A ConfigMap or Secret for a registry does not exist where it is needed",
    meaning=(
        "certConfigMap and secretRef of a boot source are names without a namespace. CDI polls the registry from a pod in "
        "its own namespace and imports from a pod in the DataImportCron's, and each pod looks for them where it runs. One "
        "of these pods waits because there is no such object."
    ),
    impact="The pod waits and is not reported as failing: nothing is polled, or nothing is imported.",
    diagnosis="`oc describe pod POD -n NAMESPACE` shows `configmap ... not found` or `secret ... not found`.",
    mitigation=(
        "Create it in both namespaces. A Secret needs the keys accessKeyId and secretKey. In a ConfigMap the key of the CA "
        "must end in `.crt`; CDI passes over other keys, and the certificate is then not trusted. The waiting pod starts "
        "within two minutes; another poll by hand would wait as well."
    ),
    thresholds=(_GRACE,),
    alert_for=timedelta(minutes=30),
    scenarios=("F24", "F25"),
)
def registry_access_missing(missing: Missing, ctx: Context) -> Verdict:
    """Judge what Kubernetes says of the pods of pollers and importers."""
    kind, namespace, name = ctx.ref
    named = ctx.once("users", lambda: _users(ctx)).get((kind, name), {})
    if not missing.crons:
        return PASSED
    places = _places(missing, ctx.ref)
    fields = ", ".join(dict.fromkeys(named[ref] for ref in missing.crons if ref in named)) or "a volume of the pod"
    who = "pollers" if missing.poller else "importers"
    some = count_of(len(missing.crons), max(len(named), len(missing.crons)), "boot source")
    return Failed(
        summary=f"{kind} {name} does not exist in {namespace}, where {who} need it: {some} ({fields})",
        field=f"spec.template.spec.source.registry.{fields}" if named else "spec.volumes",
        observed=both_ends(missing.said),
        expected=f"{kind} {name} in {' and in '.join(places)}{_keys(kind)}; for {list_some(r.name for r in missing.crons)}",
        since=missing.since,
        grace=ctx.limit(_GRACE),
        severity=severity_for(missing.crons, ctx),
        causes=(Cause("cdi-degraded"),),
        affects=missing.crons,
        part=f"{kind} {name}",
    )


def _users(ctx: Context) -> dict[tuple[str, str], dict[Ref, str]]:
    """The crons that name an object, and in which field, by its kind and name."""
    found: dict[tuple[str, str], dict[Ref, str]] = {}
    for _, cron in ctx[DATA_IMPORT_CRONS]:
        for field, kind, name in access_of(cron):
            found.setdefault((kind, name), {})[cron_ref(cron)] = field
    return found


def _places(missing: Missing, ref: Ref) -> tuple[str, ...]:
    """Where it must exist: where it is missed, and where the others need it."""
    polls = f"{ref.namespace} (for the poller)" if missing.poller else f"{ref.namespace} (for the importer)"
    others = sorted({cron.namespace for cron in missing.crons} - {ref.namespace})
    return (polls, *(f"{space} (for the importer)" for space in others))


def _keys(kind: str) -> str:
    if kind == "Secret":
        return ", with the keys accessKeyId and secretKey"
    return ", with a key that ends in .crt"
