"""What the checks on entries share: where an entry stands in HyperConverged, and patches that edit just this one.

HyperConverged's list of entries is atomic: a merge patch would replace it as a whole, and what we keep of it is not
the whole. So every edit is a JSON patch by position that first tests the name: if the list has changed meanwhile it
fails, rather than edit another entry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from exporter.checks.check import Context, Threshold
from exporter.checks.fixes import Fix, command, named
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_IMPORT_CRONS, HYPERCONVERGEDS, SSPS
from exporter.cluster.snapshot import View, joint
from exporter.joins.ssp_crons import entry_of
from exporter.model.cdi import DataImportCron, DataImportCronSpec, Source, owned_by_ssp
from exporter.model.hco import Entry, HyperConverged
from exporter.model.ssp import SSP
from exporter.model.wire import ABSENT

DRIFT: Final = Threshold("grace", timedelta(minutes=10), "how long a change may take from one hop to the next")
Operation = dict[str, Any]
"""One operation of a JSON patch."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An entry of the administrator, at its place in HyperConverged."""

    entry: Entry
    field: str
    """The path to the entry, for people."""
    pointer: str
    """The JSON pointer to the entry."""

    @property
    def name(self) -> str:
        """The entry's name."""
        return self.entry.name

    def operation(self, verb: str, path: str, value: object = None) -> Operation:
        """`add`, `replace`, `remove` or `test` of something below the entry."""
        told = {} if verb == "remove" else {"value": value}
        return {"op": verb, "path": self.pointer + path, **told}


def slots(hco: HyperConverged) -> tuple[Slot, ...]:
    """The administrator's entries in the order of the list."""
    path = hco.layout.entries
    return tuple(Slot(e, f"{path}[name={e.name}]", f"{path.pointer}/{i}") for i, e in enumerate(hco.entries))


def edit(ctx: Context, slot: Slot, *operations: Operation, risk: str, hco: Ref | None = None) -> Fix:
    """Change one entry, provided that it still stands where it stood; `hco` as for `patch`."""
    return patch(ctx, slot.operation("test", "/metadata/name", slot.name), *operations, risk=risk, hco=hco)


def patch(ctx: Context, *operations: Operation, risk: str, hco: Ref | None = None) -> Fix:
    """A JSON patch of HyperConverged: of `hco`, or of the subject if that is it."""
    client, target = ctx.platform.client, named(hco or ctx.ref, ctx.platform.hco_resource)
    text = json.dumps(operations, separators=(",", ":"))
    names = "jsonpath={.status.dataImportCronTemplates[*].metadata.name}"
    return Fix(
        command(client, "patch", *target, "--type", "json", "-p", text),
        command(client, "get", *target, "-o", names),
        risk,
    )


def drop(ctx: Context, slot: Slot, *, risk: str) -> Fix:
    """Take the entry out of the list."""
    return edit(ctx, slot, slot.operation("remove", ""), risk=risk)


def sourceless(spec: DataImportCronSpec | None) -> bool:
    """No source is given at all: neither one that a cron can have nor one of another kind."""
    source = (spec.template.spec.source if spec else None) or Source()
    return source.registry is None and source.pvc is None and not other_kinds(source)


def other_kinds(source: Source) -> list[str]:
    """The kinds of source that a cron cannot have."""
    return [k for k in source.kinds if k not in ("registry", "pvc")]


def source_problem(spec: DataImportCronSpec, cdi_minor: int | None) -> tuple[str, str, str] | None:
    """Field below the spec, what is there, what CDI admits; None if it admits the source, or if there is none.

    Source: CDI's webhook for DataImportCrons.
    """
    source = spec.template.spec.source or Source()
    registry, path = source.registry, "template.spec.source"
    if registry is None and source.pvc is None:
        kinds = ", ".join(other_kinds(source))
        return (path, kinds, "registry or pvc") if kinds else None
    if registry is None:
        # Claims as a source came with CDI 1.62; before, the webhook knows registry alone.
        old = cdi_minor is not None and cdi_minor < 62
        return (path, "pvc", "registry, as this CDI is older than 1.62") if old else None
    return _registry_problem(registry.url, registry.image_stream, registry.pull_method, f"{path}.registry")


def _registry_problem(url: str, image_stream: str, pull_method: str, path: str) -> tuple[str, str, str] | None:
    if bool(url) == bool(image_stream):
        return path, "url and imageStream" if url else "neither url nor imageStream", "either url or imageStream"
    if image_stream and pull_method != "node":
        return f"{path}.pullMethod", pull_method or "not set", "node, as there is an imageStream"
    if url and not url.startswith(("docker://", "oci-archive://")):
        return f"{path}.url", url, "a URL that begins with docker:// or oci-archive://"
    return None


def ssp_refs(ctx: Context) -> tuple[Ref, ...]:
    """The SSP objects; a cluster has one."""
    return tuple(SSPS.ref(*key) for key in sorted(ctx[SSPS].rows))


def ssp_edited(ctx: Context) -> datetime | None:
    """When the list of boot sources in SSP was last changed, if the server tells."""
    return latest(*(row.metadata.spec_edited for _, row in ctx[SSPS]))


def ssp_works(ctx: Context) -> bool:
    """SSP is there and nothing keeps it from reconciling: what it has deleted or recreated then stays as it should."""
    rows = [row for _, row in ctx[SSPS]]
    return bool(rows) and not any(row.paused or _unwell(row) for row in rows)


def _unwell(ssp: SSP) -> bool:
    degraded, status = ssp.condition("Degraded"), ssp.status
    return status.observed_generation != ssp.metadata.generation or (degraded is not ABSENT and degraded.true)


def latest(*instants: datetime | None) -> datetime | None:
    """The latest of those that are known."""
    return max((i for i in instants if i is not None), default=None)


_RISK: Final = "SSP replaces the cron; with retentionPolicy None there is no image until the new import is done"


@dataclass(frozen=True, slots=True)
class Written:
    """An entry of the administrator, and the HyperConverged that it stands in."""

    hco: Ref
    slot: Slot


@joint(HYPERCONVERGEDS)
def written(view: View) -> Mapping[str, Written]:
    """The administrator's entries by name."""
    return {
        slot.name: Written(HYPERCONVERGEDS.ref(*key), slot) for key, hco in view[HYPERCONVERGEDS] for slot in slots(hco)
    }


@dataclass(frozen=True, slots=True)
class Change:
    """One operation on an entry: `add` also replaces what is there, `remove` takes no value."""

    verb: str
    path: str
    """JSON pointer below the entry."""
    value: object = None


def edit_entry_of(cron: DataImportCron, ctx: Context, *changes: Change, risk: str = "") -> Fix | None:
    """Patch the entry that this cron was made of. None if it was made of none, or of one that HCO brings along."""
    entries = ctx.consult(written, {})
    found = entries.get(entry_of(cron.metadata.name, entries.keys())) if owned_by_ssp(cron.metadata) else None
    if found is None:
        return None
    operations = [found.slot.operation(c.verb, c.path, c.value) for c in changes]
    fix = edit(ctx, found.slot, *operations, risk=f"{risk}; {_RISK}" if risk else _RISK, hco=found.hco)
    target = named(DATA_IMPORT_CRONS.ref(cron.metadata.namespace, cron.metadata.name))
    return replace(fix, verify=command(ctx.platform.client, "get", *target, "-o", "jsonpath={.spec}"))
