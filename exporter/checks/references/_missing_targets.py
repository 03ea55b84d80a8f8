"""What the checks on references share: how a reference that leads nowhere is found, worded and mended."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from exporter.checks.check import Cause, Context, Failed, Threshold
from exporter.checks.fixes import Fix, command, object_args
from exporter.checks.shared.data_source_causes import feeders_of, just_wanted, missing_causes
from exporter.cluster.resource import Ref
from exporter.cluster.resources import DATA_SOURCES
from exporter.joins.consumers import MissingCopy, missing_copies
from exporter.joins.feeders import feeders
from exporter.joins.references import Link
from exporter.kube.contract import Key
from exporter.model.clones import CLAIM, Reference
from exporter.model.wire import ABSENT

DRIFT: Final = Threshold(
    "grace", timedelta(minutes=10), "how long after each other a template and its DataSource may be applied"
)
READS: Final = (DATA_SOURCES,)
"""What it takes to tell that a DataSource is missing."""
OPTIONAL: Final = (feeders, missing_copies)
"""What helps to tell why."""
_SOURCE_REF: Final = "spec.dataVolumeTemplates[{}].spec.sourceRef"


def reference_field(reference: Reference) -> str:
    """The path of a reference in a VirtualMachine."""
    return _SOURCE_REF.format(reference.index)


def missing_in_template(references: Iterable[Reference], path: str, ctx: Context) -> list[Failed]:
    """One failure per DataSource or image that a template names and that does not exist, and per refused kind."""
    known = [r for r in references if not r.dynamic and not r.direct]
    refused = {r.kind: r for r in known if not r.supported}
    # Without a namespace the machine's own counts, which is not known before there is a machine.
    wanted = {Key(r.namespace, r.name): r for r in known if r.supported and r.namespace}
    gone = {target: r for target, r in wanted.items() if ctx[DATA_SOURCES].get(*target) is ABSENT}
    return [
        *(_fail_unsupported(r, path, ctx) for _, r in sorted(refused.items())),
        *(_fail_missing(target, r, path, ctx) for target, r in sorted(gone.items())),
        *(_image_gone(missing, path, ctx) for missing in ctx.consult(missing_copies, {}).get(ctx.ref, ())),
    ]


def _image_gone(missing: MissingCopy, path: str, ctx: Context) -> Failed:
    reference, origin = missing.copy.reference, Ref(*missing.copy.origin)
    why = f": it was an image of DataSource {missing.former}, of which CDI deletes old ones" if missing.former else ""
    field = "pvc" if origin.kind == CLAIM else "snapshot"
    return Failed(
        summary=f"{ctx.ref.kind} {ctx.ref.name} clones {origin}, which does not exist{why}",
        field=f"{path}.spec.dataVolumeTemplates[{reference.index}].spec.source.{field}",
        observed=str(origin),
        expected=f"a sourceRef to DataSource {missing.former}" if missing.former else f"an existing {origin.kind}",
        grace=ctx.limit(DRIFT),
        part=str(origin),
        fix=edit_template(ctx.ref, ctx),
    )


def _fail_unsupported(reference: Reference, path: str, ctx: Context) -> Failed:
    return Failed(
        summary=f"{ctx.ref.kind} {ctx.ref.name} refers to a {reference.kind}, which KubeVirt does not support",
        field=f"{path}.{reference_field(reference)}.kind",
        observed=reference.kind,
        expected="DataSource",
        part=f"kind {reference.kind}",
        fix=edit_template(ctx.ref, ctx),
    )


def _fail_missing(target: Key, reference: Reference, path: str, ctx: Context) -> Failed:
    named_by_all = DATA_SOURCES.ref(*target)
    return Failed(
        summary=f"{ctx.ref.kind} {ctx.ref.name} refers to DataSource {target}, which does not exist",
        field=f"{path}.{reference_field(reference)}",
        observed=str(target),
        expected="an existing DataSource" + namesakes(target, ctx),
        since=just_wanted(feeders_of(target, ctx), ctx.limit(DRIFT), ctx),
        grace=ctx.limit(DRIFT),
        part=str(target),
        causes=(
            Cause("data-source-missing", named_by_all),
            Cause("machine-source-missing", named_by_all),
            *missing_causes(target, ctx),
        ),
        fix=edit_template(ctx.ref, ctx),
    )


def namesakes(target: Key, ctx: Context) -> str:
    """Where else a DataSource of this name is, as an afterthought."""
    found = describe_others(target, ctx)
    return f"; {', '.join(map(str, found))} exists" if found else ""


def describe_others(target: Key, ctx: Context) -> list[Key]:
    """DataSources of the same name in other namespaces."""
    return [key for key, _ in ctx[DATA_SOURCES] if key.name == target.name and key != target]


def edit_template(ref: Ref, ctx: Context) -> Fix:
    """Opens the object that refers to nothing: only its owner knows what it should refer to."""
    client = ctx.platform.client
    return Fix(command(client, "edit", *object_args(ref)), command(client, "get", "datasource", "-A"))


def look_there_instead(link: Link, ctx: Context) -> Fix | None:
    """Send a reference to the one namesake in another namespace; without exactly one, an editor.

    None for a DataVolume, whose spec cannot be edited: whoever made it has to make it again.
    """
    found = describe_others(link.target, ctx)
    if link.in_volume:
        return None
    if len(found) != 1:
        return edit_template(link.by, ctx)
    reference = link.reference
    at = f"/spec/dataVolumeTemplates/{reference.index}"
    # The test makes the patch fail, rather than edit another volume, if the list has changed meanwhile.
    patch = [
        {"op": "test", "path": f"{at}/metadata/name", "value": reference.volume},
        {"op": "add", "path": f"{at}/spec/sourceRef/namespace", "value": found[0].namespace},
    ]
    client, text = ctx.platform.client, json.dumps(patch, separators=(",", ":"))
    return Fix(
        command(client, "patch", *object_args(link.by), "--type", "json", "-p", text),
        command(client, "get", "datavolume", reference.volume, "-n", link.by.namespace),
        note=f"The disk is cloned from {found[0]}: make sure that this is the image you want",
    )
