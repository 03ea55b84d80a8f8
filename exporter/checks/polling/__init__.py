"""Checks on schedules and on whether anybody still looks for newer images."""

from __future__ import annotations

from typing import Final

from exporter.checks.check import Check
from exporter.checks.polling.cron_never_reconciled import cron_never_reconciled
from exporter.checks.polling.digest_unknown import digest_unknown
from exporter.checks.polling.external_digest_missing import external_digest_missing
from exporter.checks.polling.image_pinned_by_digest import image_pinned_by_digest
from exporter.checks.polling.image_stream_import_failing import image_stream_import_failing
from exporter.checks.polling.image_stream_missing import image_stream_missing
from exporter.checks.polling.image_stream_tag_missing import image_stream_tag_missing
from exporter.checks.polling.invalid_schedule import invalid_schedule
from exporter.checks.polling.poller_image_pull_failing import poller_image_pull_failing
from exporter.checks.polling.polling_frozen import polling_frozen
from exporter.checks.polling.rival_cron import rival_cron
from exporter.checks.polling.schedule_never_fires import schedule_never_fires
from exporter.checks.polling.schedule_refused_by_cronjob import schedule_refused_by_cronjob
from exporter.checks.polling.source_claim_missing import source_claim_missing
from exporter.checks.polling.source_claim_unauthorized import source_claim_unauthorized

POLLING: Final[tuple[Check, ...]] = (
    invalid_schedule,
    schedule_never_fires,
    schedule_refused_by_cronjob,
    image_pinned_by_digest,
    image_stream_missing,
    image_stream_tag_missing,
    image_stream_import_failing,
    source_claim_missing,
    source_claim_unauthorized,
    poller_image_pull_failing,
    rival_cron,
    cron_never_reconciled,
    digest_unknown,
    polling_frozen,
    external_digest_missing,
)
