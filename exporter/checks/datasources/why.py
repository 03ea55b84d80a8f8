"""What would explain that a DataSource is missing or has no image: findings further up the chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from exporter.checks.kit import Cause, Context
from exporter.checks.polling.timing import STOPS_POLLING
from exporter.checks.storage.words import HCO_NAME
from exporter.cluster import Ref
from exporter.joins.feeders import COMMON_SOURCES, Feeder, feeders, without_architecture
from exporter.joins.propagation import Stage
from exporter.kube.contract import Key
from exporter.model.cdi import STORAGE_CLASS, DataImportCron

OF_A_SOURCE: Final = (
    "data-source-missing",
    "data-source-beside-cron",
    "data-source-without-source",
    "data-source-target-missing",
    "data-source-pointer-broken",
    "data-source-not-following-cron",
    "data-source-not-ready",
)
"""Findings on a DataSource for which whatever is cloned from it has to wait."""
_OF_A_CRON: Final = (
    *STOPS_POLLING,
    "import-outdated",
    "image-being-rebuilt",
    "digest-unknown",
    "external-digest-missing",
    "cron-never-reconciled",
    "image-pinned-by-digest",
    "polling-frozen",
    "storage-class-missing",
    "immediate-binding-missing",
    "source-on-wrong-storage-class",
    "source-format-mismatch",
    "imports-to-keep-zero",
    "cron-drifted",
)
_OF_AN_IMAGE: Final = (
    ("import-failing", "DataVolume"),
    ("image-volume-lost", "PersistentVolumeClaim"),
    ("snapshot-content-lost", "VolumeSnapshot"),
)
_OF_A_PROFILE: Final = ("incomplete-storage-profile", "snapshot-class-missing", "stale-snapshot-class")
_NO_CRON: Final = (
    "cron-not-created",
    "duplicate-managed-data-source",
    "duplicate-entry",
    "entry-without-source",
    "entry-source-unsupported",
    "invalid-schedule",
)
"""Why a wanted entry has no cron; about the entry or about the cron."""
_OPERATORS: Final = (
    "boot-image-namespace-missing",
    "ssp-paused",
    "ssp-status-stale",
    "ssp-degraded",
    "hyperconverged-status-stale",
    "hyperconverged-degraded",
    "hyperconverged-missing",
    "cdi-degraded",
)


def of_source(key: Key, *, but: str = "") -> tuple[Cause, ...]:
    """Findings on a DataSource; `but` is the check that asks about its own subject."""
    return tuple(Cause(check, Ref("DataSource", *key)) for check in OF_A_SOURCE if check != but)


def of_images(namespace: str, *names: str) -> Iterator[Cause]:
    """Findings on the DataVolume, claim or snapshot that an image is, or was to be."""
    for name in dict.fromkeys(names):
        if name:
            yield from (Cause(check, Ref(kind, namespace, name)) for check, kind in _OF_AN_IMAGE)


def of_cron(cron: DataImportCron) -> tuple[Cause, ...]:
    """Findings on a cron, on its newest image and on where it is stored."""
    namespace, explicit = cron.metadata.namespace, cron.spec.explicit_storage_class
    ref = Ref("DataImportCron", namespace, cron.metadata.name)
    classes = dict.fromkeys((explicit, cron.metadata.annotations.get(STORAGE_CLASS, "")))
    profiles = [Ref("StorageProfile", "", name) for name in classes if name]
    return (
        *(Cause(check, ref) for check in _OF_A_CRON),
        *of_images(namespace, cron.current_import),
        *(() if explicit else (Cause("no-default-storage-class"),)),
        *(Cause(check, profile) for profile in profiles for check in _OF_A_PROFILE),
        Cause("cdi-degraded"),
    )


def of_gone_cron(cron: Ref, source: Ref, ctx: Context) -> tuple[Cause, ...]:
    """Why a cron that a DataSource's label names does not exist (any more). Reads nothing, so it fits roughly."""
    common = without_architecture(cron.name) in COMMON_SOURCES.values()
    return (
        *((Cause("common-boot-images-off"),) if common else ()),
        Cause("cron-opted-out", source),
        Cause("cron-not-created", cron),
        Cause("entry-disabled", _hco(ctx)),
    )


def of_missing(key: Key, ctx: Context) -> tuple[Cause, ...]:
    """Why this DataSource, or the image in it, was never made."""
    return tuple(cause for feeder in ctx.join(feeders).get(key, ()) for cause in _of_feeder(feeder, key, ctx))


def _of_feeder(feeder: Feeder, key: Key, ctx: Context) -> tuple[Cause, ...]:
    """Why an entry does not fill a DataSource. Findings on entries are about HCO, those on crons about the cron."""
    hco = _hco(ctx)
    moved = feeder.cron.namespace != key.namespace
    elsewhere = (Cause("templates-ignore-boot-image-namespace", hco),) if moved else ()
    if feeder.exists:
        return (*elsewhere, *(Cause(check, feeder.cron) for check in _OF_A_CRON))
    if feeder.stage is Stage.DISABLED:
        gate = ("common-boot-images-off", "modified-entry-behind-closed-gate") if feeder.gated else ()
        own = ("entry-disabled", "enable-annotation-mistyped") if feeder.opted_out else ()
        return tuple(Cause(check, hco) for check in (*gate, *own))
    if feeder.stage is Stage.NOT_DEPLOYED:
        return (Cause("unsupported-architecture", hco),)
    named = tuple(Cause(check, ref) for check in _NO_CRON for ref in (feeder.cron, hco))
    opted_out = Cause("cron-opted-out", Ref("DataSource", *key))
    # What SSP has not got from HCO is reported on SSP.
    return (*elsewhere, *named, Cause("entry-not-propagated"), opted_out, *(Cause(check) for check in _OPERATORS))


def _hco(ctx: Context) -> Ref:
    return Ref("HyperConverged", ctx.platform.operator_namespace, HCO_NAME)


def just_wanted(found: Iterable[Feeder], grace: timedelta, ctx: Context) -> datetime | None:
    """When a boot source was made or edited, if that was so short ago that its DataSource may still come."""
    recent = [f.since for f in found if f.since and f.wanted and not ctx.older(f.since, grace)]
    return max(recent, default=None)
