"""Several things are wrong at once, and their consequences overlap."""

from __future__ import annotations

from tests.clusters.broken import entries, imports, operators, polling, references, storage
from tests.clusters.broken.changes import broken
from tests.clusters.sample import Sample


@broken("4.20")
def messy_no_default(s: Sample) -> None:
    """No default class; the gate closed where nobody looks; rhel9 kept by hand; a template of a source long gone."""
    storage.lose_defaults(s)
    entries.gate_at_dead_path(s)
    entries.cron_opted_out(s)
    references.template_source_missing(s)


@broken()
def messy_paused(s: Sample) -> None:
    """SSP is paused: a disabled source lives on. fedora's poller hangs, snapshots pile up, and a machine is lost."""
    operators.ssp_paused(s)
    entries.entry_disabled(s)
    polling.poller_image_pull_failing(s)
    imports.old_images_pile_up(s)
    references.machine_source_missing(s)


@broken("kubernetes")
def messy_refused(s: Sample) -> None:
    """A schedule degrades SSP, a second cron is never written, fedora freezes, and two classes are default."""
    polling.schedule_refused_by_cronjob(s)
    polling.polling_frozen_in_a_cronjob(s)
    storage.default_annotation_without_effect(s)
    polling.invalid_schedule(s)
