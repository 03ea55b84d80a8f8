"""How long healthy polling takes, shared by the checks of this layer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from exporter.checks.check import Cause, Context, Threshold
from exporter.checks.fixes import Fix, advice, command, object_args
from exporter.checks.ids import CheckId
from exporter.checks.shared.access import access_causes
from exporter.checks.shared.admission import spec_causes
from exporter.checks.shared.refs import cron_ref
from exporter.checks.shared.registries import registry_causes
from exporter.cluster.resource import Ref
from exporter.cluster.resources import NAMESPACES
from exporter.joins.crons import Polling, pollers, polling
from exporter.joins.pods import hanging_pollers
from exporter.model.cdi import NEXT_CRON_TIME, DataImportCron, RegistrySource
from exporter.model.core import CronJob, Pod

RECONCILE: Final = Threshold(
    "grace", timedelta(minutes=5), "how long CDI may take to say something about a cron, which usually takes seconds"
)
FIRST_POLL: Final = Threshold("grace", timedelta(minutes=15), "how long the first poll of a new cron may take")
PERIODS: Final = Threshold("periods", 2, "how many periods of the schedule may pass without a successful poll")
SLACK: Final = Threshold("slack", timedelta(hours=1), "what is added to these periods")
POLLING: Final = (pollers, hanging_pollers)
"""What tells how a cron is polled, and what its poller waits for: optional for checks that only want to name a cause."""
CRON_JOBS: Final = "cronjobs"
POLLERS: Final = "pollers"
"""What a quota in CDI's namespace may leave no room for."""
STOPS_POLLING: Final[tuple[CheckId, ...]] = (
    "invalid-schedule",
    "schedule-never-fires",
    "schedule-refused-by-cronjob",
    "image-stream-missing",
    "image-stream-tag-missing",
    "image-stream-import-failing",
    "source-claim-missing",
    "source-claim-unauthorized",
    "poller-image-pull-failing",
    "rival-cron",
)
"""Findings on a cron for which CDI cannot learn what its source holds."""


def polling_of(cron: DataImportCron, ctx: Context) -> Polling:
    """How this cron is polled on this version of CDI."""
    return polling(cron, ctx.platform.cdi_minor)


def hanging_poller(cron: Ref, ctx: Context) -> tuple[Ref, Pod] | None:
    """The pod of this cron's poller, if it has not started and `hanging_pollers` is known."""
    return ctx.consult(hanging_pollers, {}).get(cron)


def polling_causes(cron: DataImportCron, ctx: Context, *, room_for: str = POLLERS) -> tuple[Cause, ...]:
    """What would explain that CDI does not poll the cron at hand; `room_for`: what a quota may leave no room for."""
    hanging = hanging_poller(cron_ref(cron), ctx)
    by_cron_job = polling_of(cron, ctx) is Polling.CRON_JOB
    own: tuple[CheckId, ...] = (*STOPS_POLLING, "source-on-wrong-storage-class")
    room = Cause("quota-exhausted", part=room_for)
    return (
        Cause("cdi-degraded"),
        *(Cause(check, ctx.ref) for check in own),
        *spec_causes(cron.metadata.name),
        *((room,) if by_cron_job else ()),
        *((Cause("poller-not-starting", NAMESPACES.ref("", hanging[0].namespace)),) if hanging else ()),
        *access_causes(cron),
        *registry_causes(cron),
    )


def answer_first(cron: DataImportCron, ctx: Context, job: CronJob | None = None) -> tuple[Fix, ...]:
    """Another poll would fail like the last one, so look why, and correct that: CDI polls again by itself."""
    client, registry = ctx.platform.client, cron.source.registry or RegistrySource()
    poller, here = job.metadata.namespace if job else ctx.platform.cdi_namespace or "CDI's namespace", ctx.ref.namespace
    look = ("describe", "cronjob", job.metadata.name, "-n", poller) if job else ("describe", *object_args(ctx.ref))
    secret, authority = registry.secret_ref, registry.cert_config_map
    said = [
        f"Make {registry.url or 'the source'} answer: DNS, route, proxy and NetworkPolicy for pods of {poller}",
        f"Secret {secret} in {poller} and {here}" if secret else "credentials (secretRef), if it asks for them",
        f"ConfigMap {authority} in {poller} and {here}"
        if authority
        else "its CA (certConfigMap), if it is a private one",
    ]
    return (
        Fix(
            command(client, *look), note="Shows what became of the polls; `get events` in the same namespace says more"
        ),
        advice(f"{', '.join(said)}. CDI polls again by itself, at the latest by the schedule {cron.spec.schedule}"),
    )


def poll_now(cron: DataImportCron, ctx: Context, job: CronJob | None = None) -> Fix:
    """Make CDI poll now: the annotation of the next poll is what it waits for, a CronJob is started by hand."""
    client, name = ctx.platform.client, cron.metadata.name
    if job is not None:
        namespace = ("-n", job.metadata.namespace)
        source = f"--from=cronjob/{job.metadata.name}"
        run = command(client, "create", "job", source, f"poll-{name}"[:63], *namespace)
        return Fix(run, command(client, "get", "job", f"poll-{name}"[:63], *namespace))
    target = object_args(ctx.ref)
    return Fix(
        command(client, "annotate", *target, f"{NEXT_CRON_TIME}=2000-01-01T00:00:00Z", "--overwrite"),
        command(client, "get", *target, "-o", "jsonpath={.status.lastExecutionTimestamp}"),
    )
