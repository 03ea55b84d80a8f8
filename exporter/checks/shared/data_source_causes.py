"""What would explain that a DataSource is missing or has no image: findings further up the chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from exporter.checks.check import Cause, Context
from exporter.checks.ids import CheckId
from exporter.checks.shared.admission import spec_causes
from exporter.checks.shared.polling import STOPS_POLLING
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.storage import storage_causes
from exporter.cluster.resource import Ref, Resource
from exporter.cluster.resources import (
    DATA_SOURCES,
    DATA_VOLUMES,
    HYPERCONVERGEDS,
    PERSISTENT_VOLUME_CLAIMS,
    VOLUME_SNAPSHOTS,
)
from exporter.joins.entries import Stage
from exporter.joins.feeders import COMMON_SOURCES, Feeder, feeders, without_architecture
from exporter.kube.contract import Key
from exporter.model.cdi import DataImportCron
from exporter.model.hco import HCO_NAME

OF_A_SOURCE: Final[tuple[CheckId, ...]] = (
    "data-source-missing",
    "data-source-beside-cron",
    "data-source-without-source",
    "data-source-target-missing",
    "data-source-pointer-broken",
    "data-source-not-following-cron",
    "data-source-not-ready",
)
"""Findings on a DataSource for which whatever is cloned from it has to wait."""
_OF_A_CRON: Final[tuple[CheckId, ...]] = (
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
_OF_AN_IMAGE: Final[tuple[tuple[CheckId, Resource[Any]], ...]] = (
    ("import-failing", DATA_VOLUMES),
    ("image-volume-lost", PERSISTENT_VOLUME_CLAIMS),
    ("snapshot-content-lost", VOLUME_SNAPSHOTS),
)
_NO_CRON: Final[tuple[CheckId, ...]] = (
    "cron-not-created",
    "duplicate-managed-data-source",
    "duplicate-entry",
    "entry-without-source",
    "entry-refused-by-cdi",
    "invalid-schedule",
)
"""Why a wanted entry has no cron; about the entry or about the cron."""
_OPERATORS: Final[tuple[CheckId, ...]] = (
    "boot-image-namespace-missing",
    "ssp-paused",
    "ssp-status-stale",
    "ssp-degraded",
    "hyperconverged-status-stale",
    "hyperconverged-degraded",
    "hyperconverged-missing",
    "cdi-degraded",
)


def source_causes(key: Key, *, but: str = "") -> tuple[Cause, ...]:
    """Findings on a DataSource; `but` is the check that asks about its own subject."""
    return tuple(Cause(check, DATA_SOURCES.ref(*key)) for check in OF_A_SOURCE if check != but)


def image_causes(namespace: str, *names: str) -> Iterator[Cause]:
    """Findings on the DataVolume, claim or snapshot that an image is, or was to be."""
    for name in dict.fromkeys(names):
        if name:
            yield from (Cause(check, resource.ref(namespace, name)) for check, resource in _OF_AN_IMAGE)


def cron_causes(cron: DataImportCron, ctx: Context) -> tuple[Cause, ...]:
    """Findings on a cron, on its newest image and on where it is stored."""
    namespace, ref = cron.metadata.namespace, cron_ref(cron)
    return (
        *(Cause(check, ref) for check in _OF_A_CRON),
        *spec_causes(ref.name),
        *image_causes(namespace, cron.current_import),
        *storage_causes(cron, ctx),
        Cause("cdi-degraded"),
    )


def gone_cron_causes(cron: Ref, source: Ref, ctx: Context) -> tuple[Cause, ...]:
    """Why a cron that a DataSource's label names does not exist (any more). Reads nothing, so it fits roughly."""
    common = without_architecture(cron.name) in COMMON_SOURCES.values()
    return (
        *((Cause("common-boot-images-off"),) if common else ()),
        Cause("cron-opted-out", source),
        Cause("cron-not-created", cron),
        Cause("entry-disabled", _hco(ctx), cron.name),
        Cause("entry-disabled", _hco(ctx), without_architecture(cron.name)),
    )


def feeders_of(key: Key, ctx: Context) -> tuple[Feeder, ...]:
    """What should fill this DataSource, as far as it can be told."""
    return ctx.consult(feeders, {}).get(key, ())


def missing_causes(key: Key, ctx: Context) -> tuple[Cause, ...]:
    """Why this DataSource, or the image in it, was never made."""
    return tuple(cause for feeder in feeders_of(key, ctx) for cause in _feeder_causes(feeder, key, ctx))


OF_SSP: Final[tuple[CheckId, ...]] = ("ssp-paused", "ssp-status-stale", "ssp-degraded")
"""Why SSP does not make a DataSource that no entry fills, as it does for each system of the common templates."""


def _feeder_causes(feeder: Feeder, key: Key, ctx: Context) -> tuple[Cause, ...]:
    """Why an entry does not fill a DataSource. Findings on entries are about HCO, those on crons about the cron."""
    hco, name = _hco(ctx), feeder.name
    moved = feeder.cron.namespace != key.namespace
    elsewhere = (Cause("templates-ignore-boot-image-namespace", hco),) if moved else ()
    if feeder.exists:
        return (*elsewhere, *(Cause(check, feeder.cron) for check in _OF_A_CRON), *spec_causes(feeder.cron.name))
    if feeder.stage is Stage.DISABLED:
        gate = (Cause("common-boot-images-off", hco), Cause("modified-entry-behind-closed-gate", hco, name))
        own = (Cause("entry-disabled", hco, name), Cause("enable-annotation-mistyped", hco, name))
        return (*(gate if feeder.gated else ()), *(own if feeder.opted_out else ()))
    if feeder.stage is Stage.NOT_DEPLOYED:
        return (Cause("unsupported-architecture", hco, name),)
    named = tuple(c for check in _NO_CRON for c in (Cause(check, feeder.cron), Cause(check, hco, name)))
    opted_out = Cause("cron-opted-out", DATA_SOURCES.ref(*key))
    # What SSP has not got from HCO is reported on SSP.
    return (
        *elsewhere,
        *named,
        Cause("entry-not-propagated", part=name),
        opted_out,
        *(Cause(check) for check in _OPERATORS),
    )


def _hco(ctx: Context) -> Ref:
    return HYPERCONVERGEDS.ref(ctx.platform.operator_namespace, HCO_NAME)


def just_wanted(found: Iterable[Feeder], grace: timedelta, ctx: Context) -> datetime | None:
    """When a boot source was made or edited, if that was so short ago that its DataSource may still come."""
    recent = [f.since for f in found if f.since and f.wanted and not ctx.older(f.since, grace)]
    return max(recent, default=None)
