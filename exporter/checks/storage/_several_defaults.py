"""Several default StorageClasses of the same kind: who wins, who loses, and how to settle it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from exporter.checks.check import PASSED, Context, Failed, Threshold, Verdict
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.refs import class_ref
from exporter.checks.shared.storage import cdi_defaults
from exporter.cluster.resources import STORAGE_CLASSES
from exporter.model.wire import ABSENT

UNTRACKED: Final = "the API server does not track when the annotations of all these classes were written"
"""Why several defaults may have no date."""
MOVING: Final = Threshold("grace", timedelta(minutes=10), "how long there may be two while the default is moved")


def rival_defaults(kind: str, ranked: tuple[str, ...], key: str, ctx: Context) -> Verdict:
    """Judge a list of default classes, the winner first."""
    if len(ranked) < 2:
        return PASSED
    winner, losers = ranked[0], ranked[1:]
    effect = (
        "boot sources go to the winner"
        if cdi_defaults(ctx).effective == winner
        else "boot sources follow the virt default instead"
    )
    client = ctx.platform.client
    return Failed(
        summary=f"{len(ranked)} StorageClasses are {kind} default: {winner} wins, {', '.join(losers)} {'loses' if len(losers) == 1 else 'lose'}; {effect}",
        field=f"metadata.annotations[{key}]",
        observed=", ".join(f"{name} ({_age(name, ctx)})" for name in ranked),
        expected=f"one StorageClass with {key}=true",
        # Moving the default passes through two of them: the new one must be there before the old one goes.
        since=_second_claim(ranked, key, ctx),
        grace=ctx.limit(MOVING),
        about=class_ref(winner),
        fix=Fix(
            command(client, "annotate", "storageclass", *losers, f"{key}-"),
            command(client, "get", "storageclass"),
            note=f"Nothing moves, as {winner} wins already. To keep another class instead moves all boot sources, which are "
            "imported again",
        ),
    )


def _second_claim(names: tuple[str, ...], key: str, ctx: Context) -> datetime | None:
    """Since when there are two: when the second of the annotations was written. None if the server does not tell."""
    rows = [row for name in names if (row := ctx[STORAGE_CLASSES].get("", name)) is not ABSENT]
    written = [row.metadata.annotated.get(key) for row in rows]
    known = sorted(at for at in written if at is not None)
    return known[1] if len(known) == len(names) else None


def _age(name: str, ctx: Context) -> str:
    row = ctx[STORAGE_CLASSES].get("", name)
    created = None if row is ABSENT else row.metadata.creation_timestamp
    return f"created {created:%Y-%m-%dT%H:%M:%SZ}" if created else "of unknown age"
