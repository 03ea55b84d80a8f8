"""Writes results as Markdown: each quantity of both programs, their ratio, and the target."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import Final

from benchmarks.figures import median, percentile, spread
from benchmarks.results import Results
from tests.rig.build import SOURCES

US: Final = "bootsource-exporter"
PEER: Final = "kube-state-metrics"


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity: of each subject what is shown and what is compared."""

    what: str
    of: Callable[[str], tuple[str, float]]
    target: str = ""
    limit: float = float("inf")


def markdown(results: Results) -> str:
    subjects = [name for name in (US, PEER) if name in results.syncs]
    columns = ["", *subjects, *(["ratio"] if PEER in subjects else []), "target", "met"]
    lines = [
        "# Results of the last run",
        "",
        *_setting(results),
        "",
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
        *(_line(row, subjects) for row in _rows(results)),
        "",
        *_gaps(results, subjects),
    ]
    return "\n".join(lines) + "\n"


def _line(row: Row, subjects: Sequence[str]) -> str:
    found = [row.of(name) for name in subjects]
    cells = [row.what, *(shown for shown, _ in found)]
    if len(found) == 2:
        ours, theirs = (value for _, value in found)
        cells.append(f"{theirs / ours:.1f}x" if ours > 0 and not isnan(theirs) else "-")
    met = "" if not row.target else "yes" if found[0][1] <= row.limit else "no"
    return f"| {' | '.join([*cells, row.target, met])} |"


def _rows(results: Results) -> list[Row]:
    return [*_sync_rows(results), *_memory_rows(results), *_scrape_rows(results), *_event_rows(results)]


def _sync_rows(results: Results) -> list[Row]:
    full = results.machines
    drained = results.drains[full]
    wall, cpu = median([d["wall"] for d in drained]), median([d["cpu"] for d in drained])

    def walls(name: str) -> list[float]:
        return [s.wall for s in results.syncs[name][full]]

    def cpus(name: str) -> list[float]:
        return [s.cpu for s in results.syncs[name][full]]

    def times(values: list[float], yardstick: float) -> tuple[str, float]:
        return f"{median(values) / yardstick:.2f}x", median(values) / yardstick

    rows = [
        Row("first sync, s", lambda n: (spread(walls(n)), median(walls(n)))),
        Row("first sync / raw drain", lambda n: times(walls(n), wall), "<= 1.25x", 1.25),
        Row("CPU of first sync, s", lambda n: (spread(cpus(n)), median(cpus(n)))),
        Row("CPU of first sync / CPU of raw drain", lambda n: times(cpus(n), cpu), "<= 1.8x", 1.8),
    ]
    if PEER in results.syncs:
        rows.insert(
            1, Row(f"first sync / that of {PEER}", lambda n: times(walls(n), median(walls(PEER))), "<= 0.33x", 1 / 3)
        )
    return rows


def _memory_rows(results: Results) -> list[Row]:
    full, half = results.machines, results.machines // 2

    def peaks(name: str, size: int) -> list[float]:
        return [s.peak for s in results.syncs[name][size]]

    def steady(name: str, size: int) -> tuple[str, float]:
        values = [s.steady for s in results.syncs[name][size]]
        return spread(values, 1, 1), median(values)

    def growth(name: str) -> tuple[str, float]:
        value = (median(peaks(name, full)) - median(peaks(name, half))) / (full - half) * 1000
        return f"{value:.2f}", value

    def of_pair(pair: tuple[float, float]) -> tuple[str, float]:
        return f"{pair[0]:.1f}", pair[0]

    return [
        Row("peak RSS, serving, MiB", lambda n: (spread(peaks(n, full), 1, 1), median(peaks(n, full))), "<= 56", 56),
        Row("RSS afterwards, MiB", lambda n: steady(n, full)),
        Row("growth of peak RSS per 1,000 machines, MiB", growth, "<= 0.3", 0.3),
        Row("RSS without machines, MiB", lambda n: steady(n, 0)),
        Row("peak RSS after scrapes, events and changes, MiB", lambda n: of_pair(results.served[n])),
        Row("peak RSS after CRD changes and a relist, MiB", lambda n: of_pair(results.relisted[n])),
    ]


def _scrape_rows(results: Results) -> list[Row]:
    def shown(values: list[float], percent: float) -> tuple[str, float]:
        value = percentile(values, percent) * 1000
        return f"{value:.2f}", value

    scrapes = results.scrapes
    return [
        Row("series", lambda n: (f"{scrapes[n].series:,}", float("nan"))),
        Row("body, KB", lambda n: (f"{scrapes[n].identity_bytes / 1000:,.0f}", scrapes[n].identity_bytes)),
        Row("body compressed, KB", lambda n: (f"{scrapes[n].gzip_bytes / 1000:,.0f}", scrapes[n].gzip_bytes)),
        Row("scrape, unchanged, gzip, p50, ms", lambda n: shown(scrapes[n].gzip, 50), "<= 0.5", 0.5),
        Row("scrape, unchanged, gzip, p99, ms", lambda n: shown(scrapes[n].gzip, 99), "<= 5", 5),
        Row("scrape, unchanged, identity, p50, ms", lambda n: shown(scrapes[n].identity, 50)),
        Row("scrape, unchanged, identity, p99, ms", lambda n: shown(scrapes[n].identity, 99)),
        Row("scrape, unchanged, gzip, after a rest, p50, ms", lambda n: shown(scrapes[n].rested, 50)),
        Row("first scrape after a change, gzip, p50, ms", lambda n: shown(scrapes[n].changed, 50), "<= 12", 12),
        Row("first scrape after a change, gzip, p90, ms", lambda n: shown(scrapes[n].changed, 90)),
    ]


def _event_rows(results: Results) -> list[Row]:
    def shown(values: list[float], percent: float) -> tuple[str, float]:
        value = percentile(values, percent) * 1000
        return f"{value:.1f}", value

    def cpu(name: str) -> tuple[str, float]:
        value = results.events[name].per_thousand
        return f"{value:.3f}", value

    def idle(name: str) -> tuple[str, float]:
        return f"{results.events[name].idle:.2f}", results.events[name].idle

    late = results.latencies
    return [
        Row("CPU per 1,000 events, s", cpu, "<= 0.25", 0.25),
        Row("CPU while idle for as long, s", idle),
        Row("DataSource change to visible, 100 events/s, p50, ms", lambda n: shown(late[n].source, 50), "<= 12", 12),
        Row("DataSource change to visible, 100 events/s, p99, ms", lambda n: shown(late[n].source, 99), "<= 40", 40),
        Row("machine change to visible, 100 events/s, p50, ms", lambda n: shown(late[n].machine, 50), "<= 12", 12),
        Row("machine change to visible, 100 events/s, p99, ms", lambda n: shown(late[n].machine, 99), "<= 40", 40),
    ]


def _gaps(results: Results, subjects: Sequence[str]) -> list[str]:
    lines = [
        f"| series missing | {' | '.join(subjects)} | target |",
        f"|---|{'---|' * len(subjects)}---|",
    ]
    for what, of in (
        ("an unrelated CRD comes and goes", results.crd_gaps),
        ("the API server restarts and all must be listed anew", {n: r.gaps for n, r in results.relists.items()}),
    ):
        found = [of[name] for name in subjects]
        most = " | ".join(f"{gaps.most_missing:,} of {gaps.series:,}" for gaps in found)
        scrapes = " | ".join(f"{g.scrapes_with_gaps} of {g.scrapes}, for {g.seconds:.1f} s" for g in found)
        lines += [f"| {what}: at most | {most} | 0 |", f"| scrapes that lacked some | {scrapes} | 0 |"]
    lines += ["", *_findings(results)]
    lists = {name: results.relists[name].lists for name in subjects}
    told = ", ".join(f"{name} {made if made is not None else 'does not tell'}" for name, made in lists.items())
    return [*lines, "", f"Lists of machines after the restart: {told}."]


def _findings(results: Results) -> list[str]:
    """How long changes take to become findings; only we make any."""
    lines = [
        "| change to finding, s | /metrics p50 | p99 | /api p50 | p99 | CPU until then, p50 |",
        "|---|---|---|---|---|---|",
    ]
    for found in results.findings.values():
        for kind in found.metrics:
            of = ((found.metrics[kind], 50), (found.metrics[kind], 99), (found.api[kind], 50), (found.api[kind], 99))
            shown = [f"{percentile(values, percent):.2f}" for values, percent in (*of, (found.cpu[kind], 50))]
            lines.append(f"| {kind} | {' | '.join(shown)} |")
        every = [seconds for values in (*found.metrics.values(), *found.api.values()) for seconds in values]
        p50, p99 = percentile(every, 50), percentile(every, 99)
        lines.append(f"| all | {p50:.2f} (target 1.5) | {p99:.2f} (target 3) | | | |")
    return lines


def _setting(results: Results) -> list[str]:
    drained = results.drains[results.machines]
    size = median([d["bytes"] for d in drained])
    how = "with the service account of a pod" if results.in_cluster else "with a kubeconfig"
    world = (
        f"{datetime.now(UTC):%Y-%m-%d}: {results.machines:,} VirtualMachines of {size / results.machines / 1000:.1f} "
        f"KB, {results.crons} DataImportCrons, DataSources and claims; {results.runs} first syncs of each program. "
        "Median [least-most]."
    )
    machine = (
        f"Machine: {_cpu()}, {os.cpu_count()} cores, {_memory()} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {_servers()}; servers, load and programs share it. "
        f"The exporter ran {how}."
    )
    yardstick = (
        f"Raw drain (one WatchList of all machines, nothing decoded): {spread([d['wall'] for d in drained])} s, "
        f"{spread([d['cpu'] for d in drained])} s CPU, {size / 1e6:.0f} MB."
    )
    return [world, "", machine, "", yardstick]


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30


def _servers() -> str:
    modules = {"kube-apiserver": "k8s.io/kubernetes", "etcd": "go.etcd.io/etcd/server/v3"}
    found = []
    for name, module in modules.items():
        words = (SOURCES / name / "go.mod").read_text().split()
        version = words[words.index(module) + 1] if module in words else "of unknown version"
        found.append(f"{name} {version}")
    return ", ".join(found)
