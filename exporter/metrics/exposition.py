"""Exposition: what a scrape returns. Rendered lazily, only what has changed, and cached as long as nothing changes.

A scrape never asks the API server and never evaluates anything. The compressed form is put together from pieces that
were compressed one by one, so that a change costs what has changed, not what there is.
"""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import Final, NamedTuple

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPENMETRICS

from exporter.base.clock import Clock
from exporter.kube.contract import State
from exporter.metrics.block import Block, EvaluatedCluster, deflate
from exporter.metrics.family import Family
from exporter.metrics.telemetry import Telemetry
from exporter.schedule.timetable import Timetable

log = logging.getLogger(__name__)

TIMELY: Final = 15.0
"""Seconds after which families are rendered anew that change when only time passes."""
OWN: Final = 1.0
"""Seconds for which the exporter's own metrics are served again; they change with every scrape."""
_GZIP_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"


class Scrape(NamedTuple):
    """One answer."""

    pieces: tuple[bytes, ...]
    """The body. What a plain one is made of is kept anyway; joined, it would be in memory twice."""
    content_type: str
    gzipped: bool

    @property
    def body(self) -> bytes:
        """The pieces in one."""
        return b"".join(self.pieces)


class Exposition:
    """Renders families and telemetry for any number of scrapers at once."""

    def __init__(
        self,
        families: Iterable[Family],
        clusters: Mapping[str, Callable[[], EvaluatedCluster]],
        telemetry: Telemetry,
        clock: Clock,
        timetable: Timetable | None = None,
    ) -> None:
        """`clusters` by name; the only one may be called "", and then its series have no label for it."""
        self._blocks = [block for family in families for block in _blocks(family, clusters)]
        self._clusters = clusters
        self._telemetry = telemetry
        self._clock = clock
        self._timetable = timetable or Timetable()
        self._lock = Lock()
        self._seen: Mapping[str, EvaluatedCluster] = {}
        self._timely_at = -TIMELY
        self._own_at = 0.0
        self._own: dict[bool, bytes] = {}
        self._checksum: int | None = None
        self._bodies: dict[tuple[bool, bool], tuple[bytes, ...]] = {}

    def scrape(self, accept: str = "", *, gzip: bool = False) -> Scrape:
        """Everything, in the format that the Accept header asks for."""
        content_type = negotiate(accept)
        openmetrics = content_type.startswith("application/openmetrics-text")
        with self._lock:
            self._refresh()
            wanted = (openmetrics, gzip)
            if wanted not in self._bodies:
                own = self._own_text(openmetrics)
                self._bodies[wanted] = self._gzip(own) if gzip else (*(b.text for b in self._blocks), own)
            return Scrape(self._bodies[wanted], content_type, gzip)

    def _refresh(self) -> None:
        """Bring the blocks up to date, and forget the bodies that are not."""
        elapsed = self._clock.monotonic()
        if elapsed - self._own_at >= OWN:
            self._own.clear()
            self._bodies.clear()
        judged = {name: judged() for name, judged in self._clusters.items()}
        aged = elapsed - self._timely_at >= TIMELY
        if not aged and all(map(self._as_seen, judged, judged.values())):
            return
        self._seen = judged
        if aged:
            self._timely_at = elapsed
        before = [block.text for block in self._blocks]
        rendered = [block for block in self._blocks if self._refresh_block(block, judged[block.cluster], aged)]
        if rendered:
            series = sum(block.series for block in self._blocks)
            self._telemetry.note_rendering(self._clock.monotonic() - elapsed, len(rendered), series)
        if any(block.text is not text for block, text in zip(self._blocks, before, strict=True)):
            self._checksum = None
            self._bodies.clear()

    def _as_seen(self, cluster: str, judged: EvaluatedCluster) -> bool:
        """What is shown of a cluster is what there is, and nothing of it changes just because time passes."""
        seen = self._seen.get(cluster)
        return seen is not None and _is_same(seen, judged) and not _ageing(judged)

    def _refresh_block(self, block: Block, judged: EvaluatedCluster, aged: bool) -> bool:
        """Refresh one block; count its failure, and log it when it is a new one."""
        failed_before = block.crash
        rendered = block.refresh(judged, self._clock.now(), self._timetable, aged=aged)
        if rendered and block.crash is not None:
            name = block.family.name
            self._telemetry.family_failed(name)
            if failed_before is None or failed_before.summary != block.crash.summary:
                log.error(
                    "metric family failed: a defect of the exporter", extra={"family": name, "trace": block.crash.trace}
                )
        return rendered

    def _own_text(self, openmetrics: bool) -> bytes:
        if not self._own:
            self._own_at = self._clock.monotonic()
        if openmetrics not in self._own:
            self._own[openmetrics] = self._telemetry.exposition(openmetrics=openmetrics)
        return self._own[openmetrics]

    def _gzip(self, own: bytes) -> tuple[bytes, ...]:
        """One gzip member out of the pieces of all blocks and our own text."""
        if self._checksum is None:
            self._checksum = 0
            for block in self._blocks:
                self._checksum = zlib.crc32(block.text, self._checksum)
        size = sum(len(block.text) for block in self._blocks) + len(own)
        trailer = struct.pack("<LL", zlib.crc32(own, self._checksum), size & 0xFFFFFFFF)
        pieces = (block.deflated_text for block in self._blocks)
        return (b"".join([_GZIP_HEADER, *pieces, deflate(own, last=True), trailer]),)


def _blocks(family: Family, clusters: Iterable[str]) -> Iterator[Block]:
    for number, cluster in enumerate(clusters):
        yield Block(family.with_cluster(cluster, first=number == 0) if cluster else family, cluster)


def _is_same(one: EvaluatedCluster, other: EvaluatedCluster) -> bool:
    return one.cluster is other.cluster and one.report is other.report


def _ageing(judged: EvaluatedCluster) -> bool:
    """A table may become unknown just because time passes."""
    return any(table.state is State.STALE for table in judged.cluster)


def negotiate(accept: str) -> str:
    """The content type of the answer to this Accept header, as prometheus_client chooses it."""
    try:
        _, content_type = choose_encoder(accept)
    except TypeError:
        # prometheus_client compares a version that is not a number with one that is.
        return CONTENT_TYPE_PLAIN_0_0_4
    if content_type.startswith("application/openmetrics-text") and "version=1.0.0;" not in content_type:
        # It promises any version from 1.0 up that is asked for; this is what we write.
        return OPENMETRICS
    return content_type
