"""docs/resources.md: what is watched, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exporter.checks import CHECKS
from exporter.cluster.resource import Resource
from exporter.cluster.resources import WATCHED
from exporter.cluster.snapshot import STALE_AFTER
from exporter.kube.backoff import Timing
from exporter.metrics.families import FAMILIES
from tools.generate.markdown import (
    as_sentence,
    fact_list,
    format_code,
    format_link,
    format_prose,
    join_blocks,
    join_items,
    markdown_table,
)


def resources_page() -> str:
    """The resources, and what is lost without each of them."""
    rows = [
        (
            format_link(format_code(r.plural), f"#{r.plural}"),
            r.kind,
            format_code(r.group) if r.group else "core",
            join_items(map(format_code, r.versions)),
            "yes" if r.switchable else "no",
        )
        for r in WATCHED
    ]
    return join_blocks(
        "# Resources",
        "What the exporter watches. Of several versions it takes the first that the cluster serves. What the cluster "
        "does not serve is known to be empty, and is watched once it appears.",
        "The permissions for all of it are in [one role](../deploy/kustomize/base/clusterrole.yaml), a rule each. What "
        "is forbidden, or switched off with `--disable`, is not known: checks that read it are blind and say so, and "
        "metrics made from it are absent.",
        markdown_table(("Resource", "Kind", "Group", "Versions", "Can be switched off"), rows),
        *_age(),
        *(block for resource in WATCHED for block in _section(resource)),
    )


def _age() -> Iterator[str]:
    """How old a fact can be at most, from the numbers that the watches use."""
    timing, known = Timing(), int(STALE_AFTER.total_seconds() // 60)
    whole = int(timing.watch[1] + timing.slack)
    yield "## How old a fact can be"
    yield (
        "A change arrives within a second while a watch works. A connection that was lost without a word (half open) "
        "is noticed by its silence: the API server sends a bookmark about once a minute, so that "
        f"{timing.silent:.0f} seconds without a byte end the watch. A server that sends no bookmarks is believed until "
        f"the watch should have ended, for at most {whole} seconds. TCP keepalive notices a peer that is gone after "
        "about a minute, unless a load balancer answers for it."
    )
    yield (
        f"A table whose watch was lost is stale, and its rows count as known until {known} minutes after the API "
        f"server was last heard. So a fact is at most {known} minutes old, or {whole} seconds where no bookmarks come; "
        "after that its checks are blind. `bootsource_exporter_watch_last_alive_timestamp_seconds` tells when each "
        "watch last received anything."
    )
    yield _after_a_restore(timing)


def _after_a_restore(timing: Timing) -> str:
    """What becomes of facts when etcd is restored from a backup."""
    unlisted = join_items(format_code(resource.plural) for resource in WATCHED if resource.numerous)
    size = int(timing.relist / timing.relist_object)
    return (
        "An etcd that was restored from a backup loses changes without an event. The exporter notices at once if "
        "resourceVersions go backwards. If the cluster has been written to since, only a new list shows it: every "
        f"resource but {unlisted} is listed again when a watch ends and its list is older than "
        f"{timing.relist / 60:.0f} minutes. So it takes at most about {timing.watch[1] / 60:.0f} minutes for tables of "
        f"up to {size:,} objects; for larger ones {timing.relist_object * 1000:.0f} ms per object, and one watch more. "
        f"Not noticed: {unlisted} are not listed again, since lists of tens of thousands of objects would cost the API "
        "server too much. One that the restore brought back, changed back or took away stays as it was until it "
        "changes, or until the exporter restarts. Restart the exporter after a restore."
    )


def _section(resource: Resource[Any]) -> Iterator[str]:
    yield f"## {resource.plural}"
    yield format_prose(as_sentence(f"{resource.kind}: {resource.purpose}"))
    told = [("Namespaces", format_prose(resource.scope.value)), ("Cost", format_prose(as_sentence(resource.cost)))]
    if resource.label_selector:
        told.append(("Only with label", format_code(resource.label_selector)))
    if resource.field_selector:
        told.append(("Only with field", format_code(resource.field_selector)))
    if resource.at_pollers is not None:
        where = "where CDI's poller CronJobs are"
        told.append(
            ("Also", f"{where}, with label {format_code(resource.at_pollers)}" if resource.at_pollers else where)
        )
    blind = [format_link(format_code(c.id), f"checks/{c.id}.md") for c in CHECKS if resource in c.tables]
    vague = [format_link(format_code(c.id), f"checks/{c.id}.md") for c in CHECKS if resource in c.wishes]
    absent = [format_link(format_code(f.name), f"metrics.md#{f.name}") for f in FAMILIES if resource in f.required]
    told += [
        ("Checks that are blind without it", join_items(blind)),
        ("Checks that name fewer causes without it", join_items(vague)),
        ("Metrics that are absent without it", join_items(absent)),
    ]
    yield fact_list(told)
