"""What fixes cost: which images are deleted and imported again, and how large they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from exporter.base.excerpts import list_some
from exporter.base.phrases import counted
from exporter.checks.check import Context
from exporter.checks.fixes import Fix, command
from exporter.checks.shared.refs import cron_ref
from exporter.cluster.resource import Ref
from exporter.joins.proposed_crons import crons_by_name
from exporter.joins.ssp_crons import SSP_ARCHITECTURES
from exporter.model.cdi import STORAGE_CLASS, DataImportCron, DataImportCronSpec
from exporter.model.quantity import bytes_of

_GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class Cost:
    """What is lost, in one sentence, and the DataImportCrons that must be able to import their image again."""

    risk: str = ""
    imports: tuple[Ref, ...] = ()


NOTHING: Final = Cost()
_UNSEEN: Final = Cost("SSP replaces the DataImportCron: if its retentionPolicy is None, its image is imported again")


def requested(spec: DataImportCronSpec) -> Decimal | None:
    """The size in bytes that a boot source asks for; None if it does not say."""
    volume = spec.template.spec
    claim = volume.storage or volume.pvc
    asked = claim.resources.requests if claim and claim.resources else None
    return bytes_of(asked.storage) if asked else None


def size_of(crons: Iterable[DataImportCron], times: int = 1) -> str:
    """` (60 GiB)` for what these DataImportCrons ask for; "" where one does not say."""
    sizes = [requested(cron.spec) for cron in crons]
    known = [size for size in sizes if size is not None]
    total = sum(known, Decimal()) * times
    return f" ({round(total / _GIB)} GiB)" if len(known) == len(sizes) and total >= _GIB else ""


def loses_its_image(cron: DataImportCron) -> bool:
    """CDI deletes the image together with the DataImportCron, and there is one."""
    return cron.spec.retention_policy == "None" and cron.status.last_imported_p_v_c is not None


def made_of(entry: str, ctx: Context) -> tuple[DataImportCron, ...] | None:
    """The DataImportCrons of an entry that exist, one or one per architecture; None if they are not known."""
    crons = ctx.consult(crons_by_name, None)
    if crons is None:
        return None
    names = (entry, *(f"{entry}-{architecture}" for architecture in SSP_ARCHITECTURES))
    return tuple(cron for name in names for cron in crons.get(name, ()))


def replacement(entry: str, ctx: Context) -> Cost:
    """What it costs when SSP deletes the DataImportCrons of an entry and makes them again, as it does when one changes."""
    crons = made_of(entry, ctx)
    return _UNSEEN if crons is None else replacement_of(crons)


def replacement_of(crons: Iterable[DataImportCron]) -> Cost:
    """The same for these DataImportCrons. An image that stays is adopted by the new one without a download."""
    losing = [cron for cron in crons if loses_its_image(cron)]
    if not losing:
        return NOTHING
    names = list_some(cron.metadata.name for cron in losing)
    text = (
        f"SSP replaces {_crons(losing)} {names}, and because of retentionPolicy None CDI deletes "
        f"{'the image' if len(losing) == 1 else 'the images'} and imports again{size_of(losing)}; "
        "no virtual machine can be made from it until then"
    )
    return Cost(text, tuple(map(cron_ref, losing)))


def deletion_of(entry: str, ctx: Context) -> str:
    """What is lost when SSP deletes the DataImportCrons of an entry for good; "" if there is none."""
    crons = made_of(entry, ctx)
    if crons is None:
        return "SSP deletes its DataImportCron, and CDI the image if retentionPolicy is None"
    if not crons:
        return ""
    losing = [cron for cron in crons if loses_its_image(cron)]
    text = f"SSP deletes {_crons(crons)} {list_some(cron.metadata.name for cron in crons)}"
    if losing:
        image = "the image" if len(losing) == 1 else f"{len(losing)} images"
        return f"{text}, and because of retentionPolicy None CDI deletes {image}{size_of(losing)}"
    return f"{text}: the image stays, and gets no updates"


def moving_to(storage_class: str, ctx: Context) -> Cost:
    """What it costs to make a class default: CDI 1.61 and later moves images that lie on another one.

    For checks that have declared `crons_by_name`.
    """
    if ctx.platform.cdi_since(61) is False:
        return NOTHING
    every = [cron for crons in ctx.consult(crons_by_name, {}).values() for cron in crons]
    places = [(c, c.metadata.annotations.get(STORAGE_CLASS, "")) for c in every if not c.spec.explicit_storage_class]
    moved = [cron for cron, place in places if place not in ("", storage_class)]
    if not moved:
        return NOTHING
    images = counted(len(moved), "image")
    text = f"CDI deletes {images} on other StorageClasses, and imports to {storage_class} again{size_of(moved)}"
    return Cost(text, tuple(map(cron_ref, moved)))


def restart(operator: str, namespace: str, ctx: Context, verify: str, cost: Cost = NOTHING, note: str = "") -> Fix:
    """Restart the deployment of an operator. Until it is back, about a minute, nothing is reconciled."""
    text = f"Restarts {operator}: for about a minute it reconciles nothing"
    risk = f"{text}. Then {cost.risk}" if cost.risk else text
    run = command(ctx.platform.client, "rollout", "restart", f"deploy/{operator}", "-n", namespace)
    return Fix(run, verify, risk, note, cost.imports)


def read_log(operator: str, namespace: str, ctx: Context, note: str) -> Fix:
    """Read the log of an operator first: it says what no object does."""
    return Fix(command(ctx.platform.client, "logs", "-n", namespace, f"deploy/{operator}", "--tail=100"), note=note)


def _crons(crons: Sequence[DataImportCron]) -> str:
    return "DataImportCron" if len(crons) == 1 else counted(len(crons), "DataImportCron")
